"""The Cauchy-Born continuum: the potential evaluated on a homogeneously deformed lattice.

    W(F) = 1/2 sum_R phi(|F R|) + E(n),   n = sum_R rho(|F R|)        (per site)
    P    = dW/dF  = S + E'(n) N,          S = 1/2 sum_R phi'/r  d (x) R,      d = F R
    A    = dP/dF  = 1/2 sum_R [(f'' - f'/r) d d / r^2 + f'/r 1] (x) R R + E''(n) N (x) N
    N    = dn/dF  = sum_R rho'/r  d (x) R,                       f = phi + 2 E'(n) rho

over the lattice vectors R != 0 (Born and Huang 1954; Ericksen 1984; Tadmor, Ortiz, Phillips 1996).
Half of the shell is summed: +R and -R contribute equally. It is sorted by length, for no stretch of
F is less than 1 - |F - 1|: the sum ends where |R| times that exceeds the cut-off.

`axes` is the tuple (0, ..., dim - 1) of the directions i that are asked for. Its type holds dim, so
the loops over i are unrolled when a kernel is compiled.
"""

from __future__ import annotations

import numpy as np
from numba.extending import register_jitable

from qcmethod.base.jit import entry
from qcmethod.base.voigt import NUMBER
from qcmethod.potentials.site import embed, pair, pair2


@entry
def energy_stress(p, F_q, shell):
    """W (n,), P (n, 3, 3) in eV per site, density n (n,) and shortest bond (n,)."""
    n_q = F_q.shape[0]
    W, P = np.zeros(n_q), np.zeros((n_q, 3, 3))
    density, shortest = np.zeros(n_q), np.full(n_q, np.inf)
    S, N = np.zeros((3, 3)), np.zeros((3, 3))
    for q in range(n_q):
        stretch = least_stretch(F_q[q])
        pairs, n, nearest = stress_of_bonds(p, F_q[q], shell, stretch, (0, 1, 2), S, N)
        energy, slope, curvature = embed(p, n)
        W[q], density[q], shortest[q] = pairs + energy, n, nearest
        for a in range(3):
            for i in range(3):
                P[q, a, i] = S[i, a] + slope * N[i, a]
    return W, P, density, shortest


@entry
def tangent(p, F_q, shell, density):
    """A (n, 3, 3, 3, 3) = dP/dF, eV per site, at the densities from `energy_stress`."""
    n_q = F_q.shape[0]
    A, T, N = np.zeros((n_q, 3, 3, 3, 3)), np.zeros((3, 3, 6)), np.zeros((3, 3))
    for q in range(n_q):
        energy, slope, curvature = embed(p, density[q])
        tangent_of_bonds(p, F_q[q], shell, least_stretch(F_q[q]), slope, (0, 1, 2), T, N)
        for a in range(3):
            for i in range(3):
                for b in range(3):
                    for j in range(3):
                        both = curvature * N[i, a] * N[j, b]
                        A[q, a, i, b, j] = T[min(i, j), max(i, j), NUMBER[a, b]] + both
    return A


@register_jitable
def least_stretch(F):
    """1 - |F - 1|, which no stretch of F is less than; 0 where it is negative."""
    strain2 = 0.0
    for a in range(3):
        for i in range(3):
            strain2 += (F[a, i] - (1.0 if a == i else 0.0)) ** 2
    return max(1.0 - np.sqrt(strain2), 0.0)


@register_jitable
def stress_of_bonds(p, F, shell, stretch, axes, S, N):
    """1/2 sum phi, n and the shortest bond; S and N (dim, 3), transposed, are overwritten."""
    energy, n, shortest2, rc2 = 0.0, 0.0, np.inf, p.cutoff * p.cutoff
    S[:, :] = 0.0
    N[:, :] = 0.0
    for m in range(shell.shape[0]):
        X, Y, Z = shell[m, 0], shell[m, 1], shell[m, 2]
        if (X * X + Y * Y + Z * Z) * stretch * stretch > rc2:
            break
        x = F[0, 0] * X + F[0, 1] * Y + F[0, 2] * Z
        y = F[1, 0] * X + F[1, 1] * Y + F[1, 2] * Z
        z = F[2, 0] * X + F[2, 1] * Y + F[2, 2] * Z
        r2 = x * x + y * y + z * z
        shortest2 = min(shortest2, r2)
        if r2 < rc2:
            r = np.sqrt(r2)
            phi, dphi, rho, drho = pair(p, r)
            energy += phi
            n += 2.0 * rho
            s, t = dphi / r, 2.0 * drho / r
            for i in range(len(axes)):
                sR, tR = s * shell[m, i], t * shell[m, i]
                S[i, 0] += sR * x
                S[i, 1] += sR * y
                S[i, 2] += sR * z
                N[i, 0] += tR * x
                N[i, 1] += tR * y
                N[i, 2] += tR * z
    return energy, n, np.sqrt(shortest2)


@register_jitable
def tangent_of_bonds(p, F, shell, stretch, slope, axes, T, N):
    """The sum of A over the bonds, T (dim, dim, 6), and N (dim, 3) are overwritten.

    It is symmetric in (i, j), i <= j are set, and in (a, b), kept in Voigt's numbers.
    """
    rc2 = p.cutoff * p.cutoff
    T[:, :, :] = 0.0
    N[:, :] = 0.0
    for m in range(shell.shape[0]):
        X, Y, Z = shell[m, 0], shell[m, 1], shell[m, 2]
        if (X * X + Y * Y + Z * Z) * stretch * stretch > rc2:
            break
        x = F[0, 0] * X + F[0, 1] * Y + F[0, 2] * Z
        y = F[1, 0] * X + F[1, 1] * Y + F[1, 2] * Z
        z = F[2, 0] * X + F[2, 1] * Y + F[2, 2] * Z
        r2 = x * x + y * y + z * z
        if r2 < rc2:
            r = np.sqrt(r2)
            phi, dphi, d2phi, rho, drho, d2rho = pair2(p, r)
            f1 = (dphi + 2.0 * slope * drho) / r
            f2 = (d2phi + 2.0 * slope * d2rho - f1) / r2
            t = 2.0 * drho / r
            xx, yy, zz = f2 * x * x + f1, f2 * y * y + f1, f2 * z * z + f1
            yz, xz, xy = f2 * y * z, f2 * x * z, f2 * x * y
            for i in range(len(axes)):
                tR = t * shell[m, i]
                N[i, 0] += tR * x
                N[i, 1] += tR * y
                N[i, 2] += tR * z
                for j in range(i, len(axes)):
                    RR = shell[m, i] * shell[m, j]
                    T[i, j, 0] += RR * xx
                    T[i, j, 1] += RR * yy
                    T[i, j, 2] += RR * zz
                    T[i, j, 3] += RR * yz
                    T[i, j, 4] += RR * xz
                    T[i, j, 5] += RR * xy
