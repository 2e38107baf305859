r"""Sparse matrices of blocks (3, 3): sweeps of Gauss and Seidel, products, Galerkin's coarse ones.

    y_i <- D_ii^-1 (b_i - sum_(j != i) A_ij y_j),        A' = P^T A P

P interpolates each component alike: a scalar for each pair of nodes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from qcmethod.base.jit import entry
from qcmethod.base.types import Array, Index


@dataclass(frozen=True, eq=False)
class Blocks:
    """Rows `indptr` (n + 1,) of blocks (nnz, 3, 3) at the columns `indices` (nnz,), ascending."""

    indptr: Index
    indices: Index
    blocks: Array

    @property
    def n(self) -> int:
        """Number of rows of blocks."""
        return len(self.indptr) - 1

    @property
    def row(self) -> Index:
        """The row of each block (nnz,)."""
        return np.repeat(np.arange(self.n), np.diff(self.indptr))

    def inverse_diagonal(self) -> Array:
        """Inverses (n, 3, 3) of the blocks of the diagonal."""
        at = np.flatnonzero(self.row == self.indices)
        return np.asarray(np.linalg.inv(self.blocks[at]), dtype=np.float64)

    def dense(self) -> Array:
        """The matrix (3 n, 3 n)."""
        full = np.zeros((self.n, 3, self.n, 3))
        full[self.row, :, self.indices, :] = self.blocks
        return full.reshape(3 * self.n, 3 * self.n)

    def coarse(self, P: csr_array) -> Blocks:
        """P^T A P for P (n, m)."""
        ones = csr_array((np.ones(len(self.indices)), self.indices, self.indptr), (self.n, self.n))
        positive = csr_array((np.ones(P.nnz), P.indices, P.indptr), P.shape)
        pattern = csr_array(positive.T @ (ones @ positive))
        pattern.sort_indices()
        pointers = pattern.indptr.astype(np.int64), pattern.indices.astype(np.int64)
        out = np.zeros((pattern.nnz, 3, 3))
        rows = P.indptr.astype(np.int64), P.indices.astype(np.int64), P.data
        galerkin(self.indptr, self.indices, self.blocks, *rows, *pointers, out)
        return Blocks(*pointers, out)


@entry
def sweep(indptr, indices, blocks, inverse, b, y, forward):
    """One sweep of Gauss and Seidel on y (n, 3), down the rows or up."""
    n = indptr.shape[0] - 1
    for q in range(n):
        i = q if forward else n - 1 - q
        x0, x1, x2 = b[i, 0], b[i, 1], b[i, 2]
        for s in range(indptr[i], indptr[i + 1]):
            j = indices[s]
            if j != i:
                u, v, w = y[j, 0], y[j, 1], y[j, 2]
                x0 -= blocks[s, 0, 0] * u + blocks[s, 0, 1] * v + blocks[s, 0, 2] * w
                x1 -= blocks[s, 1, 0] * u + blocks[s, 1, 1] * v + blocks[s, 1, 2] * w
                x2 -= blocks[s, 2, 0] * u + blocks[s, 2, 1] * v + blocks[s, 2, 2] * w
        for a in range(3):
            y[i, a] = inverse[i, a, 0] * x0 + inverse[i, a, 1] * x1 + inverse[i, a, 2] * x2


@entry
def residual(indptr, indices, blocks, b, y, out):
    """b - A y (n, 3), into `out`."""
    for i in range(indptr.shape[0] - 1):
        x0, x1, x2 = b[i, 0], b[i, 1], b[i, 2]
        for s in range(indptr[i], indptr[i + 1]):
            j = indices[s]
            u, v, w = y[j, 0], y[j, 1], y[j, 2]
            x0 -= blocks[s, 0, 0] * u + blocks[s, 0, 1] * v + blocks[s, 0, 2] * w
            x1 -= blocks[s, 1, 0] * u + blocks[s, 1, 1] * v + blocks[s, 1, 2] * w
            x2 -= blocks[s, 2, 0] * u + blocks[s, 2, 1] * v + blocks[s, 2, 2] * w
        out[i, 0], out[i, 1], out[i, 2] = x0, x1, x2


@entry
def galerkin(indptr, indices, blocks, p_ptr, p_index, p, c_ptr, c_index, out):
    """Adds P^T A P to blocks `out` at the places (c_ptr, c_index)."""
    for i in range(indptr.shape[0] - 1):
        for s in range(indptr[i], indptr[i + 1]):
            j = indices[s]
            for a in range(p_ptr[i], p_ptr[i + 1]):
                row = p_index[a]
                for b in range(p_ptr[j], p_ptr[j + 1]):
                    column, weight = p_index[b], p[a] * p[b]
                    low, high = c_ptr[row], c_ptr[row + 1]
                    while low < high:
                        mid = (low + high) // 2
                        if c_index[mid] < column:
                            low = mid + 1
                        else:
                            high = mid
                    for k in range(3):
                        for m in range(3):
                            out[low, k, m] += weight * blocks[s, k, m]
