"""The Hessian of a sum over sites as a sparse matrix, from bond data (`site_kernel.linearise`).

E'' = sum over bonds of K_b on the ends of b  +  sum_i w_i F''_i grad n_i (x) grad n_i
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array, csr_array, diags_array

from qcmethod.base.types import Array
from qcmethod.lattice.neighbours import HalfList


def assembled(near: HalfList, y: Array, found: Array, c: Array) -> csr_array:
    """E'' (3 n, 3 n), eV/A^2, at y (n, 3) of the bonds (m, 3) of a list, and of c (n,)."""
    n = len(c)
    i, j = near.owner, near.site.astype(np.int64)
    ends, axis = np.stack([i, j], axis=1), np.arange(3)
    sign = np.array([-1.0, 1.0])
    d = y[j] - y[i]
    d[:, 2] += near.shift
    f1, f2, slope_n = found.T[:, :, None]
    K = f1[:, :, None] * np.eye(3) + f2[:, :, None] * d[:, :, None] * d[:, None, :]
    # blocks (bond, end, a, end, b) of the bonds
    block = np.einsum("e,f,mab->meafb", sign, sign, K)
    dof = 3 * ends[:, :, None] + axis
    row = np.broadcast_to(dof[:, :, :, None, None], block.shape)
    column = np.broadcast_to(dof[:, None, None, :, :], block.shape)
    bonds = coo_array((block.ravel(), (row.ravel(), column.ravel())), shape=(3 * n, 3 * n))
    # grad n_i (n, 3 n): every bond adds to the densities of both of its ends
    slope = np.einsum("f,ma->mfa", sign, slope_n * d)
    slopes = np.broadcast_to(slope[:, None], (len(d), 2, 2, 3))
    of = np.broadcast_to(ends[:, :, None, None], slopes.shape)
    by = np.broadcast_to(dof[:, None], slopes.shape)
    G = coo_array((slopes.ravel(), (of.ravel(), by.ravel())), shape=(n, 3 * n)).tocsr()
    return bonds.tocsr() + G.T @ (diags_array(c) @ G)
