"""Making bodies: a problem on a mesh of its own, on the mesh of another body, or on a given one.

The mesh is fully resolved up to a radius about the defect; beyond, edges grow (`grading`). What a
body is, is in `body`.
"""

from __future__ import annotations

import numpy as np

from qcmethod import mesh as meshing
from qcmethod.base.types import Index
from qcmethod.discretisation.body import Body
from qcmethod.discretisation.grading import size_function
from qcmethod.discretisation.grading_in_space import wish_in_space
from qcmethod.discretisation.on_mesh import discretised
from qcmethod.mesh import Mesh
from qcmethod.mesh.element import ELEMENTS, Elements
from qcmethod.problems.problem import Problem
from qcmethod.problems.surface_layers import Relaxation


def resolve(
    problem: Problem,
    resolved: float,
    reach: float,
    grading: float,
    relaxation: Relaxation | None = None,
    elements: Elements = "P1",
    cluster: Index | None = None,
    edge_ratio: float | None = None,
    round_rim: bool = False,
) -> Body:
    """Mesh the problem, resolved to a distance from the defect; sites to the distance `reach`, A.

    `reach` may be infinite: then all sites of the domain are listed. `relaxation` moves the layers
    of free surfaces. `cluster` (m, dim) holds the steps from a node to the other sites of
    its cluster; then `reach` is counted from the sites of clusters.
    """
    lattice = problem.crystal.lattice
    origin = problem.origin[: lattice.dim]
    cover = problem.extent + float(np.linalg.norm(origin))
    if lattice.dim == 3:
        wish = wish_in_space(problem, resolved, grading, ELEMENTS[elements])
        base: Mesh = meshing.graded_in_space(lattice.basis, cover, wish, lattice.repeats)
    else:
        size = size_function(problem, resolved, grading, ELEMENTS[elements], edge_ratio)
        seeds = problem.centres[:, : lattice.dim] - origin
        base = meshing.graded(lattice.plane_basis, cover, size, seeds=seeds)
    return discretised(
        problem, problem.opened(base), reach, relaxation, elements, cluster, round_rim
    )


def healed(problem: Problem, body: Body, reach: float) -> Body:
    """A problem without cuts on the mesh of another body, closed."""
    mesh = meshing.join_flank(body.mesh)
    return discretised(problem, mesh, reach, None, body.elements, body.cluster, body.round_rim)


def reloaded(problem: Problem, body: Body, reach: float, relaxation: Relaxation | None) -> Body:
    """The same domain with another predictor on the mesh of another body."""
    return discretised(
        problem, body.mesh, reach, relaxation, body.elements, body.cluster, body.round_rim
    )


def on_mesh(
    problem: Problem,
    mesh: Mesh,
    reach: float,
    relaxation: Relaxation | None,
    elements: Elements = "P1",
    cluster: Index | None = None,
    round_rim: bool = False,
) -> Body:
    """The problem on a mesh that was made elsewhere."""
    return discretised(problem, mesh, reach, relaxation, elements, cluster, round_rim)


def healed_dofs(body: Body, whole: Body) -> Index:
    """Where the degrees of freedom of a healed body are in the body that was healed, (n_k,).

    What doubled nodes and edges of the flank share goes to the upper ones; -1 for the bubbles, in
    space for the nodes, of the half of a crystal that was filled in.
    """
    nodes = meshing.find_nodes(body.mesh, whole.mesh.ij)
    one = np.where(body.mesh.lower_of >= 0, body.mesh.lower_of, np.arange(body.mesh.n_nodes))
    pair = np.sort(one[body.bubbles.edges], axis=1)
    key = pair[:, 0] * np.int64(body.mesh.n_nodes) + pair[:, 1]
    there = np.sort(nodes[whole.bubbles.edges], axis=1)
    wanted = there[:, 0] * np.int64(body.mesh.n_nodes) + there[:, 1]
    order = np.lexsort((body.bubbles.edges.max(axis=1), key))  # of two sides the upper one first
    at = np.searchsorted(key[order], wanted)
    bubble = np.append(order, 0)[at]
    has = np.append(key[order], -1)[at] == wanted
    return np.concatenate([nodes, np.where(has, body.mesh.n_nodes + bubble, -1)])
