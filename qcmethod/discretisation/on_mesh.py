"""A problem on a given mesh: which cells are in the domain, which sites are listed, their maps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from qcmethod import mesh as meshing
from qcmethod.base.types import Array, Index
from qcmethod.discretisation.body import Body
from qcmethod.discretisation.kinematics import Kinematics
from qcmethod.mesh import Bubbles, Mesh
from qcmethod.mesh.cells import CellGeometry
from qcmethod.mesh.element import ELEMENTS, Element, Elements
from qcmethod.mesh.round_rim import on_circle, shape_functions
from qcmethod.problems.problem import Problem
from qcmethod.problems.surface_layers import Relaxation


def discretised(
    problem: Problem,
    mesh: Mesh,
    reach: float,
    relaxation: Relaxation | None,
    elements: Elements,
    cluster: float | None,
    round_rim: bool,
) -> Body:
    """Everything about a problem on a mesh; arguments as those of `body.resolve`."""
    x_k = problem.position(mesh.ij)
    vertices = meshing.canonical(mesh)
    gradients, volume = meshing.gradients(mesh)
    in_domain = (np.linalg.norm(x_k[:, :2], axis=1) < problem.extent)[vertices].any(axis=1)
    if problem.flank == "surface":  # the row j = 0 is a mesh line: no cell straddles it
        in_domain &= (mesh.ij[:, 1] <= 0)[vertices].all(axis=1)
    if round_rim:
        x_k[:, :2], inside = on_circle(problem, x_k[:, :2], vertices)
        gradients, volume = shape_functions(problem, x_k[:, :2], vertices)
        in_domain &= inside
    cell = np.flatnonzero(in_domain)
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
        ij_l = _sites(problem, mesh, reach)
    else:
        ij_l = meshing.points_around(mesh, np.unique(vertices[cell]), cluster + reach)
        ij_l = ij_l[~problem.is_removed(ij_l)]
    x_l = problem.position(ij_l)
    y0_l = x_l + problem.predictor.displacement(x_l, np.zeros(len(x_l), dtype=np.int8))
    if relaxation is not None:
        y0_l = y0_l + relaxation.displacement(problem, ij_l, x_l)
    if cluster is None:
        S = meshing.interpolation(mesh, ij_l, bubbles=bubbles)
    else:
        S = meshing.interpolation_beyond(mesh, ij_l)
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


def _bubbles(
    problem: Problem, mesh: Mesh, in_domain: NDArray[np.bool_], element: Element
) -> Bubbles:
    """Bubbles of the cells that are not resolved, on edges whose middle is not clamped."""

    def inside(ij: Array) -> NDArray[np.bool_]:
        x = ij @ problem.crystal.lattice.plane_basis + problem.origin[: mesh.dim]
        free: NDArray[np.bool_] = np.linalg.norm(x, axis=1) <= problem.extent - problem.rim
        return free

    return meshing.edge_bubbles(mesh, in_domain & ~mesh.is_finest, inside, element)


def _below(mesh: Mesh, vertices: Index) -> NDArray[np.bool_]:
    """Cells under the row of an opened flank: there the field is continued from below."""
    if not mesh.is_split:
        return np.zeros(len(vertices), dtype=bool)
    below: NDArray[np.bool_] = mesh.ij[vertices][:, :, 1].sum(axis=1) < 0
    return below


def _sites(problem: Problem, mesh: Mesh, reach: float) -> Index:
    """Integer coordinates of the lattice sites within `reach` of the defect and in the domain."""
    lattice = problem.crystal.lattice
    radius = min(problem.extent, reach + float(np.linalg.norm(problem.centres, axis=1).max()))
    dual = np.linalg.inv(lattice.plane_basis)
    bound = (radius + np.linalg.norm(problem.origin[:2])) * np.linalg.norm(dual, axis=0) + 1.0
    axes = [np.arange(-int(b), int(b) + 1) for b in bound]
    # rows of sites one after another: neighbours are near in memory
    grid = np.meshgrid(*axes[::-1], indexing="ij")[::-1]
    ij = np.stack([g.ravel() for g in grid], axis=1)
    x = problem.position(ij)
    keep = (np.linalg.norm(x[:, :2], axis=1) <= problem.extent) & (problem.euclidean(x) <= reach)
    ij = ij[keep]
    return ij[~problem.is_removed(ij)]


def _site_of_node(S: csr_array) -> Index:
    """For each node the site that sits on it, else -1."""
    on_node = np.flatnonzero(np.diff(S.indptr) == 1)
    site = np.full(S.shape[1], -1, dtype=np.int64)
    site[S.indices[S.indptr[on_node]]] = on_node
    return site
