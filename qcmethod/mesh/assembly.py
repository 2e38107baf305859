"""Assembly of a stiffness in blocks of displacement components, on a pattern made once.

    K_ka,lb = sum_r grad N_k . A_r[a, :, b, :] . grad N_l

Two nodes k, l are coupled where they share a cell; these pairs are sorted once, kept in 32 bits,
and a block (a, b) is then one weighted count over them. With one tangent A for all rows

    K_ka,lb = sum_ij A_aibj L_ij,kl,      L_kl = sum_r grad N_k (x) grad N_l

and only the products L are counted. Nodes may be numbered anew, in the order in which they will be
eliminated; what has no number is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import bsr_array, csr_array

from qcmethod.base.types import Array, Index
from qcmethod.mesh.operators import ShapeFunctions


@dataclass(frozen=True, eq=False)
class Pattern:
    """Which of n nodes share a cell, as rows of a sparse matrix: `indptr` (n + 1,), `indices`
    (nnz,). `entry` of the pairs of nodes, shape by shape and cell by cell; nnz: left out."""

    n: int
    indptr: NDArray[np.int32]
    indices: NDArray[np.int32]
    entry: NDArray[np.int32]

    @classmethod
    def of(cls, shapes: Sequence[ShapeFunctions], number: Index) -> Pattern:
        """That of cells whose nodes k have the new numbers `number` (n_k,), -1: none."""
        n = int(number.max(initial=-1)) + 1
        known = np.append(number, -1)  # a bubble that a cell lacks is node -1
        key = np.concatenate([_pairs(known[shape.nodes], n) for shape in shapes])
        on = np.flatnonzero(key >= 0)
        found, at = np.unique(key[on], return_inverse=True)
        entry = np.full(len(key), len(found), dtype=np.int32)
        entry[on] = at
        indptr = np.searchsorted(found, np.arange(n + 1) * np.int64(n)).astype(np.int32)
        return cls(n, indptr, (found % max(n, 1)).astype(np.int32), entry)

    def sums(self, values: Sequence[Array]) -> Array:
        """Entries (nnz,) from values of all pairs, of each shape (n_c, m, m)."""
        flat = np.concatenate([value.ravel() for value in values])
        nnz = len(self.indices)
        counted = np.bincount(self.entry, weights=flat, minlength=nnz + 1)
        return np.asarray(counted[:nnz], dtype=np.float64)

    def matrix(self, blocks: Array) -> csr_array:
        """The matrix (n c, n c) of blocks (nnz, c, c), without stored zeros."""
        c = blocks.shape[1]
        K = bsr_array((blocks, self.indices, self.indptr), shape=(c * self.n, c * self.n)).tocsr()
        K.eliminate_zeros()
        return K


def products(shapes: Sequence[ShapeFunctions], pattern: Pattern, weight: Array) -> Array:
    """Products of gradients L (nnz, dim, dim), with weights of the rows (n_row,)."""
    dim = shapes[0].gradients.shape[3]
    L = np.empty((len(pattern.indices), dim, dim))
    for i in range(dim):
        for j in range(dim):
            L[:, i, j] = pattern.sums(
                [
                    np.einsum("cpv,cpw,cp->cvw", g[..., i], g[..., j], weight[shape.rows])
                    for shape in shapes
                    for g in (shape.gradients,)
                ]
            )
    return L


def elastic_blocks(L: Array, A: Array, components: Index) -> Array:
    """Blocks (nnz, c, c) of one tangent A (3, 3, 3, 3) between c components of displacement."""
    dim, some = L.shape[1], A[components][:, :, components]
    blocks: Array = np.einsum("aibj,nij->nab", some[:, :dim, :, :dim], L, optimize=True)
    return blocks


def tangent_blocks(shapes: Sequence[ShapeFunctions], pattern: Pattern, A_r: Array) -> Array:
    """Blocks (nnz, 3, 3) of tangents A_r (n_row, 3, 3, 3, 3), weighted by the volumes."""
    dim = shapes[0].gradients.shape[3]
    blocks = np.empty((len(pattern.indices), 3, 3))
    for a in range(3):
        for b in range(3):
            A = A_r[:, a, :dim, b, :dim]
            blocks[:, a, b] = pattern.sums([_between(shape, A) for shape in shapes])
    return blocks


def _between(shape: ShapeFunctions, A: Array) -> Array:
    """Values (n_c, m, m) of a block of tangents A (n_row, dim, dim)."""
    g, values = shape.gradients, 0.0
    for q in range(g.shape[1]):
        values = values + np.einsum("cvi,cij,cwj->cvw", g[:, q], A[shape.rows[:, q]], g[:, q])
    return np.asarray(values)


def _pairs(nodes: Index, n: int) -> NDArray[np.int64]:
    """One number for each pair of nodes of a cell (n_c, m), row and column; -1 where one lacks."""
    row, column = nodes[:, :, None], nodes[:, None, :]
    pair: NDArray[np.int64] = np.where((row < 0) | (column < 0), -1, row * np.int64(n) + column)
    return pair.ravel()
