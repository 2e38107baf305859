"""Products with the stiffness of cells that is not assembled.

    (K u)_k = sum_r grad N_k . A_r . (sum_l u_l (x) grad N_l)

A_r is the upper triangle of a symmetric matrix of the pairs (i, a) of a direction of the mesh and a
component of u (`crystal.rows`): one pass over the cells reads it once.
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.jit import entry


@entry
def add_products(A, nodes, gradients, rows, axes, u, out):
    """Adds the product (n_k, 3) with u (n_k, 3) over cells (n,) to `out`; nodes and gradients are
    those of `operators.ShapeFunctions`, `axes` the tuple (0, ..., dim - 1)."""
    dim, v, s = len(axes), np.zeros(3 * len(axes)), np.zeros(3 * len(axes))
    for c in range(nodes.shape[0]):
        for q in range(rows.shape[1]):
            triangle = A[rows[c, q]]
            v[:] = 0.0
            s[:] = 0.0
            for m in range(nodes.shape[1]):
                k = nodes[c, m]
                if k >= 0:
                    for i in range(dim):
                        for a in range(3):
                            v[3 * i + a] += gradients[c, q, m, i] * u[k, a]
            n = 0
            for x in range(3 * dim):
                s[x] += triangle[n] * v[x]
                n += 1
                for y in range(x + 1, 3 * dim):
                    s[x] += triangle[n] * v[y]
                    s[y] += triangle[n] * v[x]
                    n += 1
            for m in range(nodes.shape[1]):
                k = nodes[c, m]
                if k >= 0:
                    for i in range(dim):
                        for a in range(3):
                            out[k, a] += gradients[c, q, m, i] * s[3 * i + a]
