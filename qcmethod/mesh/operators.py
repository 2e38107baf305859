"""Shape functions of cells, and their gradients as an operator.

    (D u)[r, i] = sum_k d N_k/d x_i(x_r) u_k

in rows r, one for each P1 cell and one for each quadrature point of a P2 cell (`mesh.bubbles`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from qcmethod.base.types import Array, Index
from qcmethod.mesh.element import Element


@dataclass(frozen=True, eq=False)
class ShapeFunctions:
    """Cells with equally many shape functions: nodes (n, m), -1 where a cell has no such bubble,
    and gradients (n, p, m, dim) in the rows (n, p) of the operator D."""

    nodes: Index
    gradients: Array
    rows: Index


def shapes_at_points(
    element: Element,
    vertices: Index,
    gradients: Array,
    bubbles: Index,
    cell: Index,
    barycentric: Array,
    row: Index,
) -> ShapeFunctions:
    """Those of cells with bubbles at their points, cell by cell: vertices, then bubbles."""
    first = np.flatnonzero(np.diff(cell, prepend=-1))  # a cell's points follow one another
    p = len(cell) // len(first)
    both = element.slopes(barycentric, gradients[cell])
    nodes = np.concatenate([vertices[cell[first]], bubbles[cell[first]]], axis=1)
    return ShapeFunctions(nodes, both.reshape(-1, p, *both.shape[1:]), row.reshape(-1, p))


def gradient_operator(shapes: list[ShapeFunctions], n_row: int, n_nodes: int) -> csr_array:
    """D (n_row dim, n_nodes)."""
    entries = []
    for shape in shapes:
        n, p, m, dim = shape.gradients.shape
        rows = dim * shape.rows[:, :, None, None] + np.arange(dim)[:, None]
        columns = np.broadcast_to(shape.nodes[:, None, None, :], (n, p, dim, m))
        values = shape.gradients.transpose(0, 1, 3, 2)
        on = columns >= 0
        rows = np.broadcast_to(rows, columns.shape)
        entries.append((values[on], rows[on], columns[on]))
    value, row, column = (np.concatenate(part) for part in zip(*entries, strict=True))
    dim = shapes[0].gradients.shape[3]
    return csr_array((value, (row, column)), shape=(n_row * dim, n_nodes))
