"""The discretised body: nodes, sites, cells, and the linear maps from the corrector to both.

    y_l = y0(x_l) + sum_k N_k(x_l) u_k  =  y0(x_l) + (S u)_l        positions of lattice sites
    F_q = grad y0(x_q) + sum_k u_k (x) grad N_k                     gradients in cells

The mesh is fully resolved up to a radius about the defect; beyond, edges grow (`grading`).

With P2 elements the edges between cells beyond the resolved zone, where nodes are sites, carry a
bubble each (`mesh.bubbles`): degrees of freedom of u that follow those of the nodes. Their rows of
u are coefficients, not displacements; `nodal` gives the displacement at the middle of the edge.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from qcmethod import mesh as meshing
from qcmethod.cells import CellGeometry
from qcmethod.grading import Elements, size_function
from qcmethod.mesh import Bubbles, Mesh
from qcmethod.mesh.bubbles import bubble_gradients
from qcmethod.problem import Problem
from qcmethod.rim import located, on_circle, shape_functions
from qcmethod.surface import Relaxation

Array = NDArray[np.float64]
Index = NDArray[np.int64]


@dataclass(frozen=True)
class Body:
    """Everything about a problem on a mesh that does not depend on the coupling method.

    Attributes
    ----------
    problem, mesh : what was discretised, and the (split) mesh
    bubbles : those of P2 cells; degrees of freedom k count the nodes of the mesh, then the bubbles
    x_k : (n_k, 3) reference positions of the nodes and of the middles of edges with a bubble, A
    cell : indices of the cells of the mesh that are in the domain; all cell arrays follow it
    cells : geometry and quadrature of those cells
    F0_q : (n_q, 3, 3) gradient of the predictor at the quadrature points
    ij_l, x_l, y0_l : (n_l, dim), (n_l, 3), (n_l, 3) lattice sites around the defect: integer
        coordinates, reference and predicted positions, A
    S : (n_l, n_k) interpolation from nodes and bubbles to sites
    site_of_node : (n_k,) site at a node, -1 where there is none
    cluster : radius of the clusters about the nodes around which sites are listed too, A
    round_rim : whether the nodes at the clamped rim were drawn to a circle (`qcmethod.rim`)
    """

    problem: Problem
    mesh: Mesh
    bubbles: Bubbles
    x_k: Array
    cell: Index
    cells: CellGeometry
    F0_q: Array
    ij_l: Index
    x_l: Array
    y0_l: Array
    S: csr_array
    site_of_node: Index
    cluster: float | None = None
    round_rim: bool = False

    @property
    def n_nodes(self) -> int:
        """Number n_k of nodes of the mesh and of bubbles."""
        return len(self.x_k)

    @property
    def elements(self) -> Elements:
        """ "P2" if there are bubbles."""
        return "P2" if len(self.bubbles) else "P1"

    @cached_property
    def used(self) -> NDArray[np.bool_]:
        """(n_k,) nodes that belong to a cell of the domain, and all bubbles."""
        used = np.zeros(self.n_nodes, dtype=bool)
        used[self.cells.nodes] = True
        return used

    @cached_property
    def is_bubble(self) -> NDArray[np.bool_]:
        """(n_k,) degrees of freedom that are bubbles."""
        return np.arange(self.n_nodes) >= self.mesh.n_nodes

    @cached_property
    def is_lower(self) -> NDArray[np.bool_]:
        """(n_k,) copies of doubled nodes, which carry no site."""
        return self.on_dofs(self.mesh.lower_of >= 0, False)

    @cached_property
    def is_removed(self) -> NDArray[np.bool_]:
        """(n_k,) nodes at missing sites."""
        return self.on_dofs(self.problem.is_removed(self.mesh.ij), False)

    def on_dofs(self, on_nodes: NDArray[np.bool_], on_bubbles: bool) -> NDArray[np.bool_]:
        """A mask of the nodes of the mesh, continued to the bubbles, (n_k,)."""
        return np.concatenate([on_nodes, np.full(len(self.bubbles), on_bubbles)])

    def nodal(self, u: Array) -> Array:
        """Values (n_k, ...) of a field at `x_k`, nodes and middles of edges, from its u (n_k, ...).

        With P1 elements they are u itself.
        """
        if not len(self.bubbles):
            return u
        n = self.mesh.n_nodes
        return np.concatenate([u[:n], self.bubbles.middle(u[:n]) + u[n:]])

    def coefficients(self, values: Array) -> Array:
        """The u (n_k, ...) of a field with these values (n_k, ...) at `x_k`; reverses `nodal`."""
        if not len(self.bubbles):
            return values
        n = self.mesh.n_nodes
        return np.concatenate([values[:n], values[n:] - self.bubbles.middle(values[:n])])

    def interpolation(self, ij: Index) -> csr_array:
        """Interpolation (n, n_k) from u to lattice points ij (n, dim) of the mesh."""
        return meshing.interpolation(self.mesh, ij, bubbles=self.bubbles)

    def located(
        self, ij: NDArray[Any], lower: NDArray[np.bool_] | None = None
    ) -> tuple[Index, Array]:
        """Canonical cells (n,) and barycentric coordinates (n, v) of lattice points ij (n, dim).

        Those of nodes that were drawn to the rim are of the cells as they are then.
        """
        cell, barycentric = meshing.locate(self.mesh, ij, lower)
        if not self.round_rim:
            return cell, barycentric
        x, vertices = self.x_k[:, :2], meshing.canonical(self.mesh)
        moved = (x != self.problem.position(self.mesh.ij)[:, :2]).any(axis=1)
        basis, origin = self.problem.crystal.lattice.plane_basis, self.problem.origin[:2]
        return located(x, vertices, moved, ij @ basis + origin, cell, barycentric)

    def gradient_at(self, u: Array, ij: NDArray[Any]) -> Array:
        """grad of the corrector (n, 3, 3) at lattice points ij (n, dim), integer or real."""
        cell, barycentric = self.located(ij)
        gradients = meshing.gradients(self.mesh)[0][cell]
        if self.round_rim:
            corners = meshing.canonical(self.mesh)[cell]
            gradients = shape_functions(self.problem, self.x_k[:, :2], corners)[0]
        G = np.zeros((len(cell), 3, 3))
        field = G[:, :, : self.mesh.dim]
        field += np.einsum("nvi,nva->nia", u[meshing.canonical(self.mesh)[cell]], gradients)
        if len(self.bubbles):
            of_cell = self.bubbles.of_cell[cell]
            b = np.where(of_cell[:, :, None] >= 0, u[self.mesh.n_nodes + of_cell], 0.0)
            field += np.einsum("nei,nea->nia", b, bubble_gradients(gradients, barycentric))
        return G

    @cached_property
    def on_lower_flank(self) -> NDArray[np.bool_]:
        """(n_c,) cells with a node of the lower flank, which carries no site."""
        copies = self.mesh.lower_of >= 0
        return np.any(copies[self.cells.vertices], axis=1)

    @cached_property
    def y0_k(self) -> Array:
        """(n_k, 3) predicted positions of the nodes and of the middles of edges, A."""
        lower = self.is_lower.copy()
        # the middle of an edge along the lower flank: both ends on it, or one on it and the tip
        ends = self.mesh.ij[self.bubbles.edges][..., -1]
        lower[self.mesh.n_nodes :] = lower[self.bubbles.edges].any(axis=1) & (ends == 0).all(axis=1)
        side = np.where(lower, -1, 0).astype(np.int8)
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
    elements: Elements = "P1",
    cluster: float | None = None,
    edge_ratio: float | None = None,
    round_rim: bool = False,
) -> Body:
    """Mesh the problem, resolved to a distance from the defect; sites to the distance `reach`, A.

    `reach` may be infinite: then all sites of the domain are listed. `relaxation` moves the layers
    next to a crack flank. With clusters of a radius, A, `reach` is counted from their sites.
    """
    lattice = problem.crystal.lattice
    origin = problem.origin[: lattice.dim]
    size = size_function(problem, resolved, grading, elements, edge_ratio)
    cover = problem.extent + float(np.linalg.norm(origin))
    seeds = problem.centres[:, : lattice.dim] - origin
    base = meshing.graded(lattice.plane_basis, cover, size, seeds=seeds)
    split = meshing.split_flank(base) if problem.flank == "crack" else base
    return _body(problem, split, reach, relaxation, elements, cluster, round_rim)


def healed(problem: Problem, body: Body, reach: float) -> Body:
    """A problem without a flank on the mesh of another body, whose flank is closed."""
    mesh = meshing.join_flank(body.mesh)
    return _body(problem, mesh, reach, None, body.elements, body.cluster, body.round_rim)


def reloaded(problem: Problem, body: Body, reach: float, relaxation: Relaxation | None) -> Body:
    """The same domain with another predictor on the mesh of another body."""
    return _body(problem, body.mesh, reach, relaxation, body.elements, body.cluster, body.round_rim)


def on_mesh(
    problem: Problem,
    mesh: Mesh,
    reach: float,
    relaxation: Relaxation | None,
    elements: Elements = "P1",
    cluster: float | None = None,
    round_rim: bool = False,
) -> Body:
    """The problem on a mesh that was made elsewhere."""
    return _body(problem, mesh, reach, relaxation, elements, cluster, round_rim)


def healed_dofs(body: Body, whole: Body) -> Index:
    """Where the degrees of freedom of a healed body are in the body that was healed, (n_k,).

    What doubled nodes and edges of the flank share goes to the upper ones.
    """
    one = np.where(body.mesh.lower_of >= 0, body.mesh.lower_of, np.arange(body.mesh.n_nodes))
    pair = np.sort(one[body.bubbles.edges], axis=1)
    key = pair[:, 0] * np.int64(whole.mesh.n_nodes) + pair[:, 1]
    wanted = whole.bubbles.edges[:, 0] * np.int64(whole.mesh.n_nodes) + whole.bubbles.edges[:, 1]
    order = np.lexsort((body.bubbles.edges.max(axis=1), key))  # of two sides the upper one first
    bubble = order[np.searchsorted(key[order], wanted)]
    return np.concatenate([np.arange(whole.mesh.n_nodes), body.mesh.n_nodes + bubble])


def _body(
    problem: Problem,
    mesh: Mesh,
    reach: float,
    relaxation: Relaxation | None,
    elements: Elements,
    cluster: float | None,
    round_rim: bool,
) -> Body:
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
    bubbles = _bubbles(problem, mesh, in_domain) if elements == "P2" else Bubbles.none(mesh)
    fine = mesh.is_finest[cell] | (problem.predictor.singular is None)
    of_cell, n_nodes = bubbles.of_cell[cell], mesh.n_nodes
    cells, barycentric = CellGeometry.build(
        vertices[cell],
        gradients[cell],
        volume[cell],
        fine,
        n_nodes + len(bubbles),
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
        cells=cells,
        F0_q=problem.predictor.gradient(x_q, side_q),
        ij_l=ij_l,
        x_l=x_l,
        y0_l=y0_l,
        S=S,
        site_of_node=_site_of_node(S),
        cluster=cluster,
        round_rim=round_rim,
    )


def _bubbles(problem: Problem, mesh: Mesh, in_domain: NDArray[np.bool_]) -> Bubbles:
    """Bubbles of the cells that are not resolved, on edges whose middle is not clamped."""

    def inside(ij: Array) -> NDArray[np.bool_]:
        x = ij @ problem.crystal.lattice.plane_basis + problem.origin[: mesh.dim]
        free: NDArray[np.bool_] = np.linalg.norm(x, axis=1) <= problem.extent - problem.rim
        return free

    return meshing.edge_bubbles(mesh, in_domain & ~mesh.is_finest, inside)


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
