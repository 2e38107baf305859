"""The Cauchy-Born continuum: the potential evaluated on a homogeneously deformed lattice.

    W(F) = 1/2 sum_R phi(|F R|) + E(n),   n = sum_R rho(|F R|)        (per site)
    P    = dW/dF  = 1/2 sum_R f'/r  d (x) R,      d = F R,  f = phi + 2 E'(n) rho
    A    = dP/dF  = 1/2 sum_R [(f'' - f'/r) d d / r^2 + f'/r 1] (x) R R + E''(n) N (x) N
    N    = dn/dF  = sum_R rho'/r  d (x) R

over the lattice vectors R != 0 (Born and Huang 1954; Ericksen 1984; Tadmor, Ortiz, Phillips 1996).
Half of the shell is summed: +R and -R contribute equally.
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.jit import entry
from qcmethod.base.voigt import NUMBER
from qcmethod.potentials.site import embed, pair, pair2


@entry
def energy_stress(p, F_q, shell):
    """W (n,), P (n, 3, 3) in eV per site, density n (n,) and shortest bond (n,)."""
    n_q = F_q.shape[0]
    W, P = np.zeros(n_q), np.zeros((n_q, 3, 3))
    density, shortest = np.zeros(n_q), np.full(n_q, np.inf)
    d = np.zeros((shell.shape[0], 4))
    for q in range(n_q):
        for m in range(shell.shape[0]):
            for a in range(3):
                d[m, a] = 0.0
                for i in range(3):
                    d[m, a] += F_q[q, a, i] * shell[m, i]
            r = np.sqrt(d[m, 0] ** 2 + d[m, 1] ** 2 + d[m, 2] ** 2)
            d[m, 3] = r
            shortest[q] = min(shortest[q], r)
            if r < p.cutoff:
                phi, dphi, rho, drho = pair(p, r)
                W[q] += phi
                density[q] += 2.0 * rho
        energy, slope, curvature = embed(p, density[q])
        W[q] += energy
        for m in range(shell.shape[0]):
            r = d[m, 3]
            if r < p.cutoff:
                phi, dphi, rho, drho = pair(p, r)
                t = (dphi + 2.0 * slope * drho) / r
                for a in range(3):
                    for i in range(3):
                        P[q, a, i] += t * d[m, a] * shell[m, i]
    return W, P, density, shortest


@entry
def tangent(p, F_q, shell, density):
    """A (n, 3, 3, 3, 3) = dP/dF, eV per site, at the densities from `energy_stress`."""
    n_q, n_shell = F_q.shape[0], shell.shape[0]
    A, T = np.zeros((n_q, 3, 3, 3, 3)), np.zeros((6, 6))
    d, K, N = np.zeros(3), np.zeros(6), np.zeros((3, 3))
    # K_ab R_i R_j is symmetric in (a, b) and in (i, j): six components each, kept apart in T
    RR = np.zeros((n_shell, 6))
    for m in range(n_shell):
        for i in range(3):
            for j in range(i + 1):
                RR[m, NUMBER[i, j]] = shell[m, i] * shell[m, j]
    for q in range(n_q):
        energy, slope, curvature = embed(p, density[q])
        T[:, :] = 0.0
        N[:, :] = 0.0
        for m in range(n_shell):
            for a in range(3):
                d[a] = 0.0
                for i in range(3):
                    d[a] += F_q[q, a, i] * shell[m, i]
            r = np.sqrt(d[0] ** 2 + d[1] ** 2 + d[2] ** 2)
            if r >= p.cutoff:
                continue
            phi, dphi, d2phi, rho, drho, d2rho = pair2(p, r)
            f1 = (dphi + 2.0 * slope * drho) / r
            f2 = (d2phi + 2.0 * slope * d2rho - f1) / (r * r)
            for a in range(3):
                K[a] = f2 * d[a] * d[a] + f1
                for i in range(3):
                    N[a, i] += 2.0 * drho / r * d[a] * shell[m, i]
            K[3], K[4], K[5] = f2 * d[1] * d[2], f2 * d[0] * d[2], f2 * d[0] * d[1]
            for x in range(6):
                for y in range(6):
                    T[x, y] += K[x] * RR[m, y]
        for a in range(3):
            for i in range(3):
                for b in range(3):
                    for j in range(3):
                        both = curvature * N[a, i] * N[b, j]
                        A[q, a, i, b, j] = T[NUMBER[a, b], NUMBER[i, j]] + both
    return A
