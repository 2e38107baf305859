"""Sums over the bonds of a homogeneously deformed lattice: what W, P and A are made of.

    r^2 = R . C R,   C = F^T F,           n = sum_R rho(r)
    S, M = sum_R (1/2 phi'/r, rho'/r) R R
    T, D = 1/2 sum_R (f'/r) R R,  1/2 sum_R (f'' - f'/r)/r^2  R R R R,      f = phi + 2 E'(n) rho

over half of the lattice vectors, for +R and -R contribute equally. They are sorted by length, and
no stretch of F is less than 1 - |F - 1|: a sum ends where |R| times that exceeds the cut-off.
"""

from __future__ import annotations

from itertools import combinations_with_replacement, permutations

import numpy as np
from numba.extending import register_jitable

from qcmethod.base.voigt import COLUMN, NUMBER, ROW
from qcmethod.potentials.site import pair, pair2

QUADRUPLES = np.array(list(combinations_with_replacement(range(3), 4)))
"""The components (15, 4) of R R R R."""
FOURTH = np.zeros((3, 3, 3, 3), dtype=np.int64)
"""The number of the component (i, j, k, l); a constant of kernels."""
for _v, _components in enumerate(QUADRUPLES):
    for _permuted in permutations(_components):
        FOURTH[_permuted] = _v


@register_jitable
def products(shell):
    """R R (m, 6) in Voigt's numbers and R R R R (m, 15) of lattice vectors (m, 3)."""
    RR, RRRR = np.ones((shell.shape[0], 6)), np.ones((shell.shape[0], 15))
    for m in range(shell.shape[0]):
        for v in range(6):
            RR[m, v] = shell[m, ROW[v]] * shell[m, COLUMN[v]]
        for v in range(15):
            for k in range(4):
                RRRR[m, v] *= shell[m, QUADRUPLES[v, k]]
    return RR, RRRR


@register_jitable
def least_stretch(F):
    """1 - |F - 1|, which no stretch of F is less than; 0 where it is negative."""
    strain2 = 0.0
    for a in range(3):
        for i in range(3):
            strain2 += (F[a, i] - (1.0 if a == i else 0.0)) ** 2
    return max(1.0 - np.sqrt(strain2), 0.0)


@register_jitable
def _metric(F):
    """C = F^T F, with both of its shears in one number: R . C R = sum_v C_v (R R)_v."""
    xx = F[0, 0] * F[0, 0] + F[1, 0] * F[1, 0] + F[2, 0] * F[2, 0]
    yy = F[0, 1] * F[0, 1] + F[1, 1] * F[1, 1] + F[2, 1] * F[2, 1]
    zz = F[0, 2] * F[0, 2] + F[1, 2] * F[1, 2] + F[2, 2] * F[2, 2]
    yz = F[0, 1] * F[0, 2] + F[1, 1] * F[1, 2] + F[2, 1] * F[2, 2]
    xz = F[0, 0] * F[0, 2] + F[1, 0] * F[1, 2] + F[2, 0] * F[2, 2]
    xy = F[0, 0] * F[0, 1] + F[1, 0] * F[1, 1] + F[2, 0] * F[2, 1]
    return xx, yy, zz, 2.0 * yz, 2.0 * xz, 2.0 * xy


@register_jitable
def stress_of_bonds(p, F, stretch, RR, S, M):
    """1/2 sum phi, n and the shortest bond; S and M (6,) are overwritten."""
    xx, yy, zz, yz, xz, xy = _metric(F)
    energy, n, shortest2, rc2 = 0.0, 0.0, np.inf, p.cutoff * p.cutoff
    S[:] = 0.0
    M[:] = 0.0
    for m in range(RR.shape[0]):
        if (RR[m, 0] + RR[m, 1] + RR[m, 2]) * stretch * stretch > rc2:
            break
        r2 = xx * RR[m, 0] + yy * RR[m, 1] + zz * RR[m, 2]
        r2 += yz * RR[m, 3] + xz * RR[m, 4] + xy * RR[m, 5]
        shortest2 = min(shortest2, r2)
        if r2 < rc2:
            r = np.sqrt(r2)
            phi, dphi, rho, drho = pair(p, r)
            energy += phi
            n += 2.0 * rho
            inverse = 1.0 / r  # one division
            s, t = dphi * inverse, 2.0 * drho * inverse
            for v in range(6):
                S[v] += s * RR[m, v]
                M[v] += t * RR[m, v]
    return energy, n, np.sqrt(shortest2)


@register_jitable
def tangent_of_bonds(p, F, stretch, slope, RR, RRRR, T, M, D):
    """T, M (6,) and D (15,) are overwritten; slope : E'(n)."""
    xx, yy, zz, yz, xz, xy = _metric(F)
    rc2 = p.cutoff * p.cutoff
    T[:] = 0.0
    M[:] = 0.0
    D[:] = 0.0
    for m in range(RR.shape[0]):
        if (RR[m, 0] + RR[m, 1] + RR[m, 2]) * stretch * stretch > rc2:
            break
        r2 = xx * RR[m, 0] + yy * RR[m, 1] + zz * RR[m, 2]
        r2 += yz * RR[m, 3] + xz * RR[m, 4] + xy * RR[m, 5]
        if r2 < rc2:
            r = np.sqrt(r2)
            phi, dphi, d2phi, rho, drho, d2rho = pair2(p, r)
            inverse = 1.0 / r
            f1 = (dphi + 2.0 * slope * drho) * inverse
            f2 = (d2phi + 2.0 * slope * d2rho - f1) * inverse * inverse
            t = 2.0 * drho * inverse
            for v in range(6):
                T[v] += f1 * RR[m, v]
                M[v] += t * RR[m, v]
            for v in range(15):
                D[v] += f2 * RRRR[m, v]


@register_jitable
def from_the_left(F, M, N):
    """N = F M (3, 3) of a symmetric M (6,)."""
    for a in range(3):
        for i in range(3):
            N[a, i] = F[a, 0] * M[NUMBER[0, i]] + F[a, 1] * M[NUMBER[1, i]]
            N[a, i] += F[a, 2] * M[NUMBER[2, i]]


@register_jitable
def from_both_sides(F, T, D, i, j, K):
    """K_ab = F_ak D_kilj F_bl + delta_ab T_ij (3, 3), symmetric."""
    for a in range(3):
        x, y, z = 0.0, 0.0, 0.0
        for k in range(3):
            x += F[a, k] * D[FOURTH[i, j, k, 0]]
            y += F[a, k] * D[FOURTH[i, j, k, 1]]
            z += F[a, k] * D[FOURTH[i, j, k, 2]]
        for b in range(a, 3):
            K[a, b] = K[b, a] = x * F[b, 0] + y * F[b, 1] + z * F[b, 2]
        K[a, a] += T[NUMBER[i, j]]
