"""Compiled parts of `mesh.assembly`: the pattern of blocks, and what cells add to them.

A pair (k, l) of the nodes of a cell has an entry: the number of the block that it adds to, or the
number of blocks where one of the two is left out.
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.jit import entry


@entry
def pattern(flat, first, n):
    """Rows of the blocks of n nodes that share a cell: indptr (n + 1,), ascending indices (nnz,),
    and the entries of all pairs, cell by cell.

    flat : numbers of the nodes, -1 none, those of cell c from first[c] to first[c + 1] - 1
    """
    n_cells, n_pairs = len(first) - 1, 0
    at = np.zeros(n + 1, np.int64)  # places in `flat`, row by row
    for k in flat:
        if k >= 0:
            at[k + 1] += 1
    at = np.cumsum(at)
    place, cell, free = np.empty(at[n], np.int64), np.empty(at[n], np.int64), at.copy()
    base = np.empty(n_cells, np.int64)  # of the pairs of a cell
    for c in range(n_cells):
        base[c] = n_pairs
        n_pairs += (first[c + 1] - first[c]) ** 2
        for s in range(first[c], first[c + 1]):
            k = flat[s]
            if k >= 0:
                place[free[k]], cell[free[k]] = s, c
                free[k] += 1
    found = np.full(n_pairs, -1, np.int32)
    indptr, indices = np.zeros(n + 1, np.int32), np.empty(4 * n + 64, np.int32)
    seen, number, nnz = np.full(n, -1), np.empty(n, np.int32), 0
    for k in range(n):
        begin = nnz
        for t in range(at[k], at[k + 1]):
            for s in range(first[cell[t]], first[cell[t] + 1]):
                j = flat[s]
                if j >= 0 and seen[j] != k:
                    seen[j] = k
                    if nnz == len(indices):
                        indices = np.concatenate((indices, np.empty_like(indices)))
                    indices[nnz] = j
                    nnz += 1
        indices[begin:nnz].sort()
        for s in range(begin, nnz):
            number[indices[s]] = s
        for t in range(at[k], at[k + 1]):
            c = cell[t]
            length = first[c + 1] - first[c]
            row = base[c] + (place[t] - first[c]) * length
            for s in range(length):
                j = flat[first[c] + s]
                if j >= 0:
                    found[row + s] = number[j]
        indptr[k + 1] = nnz
    for s in range(n_pairs):
        if found[s] < 0:
            found[s] = nnz
    return indptr, indices[:nnz].copy(), found


@entry
def add_products(gradients, weight, rows, entries, axes, L):
    """Adds sum_r w_r grad N_k (x) grad N_l over cells (n,) to L (nnz, dim, dim); `axes` is the
    tuple (0, ..., dim - 1)."""
    dim = len(axes)
    for c in range(gradients.shape[0]):
        for q in range(gradients.shape[1]):
            w, g = weight[rows[c, q]], gradients[c, q]
            for k in range(gradients.shape[2]):
                for l in range(gradients.shape[2]):
                    s = entries[c, k, l]
                    if s < L.shape[0]:
                        for i in range(dim):
                            for j in range(dim):
                                L[s, i, j] += g[k, i] * g[l, j] * w


@entry
def add_tangents(A, gradients, rows, entries, axes, blocks):
    """Adds grad N_k . A_r . grad N_l over cells (n,) to blocks (nnz, 3, 3); A (n_row, t) are the
    triangles of `crystal.rows`, `axes` the tuple (0, ..., dim - 1)."""
    dim = len(axes)
    whole, T = np.empty((3 * len(axes), 3 * len(axes))), np.empty((3, 3 * len(axes)))
    for c in range(gradients.shape[0]):
        for q in range(gradients.shape[1]):
            triangle, t = A[rows[c, q]], 0
            for x in range(3 * dim):
                for y in range(x, 3 * dim):
                    whole[x, y] = whole[y, x] = triangle[t]
                    t += 1
            for k in range(gradients.shape[2]):
                T[:, :] = 0.0
                for i in range(dim):
                    for a in range(3):
                        for y in range(3 * dim):
                            T[a, y] += gradients[c, q, k, i] * whole[3 * i + a, y]
                for l in range(gradients.shape[2]):
                    s = entries[c, k, l]
                    if s < blocks.shape[0]:
                        for j in range(dim):
                            for a in range(3):
                                for b in range(3):
                                    blocks[s, a, b] += T[a, 3 * j + b] * gradients[c, q, l, j]
