"""Quadrature on the cells: degree 4 on triangles, degree 5 on intervals.

Strang and Fix 1973; Dunavant 1985, Int. J. Numer. Methods Eng. 21, 1129.
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.types import Array

# Dunavant's rule of degree 4: two orbits (a, a, 1 - 2a) with weights
_ORBITS = ((0.445948490915965, 0.223381589678011), (0.091576213509771, 0.109951743655322))


def six_points() -> tuple[Array, Array]:
    """Barycentric points (6, 3) and weights (6,) of the degree 4 rule on a triangle."""
    points = [np.roll([a, a, 1.0 - 2.0 * a], s) for a, _ in _ORBITS for s in range(3)]
    return np.array(points), np.repeat([weight for _, weight in _ORBITS], 3)


def three_points() -> tuple[Array, Array]:
    """Barycentric points (3, 2) and weights (3,) of the degree 5 rule of Gauss on an interval."""
    s = np.sqrt(0.15)
    points = np.array([[0.5 - s, 0.5 + s], [0.5, 0.5], [0.5 + s, 0.5 - s]])
    return points, np.array([5.0, 8.0, 5.0]) / 18.0


def degree_four(dim: int) -> tuple[Array, Array]:
    """Barycentric points (p, dim + 1) and weights (p,) of a rule that is exact to degree 4."""
    return six_points() if dim == 2 else three_points()
