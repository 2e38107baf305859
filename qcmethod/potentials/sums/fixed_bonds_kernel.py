"""Energy, gradient and stiffness of sites whose bond vectors are given, not found.

    V_i = 1/2 sum_b phi(|d_ib|) + F(n_i),   n_i = sum_b rho(|d_ib|)
    dV_i/dd_ib = t d,    t = (1/2 phi' + F' rho')/r
    V_i'' = K_ib delta_bb' + F'' N_ib (x) N_ib',    N = rho' d/r
    K = f'' d d/r^2 + f'/r (1 - d d/r^2)

with f = 1/2 phi + F' rho (Daw and Baskes 1984). The bonds of one column of atoms differ by whole
periods along z only, so they share one base vector: derivatives are summed over a column.
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.jit import entry
from qcmethod.potentials.site import embed, pair, pair2


@entry
def energy_gradient(p, base, on, start, shift):
    """V (n,), gradient (n, m, 3) in the base vectors, density (n,), shortest bond (n,).

    base (n, m, 3): vector of column m of site n; its bonds are base + shift e_z with the shifts
    start[m] ... start[m + 1] - 1; columns that are not `on` (n, m) have none.
    """
    n, m_columns = base.shape[0], base.shape[1]
    V, density, g = np.zeros(n), np.zeros(n), np.zeros((n, m_columns, 3))
    shortest = np.full(n, np.inf)
    for i in range(n):
        for m in range(m_columns):
            if not on[i, m]:
                continue
            x, y = base[i, m, 0], base[i, m, 1]
            for b in range(start[m], start[m + 1]):
                z = base[i, m, 2] + shift[b]
                r = np.sqrt(x * x + y * y + z * z)
                shortest[i] = min(shortest[i], r)
                if r < p.cutoff:
                    phi, dphi, rho, drho = pair(p, r)
                    V[i] += 0.5 * phi
                    density[i] += rho
        energy, slope, curvature = embed(p, density[i])
        V[i] += energy
        for m in range(m_columns):
            if not on[i, m]:
                continue
            x, y = base[i, m, 0], base[i, m, 1]
            for b in range(start[m], start[m + 1]):
                z = base[i, m, 2] + shift[b]
                r = np.sqrt(x * x + y * y + z * z)
                if r < p.cutoff:
                    phi, dphi, rho, drho = pair(p, r)
                    t = (0.5 * dphi + slope * drho) / r
                    g[i, m, 0] += t * x
                    g[i, m, 1] += t * y
                    g[i, m, 2] += t * z
    return V, g, density, shortest


@entry
def linearise(p, base, on, start, shift, density):
    """K (n, m, 3, 3) and N (n, m, 3) of each column, F'' (n,), at densities (n,)."""
    n, m_columns = base.shape[0], base.shape[1]
    K, N = np.zeros((n, m_columns, 3, 3)), np.zeros((n, m_columns, 3))
    c, d = np.zeros(n), np.zeros(3)
    for i in range(n):
        energy, slope, c[i] = embed(p, density[i])
        for m in range(m_columns):
            if not on[i, m]:
                continue
            d[0], d[1] = base[i, m, 0], base[i, m, 1]
            for b in range(start[m], start[m + 1]):
                d[2] = base[i, m, 2] + shift[b]
                r = np.sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2])
                if r >= p.cutoff:
                    continue
                phi, dphi, d2phi, rho, drho, d2rho = pair2(p, r)
                f1 = (0.5 * dphi + slope * drho) / r
                f2 = (0.5 * d2phi + slope * d2rho - f1) / (r * r)
                for a in range(3):
                    N[i, m, a] += drho / r * d[a]
                    K[i, m, a, a] += f1
                    for e in range(3):
                        K[i, m, a, e] += f2 * d[a] * d[e]
    return K, N, c
