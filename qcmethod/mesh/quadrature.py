"""Quadrature on the cells: degree 4 on triangles, degree 5 on intervals and tetrahedra.

Strang and Fix 1973; Dunavant 1985, Int. J. Numer. Methods Eng. 21, 1129; Walkington 2000,
Quadrature on simplices of arbitrary dimension (Carnegie Mellon University).
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


# Walkington's rule: (a, a, a, 1 - 3a) twice, (a, a, 1/2 - a, 1/2 - a), with weights
_CORNERS = ((0.3108859192633006, 0.1126879257180159), (0.0927352503108912, 0.0734930431163619))
_EDGES = (0.0455037041256496, 0.0425460207770815)


def fourteen_points() -> tuple[Array, Array]:
    """Barycentric points (14, 4) and weights (14,) of the degree 5 rule on a tetrahedron."""
    corners = [np.roll([a, a, a, 1.0 - 3.0 * a], s) for a, _ in _CORNERS for s in range(4)]
    (a, weight), edges = _EDGES, []
    for v in range(4):
        for w in range(v):
            point = np.full(4, a)
            point[[v, w]] = 0.5 - a
            edges.append(point)
    weights = np.concatenate([np.repeat([w for _, w in _CORNERS], 4), np.full(6, weight)])
    return np.array(corners + edges), weights / weights.sum()


def four_points() -> tuple[Array, Array]:
    """Barycentric points (4, 4) and weights (4,) of the degree 2 rule on a tetrahedron."""
    a = (5.0 - np.sqrt(5.0)) / 20.0
    return a + (1.0 - 4.0 * a) * np.eye(4), np.full(4, 0.25)


def degree_four(dim: int) -> tuple[Array, Array]:
    """Barycentric points (p, dim + 1) and weights (p,) of a rule that is exact to degree 4."""
    return {1: three_points, 2: six_points, 3: fourteen_points}[dim]()
