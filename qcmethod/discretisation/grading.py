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

and 1/10 for any elements under an indenter: the displacement of a line force does not decay, so
where the rim is clamped decides how deep the surface sinks.

About a crack an edge ratio q may take the place of the grading. At a given number of nodes the
load that the tip feels is best when every cell has the same share in the product of the errors of
the corrector u and of its derivative z by the load, h^4 |grad^2 u| |grad^2 z| (goal-oriented
estimates: Becker and Rannacher 2001, Acta Numerica 10, 1). In a fully atomistic crack tip both were
measured: h grows as the distance r from the tip, is shorter where the shear is greatest, levels off
towards the clamped rim (radius R), and is short where the free flanks end in it,

    h(r, theta) = q min(r, 3/5 R) (1 - 2/5 sin^2 theta),     h <= h1/2 + |x + R e_x|
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from qcmethod.base.types import Array
from qcmethod.mesh.element import Element
from qcmethod.mesh.shape import finest_edge
from qcmethod.problems.problem import Problem

RIM_OF_CONTACT = 0.1
"""Longest edge of all cells at the rim of a half disc under an indenter, in units of the extent."""


def size_function(
    problem: Problem,
    resolved: float,
    grading: float,
    element: Element,
    edge_ratio: float | None = None,
) -> Callable[[Array], Array]:
    """The longest edge wanted (n,), A, at positions of the lattice frame (n, dim), A.

    resolved : distance from the defect within which every site is a node, A; grading : exponent g;
    edge_ratio : q, of a crack, in place of it
    """
    lattice = problem.crystal.lattice
    origin = problem.origin[: lattice.dim]
    step = 1.5 * finest_edge(lattice.plane_basis)
    radius = max(resolved, step)
    front, slope = element.growth
    edge = problem.free.radius
    longest = np.inf if problem.predictor.singular is None else element.rim
    if problem.external:
        longest = RIM_OF_CONTACT

    def size(x: Array) -> Array:
        plane = np.zeros((len(x), 2))
        plane[:, : lattice.dim] = x + origin
        d = problem.distance(plane)
        rise = slope * np.maximum(d - radius, 0.0) + step
        if edge_ratio is not None:
            h = np.minimum(_about_a_tip(plane, edge, edge_ratio, step), 2.0 * (d - radius) + step)
            h[np.linalg.norm(plane, axis=1) > edge + 2.0 * step] = np.inf  # clamped
        else:
            h = np.minimum(front * step * (d / radius) ** grading, rise)
        if np.isfinite(longest):
            to_rim = np.abs(np.linalg.norm(plane, axis=1) - edge)
            h = np.minimum(h, longest * problem.extent + to_rim)
        return np.where(d <= radius, 0.0, np.maximum(h, step))

    return size


def _about_a_tip(x: Array, radius: float, ratio: float, step: float) -> Array:
    """Edges (n,), A, at x (n, 2) from a crack tip whose domain is clamped beyond a radius, A."""
    r = np.linalg.norm(x, axis=1)
    sine2 = (x[:, 1] / np.maximum(r, 1e-9)) ** 2
    corner = np.linalg.norm(x + np.array([radius, 0.0]), axis=1)
    h = ratio * np.minimum(r, 0.6 * radius) * (1.0 - 0.4 * sine2)
    return np.minimum(h, 0.5 * step + corner)
