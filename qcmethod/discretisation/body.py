"""A problem on a mesh: nodes, sites, cells, and the linear maps from the corrector to both.

    y_l = y0(x_l) + sum_k N_k(x_l) u_k  =  y0(x_l) + (S u)_l        positions of lattice sites
    F_q = grad y0(x_q) + sum_k u_k (x) grad N_k                     gradients in cells

which is its `kinematics`, and all that models use of it.

With P2 elements the edges between cells beyond the resolved zone, where nodes are sites, carry a
bubble each (`mesh.bubbles`): degrees of freedom of u that follow those of the nodes. Their rows of
u are coefficients, not displacements; `nodal` gives the displacement at the middle of the edge.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import csr_array

from qcmethod import mesh as meshing
from qcmethod.base.types import Array, Bools, Index
from qcmethod.discretisation.kinematics import Kinematics
from qcmethod.lattice.plane import in_plane
from qcmethod.mesh import Bubbles, Mesh
from qcmethod.mesh.cells import CellGeometry
from qcmethod.mesh.element import Elements
from qcmethod.mesh.round_rim import located
from qcmethod.mesh.shape import p1_gradients
from qcmethod.problems.problem import Problem


@dataclass(frozen=True, eq=False)
class Body:
    """Everything about a problem on a mesh that does not depend on the coupling method.

    Attributes
    ----------
    problem, mesh : what was discretised, and the (split) mesh
    bubbles : those of P2 cells; degrees of freedom k count the nodes of the mesh, then the bubbles
    x_k : (n_k, 3) reference positions of the nodes and of the middles of edges with a bubble, A
    cell : indices of the cells of the mesh that are in the domain; all cell arrays follow it
    ij_l, x_l : (n_l, dim), (n_l, 3) lattice sites around the defect: integer coordinates and
        reference positions, A
    kinematics : predicted positions y0 (n_l, 3) of the sites, A, and gradients F0 (n_q, 3, 3) at
        the quadrature points of the cells; the interpolation S (n_l, n_k) to sites
    site_of_node : (n_k,) site at a node, -1 where there is none
    cluster : (m, dim) steps from a node to the other sites of its cluster; sites are listed about
        clusters then
    round_rim : whether the nodes at the clamped rim were drawn to a circle (`mesh.round_rim`)
    """

    problem: Problem
    mesh: Mesh
    bubbles: Bubbles
    x_k: Array
    cell: Index
    ij_l: Index
    x_l: Array
    kinematics: Kinematics
    site_of_node: Index
    cluster: Index | None = None
    round_rim: bool = False

    @property
    def cells(self) -> CellGeometry:
        """Geometry and quadrature of the cells in the domain."""
        return self.kinematics.cells

    @property
    def y0_l(self) -> Array:
        """Predicted positions of the sites (n_l, 3), A."""
        return self.kinematics.y0

    @property
    def F0_q(self) -> Array:
        """Gradient of the predictor at the quadrature points (n_q, 3, 3)."""
        return self.kinematics.F0

    @property
    def S(self) -> csr_array:
        """Interpolation (n_l, n_k) from nodes and bubbles to sites."""
        return self.kinematics.S

    @property
    def n_nodes(self) -> int:
        """Number n_k of nodes of the mesh and of bubbles."""
        return len(self.x_k)

    @property
    def elements(self) -> Elements:
        """Name of the elements; "P1" where those with unknowns on edges have none."""
        element = self.bubbles.element
        return element.name if len(self.bubbles) or not element.on_edges else "P1"

    @cached_property
    def used(self) -> Bools:
        """(n_k,) nodes that belong to a cell of the domain, and all bubbles."""
        used = np.zeros(self.n_nodes, dtype=bool)
        used[self.cells.nodes] = True
        return used

    @cached_property
    def is_bubble(self) -> Bools:
        """(n_k,) degrees of freedom that are bubbles."""
        return np.arange(self.n_nodes) >= self.mesh.n_nodes

    @cached_property
    def is_lower(self) -> Bools:
        """(n_k,) copies of doubled nodes, which carry no site."""
        return self.on_dofs(self.mesh.lower_of >= 0, False)

    @cached_property
    def is_removed(self) -> Bools:
        """(n_k,) nodes at missing sites."""
        return self.on_dofs(self.problem.is_removed(self.mesh.ij), False)

    @cached_property
    def moved(self) -> Bools:
        """Which nodes of the mesh were drawn to the rim (`round_rim`)."""
        if not self.round_rim:
            return np.zeros(self.mesh.n_nodes, dtype=bool)
        at_site = in_plane(self.problem.position(self.mesh.ij))
        moved: Bools = (in_plane(self.x_k) != at_site).any(axis=1)
        return moved

    def on_dofs(self, on_nodes: Bools, on_bubbles: bool) -> Bools:
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

    def interpolation(self, ij: Index, lower: Bools | None = None) -> csr_array:
        """Interpolation (n, n_k) from u to lattice points ij (n, dim) of the mesh.

        lower : (n,) points that belong to the lower side of an opened flank
        """
        return meshing.interpolation(self.mesh, ij, lower, self.bubbles)

    def located(self, ij: Index | Array, lower: Bools | None = None) -> tuple[Index, Array]:
        """Canonical cells (n,) and barycentric coordinates (n, v) of lattice points ij (n, dim).

        Those of nodes that were drawn to the rim are of the cells as they are then, 0 outside.
        """
        cell, barycentric = meshing.locate(self.mesh, ij, lower)
        if not self.round_rim:
            return cell, barycentric
        x, vertices = in_plane(self.x_k), meshing.canonical(self.mesh)
        basis, origin = self.problem.crystal.lattice.plane_basis, self.problem.origin[:2]
        points = ij @ basis + origin
        return located(x, vertices, self.cell, self.moved, points, cell, barycentric)

    def gradient_at(self, u: Array, ij: Index | Array) -> Array:
        """grad of the corrector (n, 3, 3) at lattice points ij (n, dim), integer or real."""
        cell, barycentric = self.located(ij)
        gradients = meshing.gradients(self.mesh)[0][cell]
        if self.round_rim:
            corners = meshing.canonical(self.mesh)[cell]
            gradients = p1_gradients(in_plane(self.x_k)[corners])[0]
            gradients[~barycentric.any(axis=1)] = 0.0
        G = np.zeros((len(cell), 3, 3))
        field = G[:, :, : self.mesh.dim]
        field += np.einsum("nvi,nva->nia", u[meshing.canonical(self.mesh)[cell]], gradients)
        if len(self.bubbles):
            of_cell = self.bubbles.of_cell[cell]
            b = np.where(of_cell[:, :, None] >= 0, u[self.mesh.n_nodes + of_cell], 0.0)
            slopes = self.bubbles.element.slopes(barycentric, gradients)
            field += np.einsum("nei,nea->nia", b, slopes[:, self.mesh.dim + 1 :])
        return G

    @cached_property
    def on_lower_flank(self) -> Bools:
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
        return self.kinematics.positions(u)

    def deformation(self, u: Array) -> Array:
        """F at the quadrature points (n_q, 3, 3) at the corrector u (n_k, 3)."""
        return self.kinematics.deformation(u)
