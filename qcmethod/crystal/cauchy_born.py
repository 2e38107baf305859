"""The Cauchy-Born continuum: the potential evaluated on a homogeneously deformed lattice.

    W(F) = 1/2 sum_R phi(|F R|) + E(n),   n = sum_R rho(|F R|)        (per site)
    P    = dW/dF  = F T,                  T = 1/2 sum_R f'/r R R = S + E'(n) M
    A    = dP/dF,   A_aibj = F_ak D_kilj F_bl + delta_ab T_ij + E''(n) N_ai N_bj
    N    = dn/dF  = F M,                  f = phi + 2 E'(n) rho

over the lattice vectors R != 0 (Born and Huang 1954; Ericksen 1984; Tadmor, Ortiz, Phillips 1996).
S, M and D are sums of R R and R R R R over bonds that know F by F^T F alone (`cauchy_born_bonds`):
6 and 15 components, whatever the crystal.
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.jit import entry
from qcmethod.crystal.cauchy_born_bonds import (
    from_both_sides,
    from_the_left,
    least_stretch,
    products,
    stress_of_bonds,
    tangent_of_bonds,
)
from qcmethod.potentials.site import embed


@entry
def energy_stress(p, F_q, shell):
    """W (n,), P (n, 3, 3) in eV per site, density n (n,) and shortest bond (n,)."""
    n_q, (RR, _) = F_q.shape[0], products(shell)
    W, P = np.zeros(n_q), np.zeros((n_q, 3, 3))
    density, shortest, S, M = np.zeros(n_q), np.full(n_q, np.inf), np.zeros(6), np.zeros(6)
    for q in range(n_q):
        F = F_q[q]
        pairs, n, nearest = stress_of_bonds(p, F, least_stretch(F), RR, S, M)
        energy, slope, curvature = embed(p, n)
        W[q], density[q], shortest[q] = pairs + energy, n, nearest
        for v in range(6):
            S[v] += slope * M[v]
        from_the_left(F, S, P[q])
    return W, P, density, shortest


@entry
def tangent(p, F_q, shell, density):
    """A (n, 3, 3, 3, 3) = dP/dF, eV per site, at the densities from `energy_stress`."""
    n_q, (RR, RRRR) = F_q.shape[0], products(shell)
    A, K, N = np.zeros((n_q, 3, 3, 3, 3)), np.zeros((3, 3)), np.zeros((3, 3))
    T, M, D = np.zeros(6), np.zeros(6), np.zeros(15)
    for q in range(n_q):
        F = F_q[q]
        energy, slope, curvature = embed(p, density[q])
        tangent_of_bonds(p, F, least_stretch(F), slope, RR, RRRR, T, M, D)
        from_the_left(F, M, N)
        for i in range(3):
            for j in range(3):
                from_both_sides(F, T, D, i, j, K)
                for a in range(3):
                    for b in range(3):
                        A[q, a, i, b, j] = K[a, b] + curvature * N[a, i] * N[b, j]
    return A
