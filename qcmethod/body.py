"""The discretised body: nodes, sites, cells, and the linear maps from the corrector to both.

    y_l = y0(x_l) + sum_k N_k(x_l) u_k  =  y0(x_l) + (S u)_l        positions of lattice sites
    F_q = grad y0(x_q) + sum_k u_k (x) grad N_k                     gradients in cells

The mesh is fully resolved up to a radius about the defect; beyond, edges grow as

    h(d) = 3/2 h0 (d/R)^grading,   at most (d - R)/2 + 3/2 h0 and at least 3/2 h0,

h0 the longest edge of the finest cells (bisection makes edges between h/2 and h). The exponent 3/2
is the optimal grading of P1 elements for the far field of a corrector (Ortner and Shapeev 2013;
Luskin and Ortner 2013, Acta Numerica 22, 397).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from qcmethod import mesh as meshing
from qcmethod.cells import CellGeometry
from qcmethod.mesh import Mesh
from qcmethod.problem import Problem
from qcmethod.surface import Relaxation

Array = NDArray[np.float64]
Index = NDArray[np.int64]


@dataclass(frozen=True)
class Body:
    """Everything about a problem on a mesh that does not depend on the coupling method.

    Attributes
    ----------
    problem, mesh : what was discretised, and the (split) mesh
    x_k : (n_k, 3) reference positions of the nodes, A
    cell : indices of the cells of the mesh that are in the domain; all cell arrays follow it
    cells : geometry and quadrature of those cells
    F0_q : (n_q, 3, 3) gradient of the predictor at the quadrature points
    ij_l, x_l, y0_l : (n_l, dim), (n_l, 3), (n_l, 3) lattice sites around the defect: integer
        coordinates, reference and predicted positions, A
    S : (n_l, n_k) interpolation from nodes to sites
    site_of_node : (n_k,) site at a node, -1 where there is none
    """

    problem: Problem
    mesh: Mesh
    x_k: Array
    cell: Index
    cells: CellGeometry
    F0_q: Array
    ij_l: Index
    x_l: Array
    y0_l: Array
    S: csr_array
    site_of_node: Index

    @property
    def n_nodes(self) -> int:
        """Number of nodes of the mesh."""
        return len(self.x_k)

    @cached_property
    def used(self) -> NDArray[np.bool_]:
        """(n_k,) nodes that belong to a cell of the domain."""
        used = np.zeros(self.n_nodes, dtype=bool)
        used[self.cells.vertices] = True
        return used

    @cached_property
    def on_lower_flank(self) -> NDArray[np.bool_]:
        """(n_c,) cells with a node of the lower flank, which carries no site."""
        copies = self.mesh.lower_of >= 0
        return np.any(copies[self.cells.vertices], axis=1)

    @cached_property
    def y0_k(self) -> Array:
        """(n_k, 3) predicted positions of the nodes, A."""
        side = np.where(self.mesh.lower_of >= 0, -1, 0).astype(np.int8)
        return self.x_k + self.problem.predictor.displacement(self.x_k, side)

    def positions(self, u: Array) -> Array:
        """Positions of the sites (n_l, 3) at the corrector u (n_k, 3), A."""
        return self.y0_l + self.S @ u

    def deformation(self, u: Array) -> Array:
        """F at the quadrature points (n_q, 3, 3) at the corrector u (n_k, 3)."""
        return self.F0_q + self.cells.gradient_of(u)


def resolve(
    problem: Problem,
    resolved: float,
    reach: float,
    grading: float,
    relaxation: Relaxation | None = None,
) -> Body:
    """Mesh the problem, resolved to a distance from the defect; sites to the distance `reach`, A.

    `reach` may be infinite: then all sites of the domain are listed. `relaxation` moves the layers
    next to a crack flank.
    """
    lattice = problem.crystal.lattice
    origin = problem.origin[: lattice.dim]
    step = 1.5 * finest_edge(lattice.plane_basis)
    radius = max(resolved, step)

    def size(x: Array) -> Array:
        """Longest edge wanted at x (n, dim), A."""
        plane = np.zeros((len(x), 2))
        plane[:, : lattice.dim] = x + origin
        d = problem.distance(plane)
        h = np.minimum(step * (d / radius) ** grading, 0.5 * np.maximum(d - radius, 0.0) + step)
        return np.where(d <= radius, 0.0, np.maximum(h, step))

    cover = problem.extent + float(np.linalg.norm(origin))
    seeds = np.linspace(problem.row[0], problem.row[1], 33)[:, : lattice.dim] - origin
    base = meshing.graded(lattice.plane_basis, cover, size, seeds=seeds)
    split = meshing.split_flank(base) if problem.flank else base
    return _body(problem, split, reach, relaxation)


def healed(problem: Problem, body: Body, reach: float) -> Body:
    """A problem without a flank on the mesh of another body, whose flank is closed."""
    return _body(problem, meshing.join_flank(body.mesh), reach, None)


def finest_edge(plane_basis: Array) -> float:
    """Longest edge of a finest bisection cell, A: the long diagonal of the lattice cell."""
    edges = np.concatenate(
        [plane_basis, [plane_basis.sum(axis=0), plane_basis[0] - plane_basis[-1]]]
    )
    return float(np.linalg.norm(edges, axis=1).max())


def _body(problem: Problem, mesh: Mesh, reach: float, relaxation: Relaxation | None) -> Body:
    x_k = problem.position(mesh.ij)
    vertices = meshing.canonical(mesh)
    inside = np.linalg.norm(x_k[:, :2], axis=1) < problem.extent
    cell = np.flatnonzero(inside[vertices].any(axis=1))
    gradients, volume = meshing.gradients(mesh)
    fine = mesh.is_finest[cell] | (problem.predictor.singular is None)
    cells, barycentric = CellGeometry.build(
        vertices[cell], gradients[cell], volume[cell], fine, mesh.n_nodes
    )
    corner = vertices[cell][cells.point_cell]
    x_q = np.einsum("qv,qva->qa", barycentric, x_k[corner])
    side_q = np.where(_below(mesh, vertices[cell]), -1, 0).astype(np.int8)[cells.point_cell]
    ij_l = _sites(problem, mesh, reach)
    x_l = problem.position(ij_l)
    y0_l = x_l + problem.predictor.displacement(x_l, np.zeros(len(x_l), dtype=np.int8))
    if relaxation is not None:
        y0_l = y0_l + relaxation.displacement(problem, ij_l, x_l)
    S = meshing.interpolation(mesh, ij_l)
    return Body(
        problem=problem,
        mesh=mesh,
        x_k=x_k,
        cell=cell,
        cells=cells,
        F0_q=problem.predictor.gradient(x_q, side_q),
        ij_l=ij_l,
        x_l=x_l,
        y0_l=y0_l,
        S=S,
        site_of_node=_site_of_node(S),
    )


def _below(mesh: Mesh, vertices: Index) -> NDArray[np.bool_]:
    """Cells under the row of an opened flank: there the field is continued from below."""
    if not mesh.is_split:
        return np.zeros(len(vertices), dtype=bool)
    below: NDArray[np.bool_] = mesh.ij[vertices][:, :, 1].sum(axis=1) < 0
    return below


def _sites(problem: Problem, mesh: Mesh, reach: float) -> Index:
    """Integer coordinates of the lattice sites within `reach` of the defect and in the domain."""
    lattice = problem.crystal.lattice
    radius = min(problem.extent, reach + float(np.linalg.norm(problem.row, axis=1).max()))
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
