"""The Hessian of a sum over sites as a sparse matrix, from bond data (`site_kernel.linearise`).

E'' = sum over bonds of K_b on the ends of b  +  sum_i w_i F''_i grad n_i (x) grad n_i
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array, csr_array, diags_array

from qcmethod.base.types import Array
from qcmethod.base.voigt import NUMBER
from qcmethod.lattice.neighbours import HalfList


def assembled(near: HalfList, K: Array, N: Array, c: Array) -> csr_array:
    """E'' (3 n, 3 n), eV/A^2, of the bonds of a list with K (m, 6), N (m, 3) and c (n,)."""
    n = len(c)
    i, j = near.owner, near.site.astype(np.int64)
    ends, axis = np.stack([i, j], axis=1), np.arange(3)
    sign = np.array([-1.0, 1.0])
    # blocks (bond, end, a, end, b) of the bonds
    block = np.einsum("e,f,mab->meafb", sign, sign, K[:, NUMBER])
    dof = 3 * ends[:, :, None] + axis
    row = np.broadcast_to(dof[:, :, :, None, None], block.shape)
    column = np.broadcast_to(dof[:, None, None, :, :], block.shape)
    bonds = coo_array((block.ravel(), (row.ravel(), column.ravel())), shape=(3 * n, 3 * n))
    # grad n_i (n, 3 n): every bond adds to the densities of both of its ends
    slope = np.einsum("f,ma->mfa", sign, N)
    slopes = np.broadcast_to(slope[:, None], (len(N), 2, 2, 3))
    of = np.broadcast_to(ends[:, :, None, None], slopes.shape)
    by = np.broadcast_to(dof[:, None], slopes.shape)
    G = coo_array((slopes.ravel(), (of.ravel(), by.ravel())), shape=(n, 3 * n)).tocsr()
    return bonds.tocsr() + G.T @ (diags_array(c) @ G)
