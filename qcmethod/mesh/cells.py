"""Geometry of the cells: quadrature, gradients of shape functions, sums over points and cells.

In P1 cells the gradient of the corrector is constant: one row r for all points of a cell. P2 cells
(`mesh.bubbles`) have a row for each point. Cells of one lattice step, and all P1 cells where the
predictor is homogeneous, have one quadrature point, the others those of the element's rule.
Gradients are those of `operators`, a stiffness that of `assembly`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import csr_array

from qcmethod.base.types import Array, Bools, Index
from qcmethod.mesh.assembly import Pattern, elastic_blocks, products, tangent_blocks
from qcmethod.mesh.element import Element
from qcmethod.mesh.operators import ShapeFunctions, gradient_operator, shapes_at_points
from qcmethod.mesh.products import add_products


@dataclass(frozen=True, eq=False)
class CellGeometry:
    """Cells: vertices (n_c, v), gradients of their shape functions (n_c, v, dim), volumes (n_c,) in
    sites, quadrature: cell of each point (n_q,), fraction of the cell's volume (n_q,).

    grad u is evaluated in n_row rows, one for each P1 cell and one for each point of a P2 cell:
    `point_row` (n_q,) is the row of a point; `row_cell` (n_row,) its cell and `row_fraction`
    (n_row,) its part of that cell; D (n_row dim, n_k) with (D u)[r, i] = sum_k d N_k/d x_i u_k;
    Q (n_row, n_q) sums over the points of a row. `shapes`: shape functions of P1 and of P2 cells.
    """

    vertices: Index
    gradients: Array
    volume: Array
    point_cell: Index
    fraction: Array
    point_row: Index
    row_cell: Index
    row_fraction: Array
    D: csr_array
    Q: csr_array
    shapes: tuple[ShapeFunctions, ...]

    @classmethod
    def build(
        cls,
        vertices: Index,
        gradients: Array,
        volume: Array,
        fine: Bools,
        n_nodes: int,
        element: Element,
        bubbles: Index | None = None,
    ) -> tuple[CellGeometry, Array]:
        """Geometry, and barycentric coordinates (n_q, v) of its points; `fine` cells get one.

        n_nodes : number of nodes and bubbles; element : whose rule is taken; bubbles : (n_c, edges)
        its unknowns on the edges of each cell as node numbers, -1 where there is none (default:
        nowhere)
        """
        n_c, v, _ = gradients.shape
        curved = np.zeros(n_c, dtype=bool)
        if bubbles is not None:
            curved[(bubbles >= 0).any(axis=1)] = True
        cell, fraction, barycentric = _points(fine & ~curved, element, v)
        flat, at = np.flatnonzero(~curved), np.flatnonzero(curved[cell])
        row_of_flat = np.cumsum(~curved) - 1
        row = row_of_flat[cell]
        row[at] = len(flat) + np.arange(len(at))
        row_cell = np.concatenate([flat, cell[at]])
        row_fraction = np.concatenate([np.ones(len(flat)), fraction[at]])
        shapes = [
            ShapeFunctions(vertices[flat], gradients[flat, None], np.arange(len(flat))[:, None])
        ]
        if bubbles is not None and len(at):
            shapes.append(
                shapes_at_points(
                    element, vertices, gradients, bubbles, cell[at], barycentric[at], row[at]
                )
            )
        D = gradient_operator(shapes, len(row_cell), n_nodes)
        n_q = len(cell)
        Q = csr_array((np.ones(n_q), (row, np.arange(n_q))), shape=(len(row_cell), n_q))
        geometry = cls(
            vertices=vertices,
            gradients=gradients,
            volume=volume,
            point_cell=cell,
            fraction=fraction,
            point_row=row,
            row_cell=row_cell,
            row_fraction=row_fraction,
            D=D,
            Q=Q,
            shapes=tuple(shapes),
        )
        return geometry, barycentric

    def part(self, cells: Bools) -> tuple[CellGeometry, Bools]:
        """The geometry of some cells (n_c,) alone, and which of the points (n_q,) are theirs."""
        if cells.all():
            return self, np.ones(len(self.point_cell), dtype=bool)
        cell, row = np.cumsum(cells) - 1, np.cumsum(cells[self.row_cell]) - 1
        rows, points = np.flatnonzero(cells[self.row_cell]), cells[self.point_cell]
        shapes = []
        for shape in self.shapes:
            on = cells[self.row_cell[shape.rows[:, 0]]]
            if on.any():
                gradients, of = shape.gradients[on], row[shape.rows[on]]
                shapes.append(ShapeFunctions(shape.nodes[on], gradients, of))
        every = (self.dim * rows[:, None] + np.arange(self.dim)).ravel()
        part = CellGeometry(
            vertices=self.vertices[cells],
            gradients=self.gradients[cells],
            volume=self.volume[cells],
            point_cell=cell[self.point_cell[points]],
            fraction=self.fraction[points],
            point_row=row[self.point_row[points]],
            row_cell=cell[self.row_cell[rows]],
            row_fraction=self.row_fraction[rows],
            D=self.D[every],
            Q=self.Q[rows][:, np.flatnonzero(points)],
            shapes=tuple(shapes),
        )
        return part, points

    @cached_property
    def nodes(self) -> Index:
        """Nodes and bubbles of each cell (n_c, m); a bubble that a cell lacks repeats a vertex."""
        if len(self.shapes) == 1:
            return self.vertices
        quadratic = self.shapes[1]
        m = quadratic.nodes.shape[1]
        nodes = np.repeat(self.vertices[:, :1], m, axis=1)
        nodes[:, : self.vertices.shape[1]] = self.vertices
        cell = self.row_cell[quadratic.rows[:, 0]]
        nodes[cell] = np.where(quadratic.nodes >= 0, quadratic.nodes, nodes[cell])
        return nodes

    @property
    def dim(self) -> int:
        """Number of directions of the mesh."""
        return int(self.gradients.shape[2])

    @cached_property
    def points_of_row(self) -> tuple[Index, Index]:
        """The points of a row r follow one another: first[r] ... last[r] - 1, each (n_row,)."""
        at = np.flatnonzero(np.diff(self.point_row, prepend=-1))
        first = np.empty(len(self.row_cell), dtype=np.int64)
        first[self.point_row[at]] = at
        return first, first + np.bincount(self.point_row)

    def row_gradients(self, u: Array) -> Array:
        """grad u in the rows (n_row, dim, 3), [r, i, a] = du_a/dx_i, of u (n_k, 3)."""
        G: Array = self.D @ u
        return G.reshape(-1, self.dim, 3)

    def gradient_of(self, u: Array) -> Array:
        """grad u at the quadrature points (n_q, 3, 3) of nodal values u (n_k, 3)."""
        G = np.zeros((len(self.row_cell), 3, 3))
        G[:, :, : self.dim] = self.row_gradients(u).transpose(0, 2, 1)
        return G[self.point_row]

    def over_points(self, values: Array) -> Array:
        """Sums (n_row, ...) over the points of each row of values (n_q, ...)."""
        sums: Array = self.Q @ values.reshape(len(values), -1)
        return sums.reshape(-1, *values.shape[1:])

    def load(self, P_q: Array) -> Array:
        """Nodal gradient (n_k, 3) of stresses already weighted by the points (n_q, 3, 3)."""
        return self.row_load(self.over_points(P_q)[:, :, : self.dim].transpose(0, 2, 1))

    def row_load(self, P_r: Array) -> Array:
        """Nodal gradient (n_k, 3) of weighted stresses in the rows (n_row, dim, 3)."""
        nodal: Array = self.D.T @ P_r.reshape(-1, 3)
        return nodal

    @cached_property
    def pattern(self) -> Pattern:
        """Which nodes and bubbles share a cell."""
        return Pattern.of(self.shapes, np.arange(self.D.shape[1]))

    def product(self, A_r: Array, u: Array) -> Array:
        """The stiffness of tangents A_r (n_row, t), see `products`, times u (n_k, 3)."""
        u, axes = np.ascontiguousarray(u), tuple(range(self.dim))
        out = np.zeros(u.shape)
        for shape in self.shapes:
            add_products(A_r, shape.nodes, shape.gradients, shape.rows, axes, u, out)
        return out

    def assemble(self, A_r: Array) -> csr_array:
        """The stiffness (3 n_k, 3 n_k) of tangents A_r (n_row, t), see `product`, eV."""
        if not self.shapes:
            return csr_array((3 * self.D.shape[1], 3 * self.D.shape[1]))
        return self.pattern.matrix(self.blocks(A_r))

    def blocks(self, A_r: Array) -> Array:
        """The same in blocks (nnz, 3, 3) on the rows of `pattern`, as a multigrid takes them."""
        return tangent_blocks(self.shapes, self.pattern, A_r)

    def gradient_sums(self) -> Array:
        """sum_c vol_c |grad N_k| (n_k,) over the cells around each node or bubble, sites/A."""
        sums = np.zeros(self.D.shape[1])
        for shape in self.shapes:
            weight = self.row_volume(self.volume)[shape.rows]
            size = np.linalg.norm(shape.gradients, axis=3) * weight[:, :, None]
            nodes = np.broadcast_to(shape.nodes[:, None], size.shape)
            np.add.at(sums, nodes[nodes >= 0], size[nodes >= 0])
        return sums

    def elastic(self, A: Array, volume: Array) -> csr_array:
        """Stiffness (3 n_k, 3 n_k) of one tangent A (3, 3, 3, 3) with cell volumes (n_c,), eV."""
        L = products(self.shapes, self.pattern, self.row_volume(volume))
        return self.pattern.matrix(elastic_blocks(L, A, np.arange(3)))

    def row_volume(self, volume: Array) -> Array:
        """Volumes (n_row,) of the rows in cells of volumes (n_c,)."""
        part: Array = volume[self.row_cell] * self.row_fraction
        return part


def _points(one: Bools, element: Element, v: int) -> tuple[Index, Array, Array]:
    """Quadrature points of cells (n_c,) with v vertices, those first that have `one` only: cell
    (n_q,), fraction of its volume (n_q,) and barycentric coordinates (n_q, v)."""
    single, many = np.flatnonzero(one), np.flatnonzero(~one)
    points, weights = element.rule(v - 1)
    cell = np.concatenate([single, np.repeat(many, len(weights))])
    fraction = np.concatenate([np.ones(len(single)), np.tile(weights, len(many))])
    centres = np.full((len(single), v), 1.0 / v)
    return cell, fraction, np.concatenate([centres, np.tile(points, (len(many), 1))])
