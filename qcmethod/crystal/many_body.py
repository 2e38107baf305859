"""The Cauchy-Born continuum of a many-body form: one site of the homogeneously deformed lattice.

    W(F) = V({F R}),   P = sum_R dV/dd_R (x) R,   A_aibj = sum_R R_i (V'' v)_Ra with v_S = S_j e_b

over the lattice vectors within the cut-off, both R and -R (Tadmor, Ortiz, Phillips 1996). The shell
holds half of them, as in `cauchy_born`.
"""

from __future__ import annotations

import numpy as np
from numba.extending import register_jitable

from qcmethod.base.jit import entry
from qcmethod.potentials.site import site, turned


@register_jitable
def _bonds(p, F, shell, R, d):
    """Fill R and d = F R (:, 3) with the vectors within the cut-off; their number, the shortest."""
    count, shortest2 = 0, np.inf
    for m in range(shell.shape[0]):
        x, y, z = shell[m, 0], shell[m, 1], shell[m, 2]
        a = F[0, 0] * x + F[0, 1] * y + F[0, 2] * z
        b = F[1, 0] * x + F[1, 1] * y + F[1, 2] * z
        c = F[2, 0] * x + F[2, 1] * y + F[2, 2] * z
        r2 = a * a + b * b + c * c
        shortest2 = min(shortest2, r2)
        if r2 < p.cutoff * p.cutoff:
            for sign in (1.0, -1.0):
                R[count, 0], R[count, 1], R[count, 2] = sign * x, sign * y, sign * z
                d[count, 0], d[count, 1], d[count, 2] = sign * a, sign * b, sign * c
                count += 1
    return count, np.sqrt(shortest2)


@entry
def energy_stress(p, F_q, shell):
    """W (n,), P (n, 3, 3) in eV per site, density n (n,) and shortest bond (n,)."""
    n_q, n_m = F_q.shape[0], 2 * shell.shape[0]
    W, P = np.zeros(n_q), np.zeros((n_q, 3, 3))
    density, shortest = np.zeros(n_q), np.zeros(n_q)
    R, d, s = np.empty((n_m, 3)), np.empty((n_m, 3)), np.zeros(n_m + 1, np.int64)
    for q in range(n_q):
        k, shortest[q] = _bonds(p, F_q[q], shell, R, d)
        W[q], slope, density[q] = site(p, d[:k], s[: k + 1])
        for m in range(k):
            for a in range(3):
                for i in range(3):
                    P[q, a, i] += slope[m, a] * R[m, i]
    return W, P, density, shortest


@entry
def tangent(p, F_q, shell):
    """A (n, 3, 3, 3, 3) = dP/dF, eV per site."""
    n_q, n_m = F_q.shape[0], 2 * shell.shape[0]
    A, R = np.zeros((n_q, 3, 3, 3, 3)), np.empty((n_m, 3))
    d, both, s = np.empty((n_m, 3)), np.empty((n_m, 6)), np.zeros(n_m + 1, np.int64)
    for q in range(n_q):
        k, _ = _bonds(p, F_q[q], shell, R, d)
        both[:k, :3] = d[:k]
        for b in range(3):
            for j in range(3):
                both[:k, 3:] = 0.0
                both[:k, 3 + b] = R[:k, j]
                change = turned(p, both[:k], s[: k + 1])
                for m in range(k):
                    for a in range(3):
                        for i in range(3):
                            # a Hessian of differences is symmetric but for their error
                            A[q, a, i, b, j] += 0.5 * change[m, a] * R[m, i]
                            A[q, b, j, a, i] += 0.5 * change[m, a] * R[m, i]
    return A


@entry
def site_hessian(p, F, shell):
    """R (k, 3) within the cut-off at F (3, 3), and V'' (k, 3, k, 3), eV/A^2."""
    n_m = 2 * shell.shape[0]
    R, d, s = np.empty((n_m, 3)), np.empty((n_m, 3)), np.zeros(n_m + 1, np.int64)
    k, _ = _bonds(p, F, shell, R, d)
    H, both = np.zeros((k, 3, k, 3)), np.zeros((k, 6))
    both[:, :3] = d[:k]
    for m in range(k):
        for b in range(3):
            both[:, 3:] = 0.0
            both[m, 3 + b] = 1.0
            H[:, :, m, b] = turned(p, both, s[: k + 1])
    return R[:k], H
