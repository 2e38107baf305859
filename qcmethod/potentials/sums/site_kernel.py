"""Energy, gradient and Hessian action of a weighted set of sites.

    E = sum_i w_i V_i,    V_i = 1/2 sum_j phi(r_ij) + F(n_i),    n_i = sum_j rho(r_ij)

    dE/dr_j  has per bond (i, j) the tension  f' = 1/2 (w_i + w_j) phi' + (w_i F'_i + w_j F'_j) rho'
    E'' v    = sum over bonds of K_ij (v_j - v_i)  +  sum_i w_i F''_i (grad n_i . v) grad n_i
    K_ij     = (f'' - f'/r) d d^T / r^2 + f'/r

with any weights w_i >= 0 (Daw and Baskes 1984 for w = 1). Bonds come as a half list, so one visit
serves both ends; bonds whose two ends have no weight are not in the list.
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.jit import entry
from qcmethod.potentials.site import embed, is_pair, pair, pair2


@entry
def energy_gradient(p, r, start, site, shift, w):
    """Site energies V (n,), gradient of sum w V (n, 3), densities (n,), shortest bond."""
    n = r.shape[0]
    V, density, g = np.zeros(n), np.zeros(n), np.zeros((n, 3))
    rc2, shortest2 = p.cutoff * p.cutoff, np.inf
    # w phi'/r and rho'/r of each bond wait for the densities: a second visit to the splines is dear
    tension = np.empty((0 if is_pair(p, 0) else site.shape[0], 2))
    for i in range(n):
        x, y, z = r[i, 0], r[i, 1], r[i, 2]
        V_i, n_i, gx, gy, gz = 0.0, 0.0, 0.0, 0.0, 0.0
        for m in range(start[i], start[i + 1]):
            j = site[m]
            dx, dy, dz = r[j, 0] - x, r[j, 1] - y, r[j, 2] + shift[m] - z
            r2 = dx * dx + dy * dy + dz * dz
            if r2 < rc2:
                shortest2 = min(shortest2, r2)
                length = np.sqrt(r2)
                inverse = 1.0 / length  # the bodies of `pair` divide 1.0 by it too: one division
                phi, dphi, rho, drho = pair(p, length)
                V_i += 0.5 * phi
                V[j] += 0.5 * phi
                t = 0.5 * (w[i] + w[j]) * dphi * inverse
                if is_pair(p, 0):
                    gx -= t * dx
                    gy -= t * dy
                    gz -= t * dz
                    g[j, 0] += t * dx
                    g[j, 1] += t * dy
                    g[j, 2] += t * dz
                else:
                    n_i += rho
                    density[j] += rho
                    tension[m, 0], tension[m, 1] = t, drho * inverse
            elif not is_pair(p, 0):
                tension[m, 0], tension[m, 1] = 0.0, 0.0
        V[i] += V_i
        density[i] += n_i
        g[i, 0] += gx
        g[i, 1] += gy
        g[i, 2] += gz
    if is_pair(p, 0):
        return V, g, density, np.sqrt(shortest2)
    slope = np.zeros(n)
    for i in range(n):
        energy, first, second = embed(p, density[i])
        V[i] += energy
        slope[i] = w[i] * first if w[i] != 0.0 else 0.0
    for i in range(n):
        x, y, z = r[i, 0], r[i, 1], r[i, 2]
        gx, gy, gz = 0.0, 0.0, 0.0
        for m in range(start[i], start[i + 1]):
            j = site[m]
            dx, dy, dz = r[j, 0] - x, r[j, 1] - y, r[j, 2] + shift[m] - z
            t = tension[m, 0] + (slope[i] + slope[j]) * tension[m, 1]
            gx -= t * dx
            gy -= t * dy
            gz -= t * dz
            g[j, 0] += t * dx
            g[j, 1] += t * dy
            g[j, 2] += t * dz
        g[i, 0] += gx
        g[i, 1] += gy
        g[i, 2] += gz
    return V, g, density, np.sqrt(shortest2)


@entry
def linearise(p, r, start, site, shift, w, density):
    """f'/r, (f'' - f'/r)/r^2 and rho'/r of each bond (pairs, 3), and w F'' (n,)."""
    n, bonds = r.shape[0], np.zeros((site.shape[0], 3))
    slope, c = np.zeros(n), np.zeros(n)
    for i in range(n):
        if w[i] != 0.0:
            energy, first, second = embed(p, density[i])
            slope[i], c[i] = w[i] * first, w[i] * second
    for i in range(n):
        for m in range(start[i], start[i + 1]):
            j = site[m]
            dx, dy, dz = r[j, 0] - r[i, 0], r[j, 1] - r[i, 1], r[j, 2] + shift[m] - r[i, 2]
            r2 = dx * dx + dy * dy + dz * dz
            if r2 < p.cutoff * p.cutoff:
                length = np.sqrt(r2)
                phi, dphi, d2phi, rho, drho, d2rho = pair2(p, length)
                weight, both = 0.5 * (w[i] + w[j]), slope[i] + slope[j]
                f1 = (weight * dphi + both * drho) / length
                bonds[m, 0], bonds[m, 1] = f1, (weight * d2phi + both * d2rho - f1) / r2
                bonds[m, 2] = drho / length
    return bonds, c


@entry
def hessian_action(r, start, site, shift, bonds, c, v):
    """E'' v (n, 3) from the bonds of `linearise`; v (n, 3). Three numbers a bond are read from
    memory, its direction is computed anew."""
    n = v.shape[0]
    out, dn = np.zeros((n, 3)), np.zeros(n)
    for i in range(n):
        x, y, z, vx, vy, vz = r[i, 0], r[i, 1], r[i, 2], v[i, 0], v[i, 1], v[i, 2]
        dn_i = 0.0
        for m in range(start[i], start[i + 1]):
            j = site[m]
            dx, dy, dz = r[j, 0] - x, r[j, 1] - y, r[j, 2] + shift[m] - z
            a, b, e = v[j, 0] - vx, v[j, 1] - vy, v[j, 2] - vz
            change = bonds[m, 2] * (dx * a + dy * b + dz * e)
            dn_i += change
            dn[j] += change
        dn[i] += dn_i
    for i in range(n):
        dn[i] *= c[i]
    for i in range(n):
        x, y, z, vx, vy, vz = r[i, 0], r[i, 1], r[i, 2], v[i, 0], v[i, 1], v[i, 2]
        ox, oy, oz = 0.0, 0.0, 0.0
        for m in range(start[i], start[i + 1]):
            j = site[m]
            dx, dy, dz = r[j, 0] - x, r[j, 1] - y, r[j, 2] + shift[m] - z
            a, b, e = v[j, 0] - vx, v[j, 1] - vy, v[j, 2] - vz
            f1 = bonds[m, 0]
            along = bonds[m, 1] * (dx * a + dy * b + dz * e) + bonds[m, 2] * (dn[i] + dn[j])
            tx, ty, tz = f1 * a + along * dx, f1 * b + along * dy, f1 * e + along * dz
            ox -= tx
            oy -= ty
            oz -= tz
            out[j, 0] += tx
            out[j, 1] += ty
            out[j, 2] += tz
        out[i, 0] += ox
        out[i, 1] += oy
        out[i, 2] += oz
    return out
