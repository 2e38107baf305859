"""A problem on a given mesh: which cells are in the domain, which sites are listed, their maps."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from qcmethod import mesh as meshing
from qcmethod.base.types import Array, Bools, Index
from qcmethod.discretisation.body import Body
from qcmethod.discretisation.kinematics import Kinematics
from qcmethod.lattice.plane import in_plane
from qcmethod.mesh import Bubbles, Mesh
from qcmethod.mesh.cells import CellGeometry
from qcmethod.mesh.element import ELEMENTS, Element, Elements
from qcmethod.mesh.round_rim import on_circle
from qcmethod.mesh.shape import p1_gradients
from qcmethod.problems.problem import Problem
from qcmethod.problems.surface_layers import Relaxation


def discretised(
    problem: Problem,
    mesh: Mesh,
    reach: float,
    relaxation: Relaxation | None,
    elements: Elements,
    cluster: Index | None,
    round_rim: bool,
) -> Body:
    """Everything about a problem on a mesh; arguments as those of `discretisation.resolve`."""
    x_k, in_domain, gradients, volume = _nodes_and_cells(problem, mesh, round_rim)
    vertices, cell = meshing.canonical(mesh), np.flatnonzero(in_domain)
    element = ELEMENTS[elements]
    bubbles = Bubbles.none(mesh, element)
    if element.on_edges:
        bubbles = _bubbles(problem, mesh, in_domain, element)
    fine = mesh.is_finest[cell] | (problem.predictor.singular is None)
    of_cell, n_nodes = bubbles.of_cell[cell], mesh.n_nodes
    cells, barycentric = CellGeometry.build(
        vertices[cell],
        gradients[cell],
        volume[cell],
        fine,
        n_nodes + len(bubbles),
        element,
        np.where(of_cell >= 0, n_nodes + of_cell, -1),
    )
    corner = vertices[cell][cells.point_cell]
    x_q = np.einsum("qv,qva->qa", barycentric, x_k[corner])
    side_q = np.where(_below(mesh, vertices[cell]), -1, 0).astype(np.int8)[cells.point_cell]
    if cluster is None:
        ij_l = problem.sites(problem.domain & problem.focus.grown(reach))
        S = meshing.interpolation(mesh, ij_l, bubbles=bubbles)
    else:
        ij_l = meshing.points_around(
            mesh, np.unique(vertices[cell]), reach + _longest(mesh, cluster)
        )
        ij_l = ij_l[~problem.is_removed(ij_l)]
        S = meshing.interpolation_beyond(mesh, ij_l)
    x_l = problem.position(ij_l)
    y0_l = x_l + problem.predictor.displacement(x_l, np.zeros(len(x_l), dtype=np.int8))
    if relaxation is not None:
        y0_l = y0_l + relaxation.displacement(problem, ij_l, x_l)
    return Body(
        problem=problem,
        mesh=mesh,
        bubbles=bubbles,
        x_k=np.concatenate([x_k, bubbles.middle(x_k)]),
        cell=cell,
        ij_l=ij_l,
        x_l=x_l,
        kinematics=Kinematics(y0_l, S, problem.predictor.gradient(x_q, side_q), cells),
        site_of_node=_site_of_node(S),
        cluster=cluster,
        round_rim=round_rim,
    )


def _bubbles(problem: Problem, mesh: Mesh, in_domain: Bools, element: Element) -> Bubbles:
    """Bubbles of the cells that are not resolved, on edges whose middle is not clamped."""

    def inside(ij: Array) -> Bools:
        return problem.free.contains(problem.position(ij))

    return meshing.edge_bubbles(mesh, in_domain & ~mesh.is_finest, inside, element)


def _nodes_and_cells(
    problem: Problem, mesh: Mesh, round_rim: bool
) -> tuple[Array, Bools, Array, Array]:
    """Positions (n_k, 3) of the nodes, A; which cells (n_c,) are in the domain; P1 gradients and
    volumes, in sites, of all."""
    x_k, vertices = problem.position(mesh.ij), meshing.canonical(mesh)
    gradients, volume = meshing.gradients(mesh)
    in_domain = np.any((problem.from_centre(x_k) < problem.extent)[vertices], axis=1)
    in_domain &= ~problem.is_void(mesh.ij)[vertices].any(axis=1)  # a cut is a line of the mesh
    if round_rim:
        plane, basis = in_plane(x_k), problem.crystal.lattice.plane_basis
        row = float(problem.origin[1])
        plane[:], inside = on_circle(plane, vertices, basis, problem.free.radius, row)
        gradients, area = p1_gradients(plane[vertices])
        volume = np.abs(area) / abs(float(np.linalg.det(basis)))
        in_domain &= inside
    return x_k, in_domain, gradients, volume


def _below(mesh: Mesh, vertices: Index) -> Bools:
    """Cells under the row of an opened flank: there the field is continued from below."""
    if not mesh.is_split:
        return np.zeros(len(vertices), dtype=bool)
    below: Bools = mesh.ij[vertices][:, :, 1].sum(axis=1) < 0
    return below


def _longest(mesh: Mesh, steps: Index) -> float:
    """Length of the longest of some lattice steps (m, dim), A."""
    return float(np.linalg.norm(steps @ mesh.basis, axis=1).max(initial=0.0))


def _site_of_node(S: csr_array) -> Index:
    """For each node the site that sits on it, else -1."""
    on_node = np.flatnonzero(np.diff(S.indptr) == 1)
    site = np.full(S.shape[1], -1, dtype=np.int64)
    site[S.indices[S.indptr[on_node]]] = on_node
    return site
