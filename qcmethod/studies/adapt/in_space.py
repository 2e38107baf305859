"""The meshes of an adaptive run in space: wishes for the edges of cells that balls hold.

    h = 0 where the ball meets the resolved zone,     FRONT step + SLOPE d elsewhere

d is the distance from that zone. No cell that a ball around it keeps away from the zone is asked
at single points, so no site of the zone is missed (`mesh.space.nodes.Wish`).
"""

from __future__ import annotations

import numpy as np

from qcmethod import mesh as meshing
from qcmethod.base.types import Array
from qcmethod.mesh import Tetrahedra
from qcmethod.mesh.space.core import longest_extent
from qcmethod.problems.problem import Problem

REACH = 2.0**10
"""The macro mesh covers this many times the first extent."""

FRONT, SLOPE = 2.7, 1.35
"""Edges of the first mesh: FRONT lattice steps at the rim of the resolved zone, growing with SLOPE
times the distance from it."""


def first_in_space(problem: Problem, radius: float) -> Tetrahedra:
    """The coarsest sensible mesh: resolved to a radius, A, about the zone."""
    basis, step = problem.crystal.lattice.basis, problem.crystal.lattice.step

    def wish(centre: Array, ball: Array) -> Array:
        d = problem.distance(centre + problem.origin) - radius
        near = np.maximum(d - 0.5 * ball, 0.0)
        return np.where(d - ball <= 0.0, 0.0, FRONT * step + SLOPE * near)

    cover = problem.extent + float(np.linalg.norm(problem.origin))
    most = longest_extent(basis)
    return meshing.graded_in_space(basis, max(cover, min(REACH * cover, most)), wish)


def resolved_in_space(problem: Problem, mesh: Tetrahedra, radius: float) -> Tetrahedra:
    """The mesh with every site within a radius, A, of the zone a node."""
    zone = problem.focus

    def wish(centre: Array, ball: Array) -> Array:
        near = zone.distance(centre + problem.origin) - ball <= radius
        return np.where(near, 0.0, np.inf)

    return meshing.refined_to(mesh, wish)
