"""How fast the mesh of a problem coarsens: edges of length h at the distance d from the defect.

    h(d) = 0 (resolved) for d <= R,     h(d) = c h1 (d/R)^g,  at most h1 + s (d - R), at least h1

h1 = 3/2 of the longest edge of the finest cells (bisection makes edges between h/2 and h). The
optimal exponent minimises the interpolation error of degree p at a given number of nodes,

    int h^(2p) |grad^(p+1) u|^2 r dr  with  int h^-2 r dr  fixed,   |grad^j u| ~ r^(-1-j)
    =>  g = (p + 2)/(p + 1):  3/2 for P1 and 4/3 for P2

(Ortner and Shapeev 2013; Luskin and Ortner 2013, Acta Numerica 22, 397; Dedner, Ortner and Wu
2017). c and s are measured: P2 cells may be four times as long, and grow as fast as bisection
allows, before their error shows. The far field of a crack or a dislocation then feels the rim,
which clamps nodes and so is as ragged as the edges there are long: for P2 and a singular predictor

    h(r) <= 1/5 extent + |r - (extent - rim)|
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from qcmethod.problem import Problem

Array = NDArray[np.float64]
Elements = Literal["P1", "P2"]
GRADING: dict[Elements, float] = {"P1": 1.5, "P2": 4.0 / 3.0}
"""The optimal exponent g for a point defect in the plane."""
GROWTH: dict[Elements, tuple[float, float]] = {"P1": (1.0, 0.5), "P2": (4.0, 1.5)}
"""The factor c and the slope s."""
RIM = 0.2
"""Longest edge of P2 cells at the rim, in units of the extent, if the predictor is singular."""


def size_function(
    problem: Problem, resolved: float, grading: float, elements: Elements
) -> Callable[[Array], Array]:
    """The longest edge wanted (n,), A, at positions of the lattice frame (n, dim), A.

    resolved : distance from the defect within which every site is a node, A; grading : exponent g
    """
    lattice = problem.crystal.lattice
    origin = problem.origin[: lattice.dim]
    step = 1.5 * finest_edge(lattice.plane_basis)
    radius = max(resolved, step)
    front, slope = GROWTH[elements]
    edge = problem.extent - problem.rim
    ragged = elements == "P1" or problem.predictor.singular is None

    def size(x: Array) -> Array:
        plane = np.zeros((len(x), 2))
        plane[:, : lattice.dim] = x + origin
        d = problem.distance(plane)
        rise = slope * np.maximum(d - radius, 0.0) + step
        h = np.minimum(front * step * (d / radius) ** grading, rise)
        if not ragged:
            to_rim = np.abs(np.linalg.norm(plane, axis=1) - edge)
            h = np.minimum(h, RIM * problem.extent + to_rim)
        return np.where(d <= radius, 0.0, np.maximum(h, step))

    return size


def finest_edge(plane_basis: Array) -> float:
    """Longest edge of a finest bisection cell, A: the long diagonal of the lattice cell."""
    edges = np.concatenate(
        [plane_basis, [plane_basis.sum(axis=0), plane_basis[0] - plane_basis[-1]]]
    )
    return float(np.linalg.norm(edges, axis=1).max())
