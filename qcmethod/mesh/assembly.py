"""Assembly of a stiffness in blocks of displacement components, on a pattern made once.

    K_ka,lb = sum_r grad N_k . A_r[a, :, b, :] . grad N_l

Two nodes k, l are coupled where they share a cell: they own a block, and cells add to blocks where
they lie (`assembly_kernel`). With one tangent A for all rows

    K_ka,lb = sum_ij A_aibj L_ij,kl,      L_kl = sum_r grad N_k (x) grad N_l

and only the products L are summed. Nodes may be numbered anew, in the order in which they will be
eliminated; what has no number is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import bsr_array, csr_array

from qcmethod.base.types import Array, Index
from qcmethod.mesh import assembly_kernel as kernel
from qcmethod.mesh.operators import ShapeFunctions


@dataclass(frozen=True, eq=False)
class Pattern:
    """Which of n nodes share a cell, as rows of a sparse matrix of blocks: `indptr` (n + 1,),
    `indices` (nnz,). `entries` (n_c, m, m) of the pairs of nodes, shape by shape; nnz: left out."""

    n: int
    indptr: NDArray[np.int32]
    indices: NDArray[np.int32]
    entries: tuple[NDArray[np.int32], ...]

    @classmethod
    def of(cls, shapes: Sequence[ShapeFunctions], number: Index) -> Pattern:
        """That of cells whose nodes k have the new numbers `number` (n_k,), -1: none."""
        n = int(number.max(initial=-1)) + 1
        known = np.append(number, -1)  # a bubble that a cell lacks is node -1
        flat = np.concatenate([known[shape.nodes].ravel() for shape in shapes])
        size = np.concatenate([np.full(len(s.nodes), s.nodes.shape[1]) for s in shapes])
        first = np.concatenate([[0], np.cumsum(size)])
        indptr, indices, found = kernel.pattern(flat, first, n)
        last = np.cumsum([s.nodes.size * s.nodes.shape[1] for s in shapes])
        entries = tuple(
            part.reshape(*shape.nodes.shape, -1)
            for part, shape in zip(np.split(found, last[:-1]), shapes, strict=True)
        )
        return cls(n, indptr, indices, entries)

    def matrix(self, blocks: Array) -> csr_array:
        """The matrix (n c, n c) of blocks (nnz, c, c), without stored zeros."""
        c = blocks.shape[1]
        K = bsr_array((blocks, self.indices, self.indptr), shape=(c * self.n, c * self.n)).tocsr()
        K.eliminate_zeros()
        return K


def products(shapes: Sequence[ShapeFunctions], pattern: Pattern, weight: Array) -> Array:
    """Products of gradients L (nnz, dim, dim), with weights of the rows (n_row,)."""
    dim = shapes[0].gradients.shape[3]
    axes = tuple(range(dim))
    L = np.zeros((len(pattern.indices), dim, dim))
    for shape, entries in zip(shapes, pattern.entries, strict=True):
        kernel.add_products(shape.gradients, weight, shape.rows, entries, axes, L)
    return L


def elastic_blocks(L: Array, A: Array, components: Index) -> Array:
    """Blocks (nnz, c, c) of one tangent A (3, 3, 3, 3) between c components of displacement."""
    dim, some = L.shape[1], A[components][:, :, components]
    blocks: Array = np.einsum("aibj,nij->nab", some[:, :dim, :, :dim], L, optimize=True)
    return blocks


def tangent_blocks(shapes: Sequence[ShapeFunctions], pattern: Pattern, A_r: Array) -> Array:
    """Blocks (nnz, 3, 3) of tangents A_r (n_row, t), weighted by the volumes: upper triangles over
    pairs of a direction of the mesh and a component, as in `mesh.products`."""
    axes = tuple(range(shapes[0].gradients.shape[3]))
    blocks = np.zeros((len(pattern.indices), 3, 3))
    for shape, entries in zip(shapes, pattern.entries, strict=True):
        kernel.add_tangents(A_r, shape.gradients, shape.rows, entries, axes, blocks)
    return blocks
