"""Energy, gradient and bond data of weighted sites of several species with central forms.

    V_i = 1/2 sum_j phi_ab(r) + F_a(n_i),    n_i = sum_j rho_ab(r)        (a of i, b of j)
    f'  = 1/2 (w_i + w_j) phi' + w_i F'_i rho_ab' + w_j F'_j rho_ba'      of a bond

What `site_kernel` is for one species: the density that j brings to i is no longer that which i
brings to j (eam/fs: it depends on both). Bonds come as a half list.
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.jit import entry
from qcmethod.potentials.site import embedded, mixed, mixed2


@entry
def energy_gradient(p, r, start, site, shift, w, species):
    """Site energies V (n,), gradient of sum w V (n, 3), densities (n,), shortest bond."""
    n = r.shape[0]
    V, density, g = np.zeros(n), np.zeros(n), np.zeros((n, 3))
    rc2, shortest2 = p.cutoff * p.cutoff, np.inf
    tension = np.empty((site.shape[0], 3))  # w phi'/r, rho_ab'/r, rho_ba'/r
    for i in range(n):
        x, y, z = r[i, 0], r[i, 1], r[i, 2]
        a, V_i, n_i = species[i], 0.0, 0.0
        for m in range(start[i], start[i + 1]):
            j = site[m]
            dx, dy, dz = r[j, 0] - x, r[j, 1] - y, r[j, 2] + shift[m] - z
            r2 = dx * dx + dy * dy + dz * dz
            if r2 >= rc2:
                tension[m, 0], tension[m, 1], tension[m, 2] = 0.0, 0.0, 0.0
                continue
            shortest2 = min(shortest2, r2)
            length = np.sqrt(r2)
            inverse, b = 1.0 / length, species[j]
            phi, dphi, rho, drho = mixed(p, a, b, length)
            back, dback = rho, drho
            if a != b:
                _, _, back, dback = mixed(p, b, a, length)
            V_i += 0.5 * phi
            V[j] += 0.5 * phi
            n_i += rho
            density[j] += back
            tension[m, 0] = 0.5 * (w[i] + w[j]) * dphi * inverse
            tension[m, 1], tension[m, 2] = drho * inverse, dback * inverse
        V[i] += V_i
        density[i] += n_i
    slope = np.zeros(n)
    for i in range(n):
        energy, first, _ = embedded(p, species[i], density[i])
        V[i] += energy
        slope[i] = w[i] * first if w[i] != 0.0 else 0.0
    for i in range(n):
        x, y, z = r[i, 0], r[i, 1], r[i, 2]
        gx, gy, gz = 0.0, 0.0, 0.0
        for m in range(start[i], start[i + 1]):
            j = site[m]
            t = tension[m, 0] + slope[i] * tension[m, 1] + slope[j] * tension[m, 2]
            tx, ty = t * (r[j, 0] - x), t * (r[j, 1] - y)
            tz = t * (r[j, 2] + shift[m] - z)
            gx -= tx
            gy -= ty
            gz -= tz
            g[j, 0] += tx
            g[j, 1] += ty
            g[j, 2] += tz
        g[i, 0] += gx
        g[i, 1] += gy
        g[i, 2] += gz
    return V, g, density, np.sqrt(shortest2)


@entry
def linearise(p, r, start, site, shift, w, density, species):
    """f'/r, (f'' - f'/r)/r^2, rho_ab'/r and rho_ba'/r of each bond (pairs, 4), and w F'' (n,)."""
    n, bonds = r.shape[0], np.zeros((site.shape[0], 4))
    slope, c = np.zeros(n), np.zeros(n)
    for i in range(n):
        if w[i] != 0.0:
            _, first, second = embedded(p, species[i], density[i])
            slope[i], c[i] = w[i] * first, w[i] * second
    for i in range(n):
        for m in range(start[i], start[i + 1]):
            j = site[m]
            dx, dy, dz = r[j, 0] - r[i, 0], r[j, 1] - r[i, 1], r[j, 2] + shift[m] - r[i, 2]
            r2 = dx * dx + dy * dy + dz * dz
            if r2 < p.cutoff * p.cutoff:
                length = np.sqrt(r2)
                _, dphi, d2phi, _, drho, d2rho = mixed2(p, species[i], species[j], length)
                _, _, _, _, dback, d2back = mixed2(p, species[j], species[i], length)
                weight = 0.5 * (w[i] + w[j])
                f1 = (weight * dphi + slope[i] * drho + slope[j] * dback) / length
                f2 = weight * d2phi + slope[i] * d2rho + slope[j] * d2back
                bonds[m, 0], bonds[m, 1] = f1, (f2 - f1) / r2
                bonds[m, 2], bonds[m, 3] = drho / length, dback / length
    return bonds, c


@entry
def hessian_action(r, start, site, shift, bonds, c, v):
    """E'' v (n, 3) from the bonds of `linearise`; v (n, 3)."""
    n = v.shape[0]
    out, dn = np.zeros((n, 3)), np.zeros(n)
    for i in range(n):
        for m in range(start[i], start[i + 1]):
            j = site[m]
            d = (r[j, 0] - r[i, 0], r[j, 1] - r[i, 1], r[j, 2] + shift[m] - r[i, 2])
            along = d[0] * (v[j, 0] - v[i, 0]) + d[1] * (v[j, 1] - v[i, 1])
            along += d[2] * (v[j, 2] - v[i, 2])
            dn[i] += bonds[m, 2] * along
            dn[j] += bonds[m, 3] * along
    for i in range(n):
        dn[i] *= c[i]
    for i in range(n):
        for m in range(start[i], start[i + 1]):
            j = site[m]
            d = (r[j, 0] - r[i, 0], r[j, 1] - r[i, 1], r[j, 2] + shift[m] - r[i, 2])
            e = (v[j, 0] - v[i, 0], v[j, 1] - v[i, 1], v[j, 2] - v[i, 2])
            along = bonds[m, 1] * (d[0] * e[0] + d[1] * e[1] + d[2] * e[2])
            along += bonds[m, 2] * dn[i] + bonds[m, 3] * dn[j]
            for x in range(3):
                t = bonds[m, 0] * e[x] + along * d[x]
                out[i, x] -= t
                out[j, x] += t
    return out


@entry
def virials(p, r, start, site, shift, density, species):
    """X (n, 3, 3), eV; see `virial_kernel`."""
    n = r.shape[0]
    X, slope = np.zeros((n, 3, 3)), np.zeros(n)
    for i in range(n):
        _, slope[i], _ = embedded(p, species[i], density[i])
    for i in range(n):
        for m in range(start[i], start[i + 1]):
            j = site[m]
            d = (r[j, 0] - r[i, 0], r[j, 1] - r[i, 1], r[j, 2] + shift[m] - r[i, 2])
            length = np.sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2])
            if length < p.cutoff:
                _, dphi, _, drho = mixed(p, species[i], species[j], length)
                _, _, _, dback = mixed(p, species[j], species[i], length)
                t = 0.5 * (dphi + slope[i] * drho + slope[j] * dback) / length
                for a in range(3):
                    for b in range(3):
                        X[i, a, b] += t * d[a] * d[b]
                        X[j, a, b] += t * d[a] * d[b]
    return X
