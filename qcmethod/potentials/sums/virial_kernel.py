"""The virial of each atom: what stretching its bonds costs, half of a bond for each of its ends.

    X_i = 1/2 sum_j f_ij/r d (x) d,     f_ij = phi' + (F'_i + F'_j) rho',     d = r_j - r_i

for whole atoms (all weights 1). Their sum is the derivative of the energy with respect to a
homogeneous strain; in a homogeneous crystal X = Omega_0 P F^T. (Thompson, Plimpton and Mattson
2009, J. Chem. Phys. 131, 154107, whose sign is the opposite one: here tension is positive.)
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.jit import entry
from qcmethod.potentials.site import embed, pair


@entry
def virials(p, r, start, site, shift, density):
    """X (n, 3, 3), eV, of the bonds of a half list at the densities (n,) of its sites."""
    n = r.shape[0]
    X, slope, d = np.zeros((n, 3, 3)), np.zeros(n), np.zeros(3)
    for i in range(n):
        energy, first, second = embed(p, density[i])
        slope[i] = first
    for i in range(n):
        for m in range(start[i], start[i + 1]):
            j = site[m]
            d[0], d[1], d[2] = r[j, 0] - r[i, 0], r[j, 1] - r[i, 1], r[j, 2] + shift[m] - r[i, 2]
            length = np.sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2])
            if length < p.cutoff:
                phi, dphi, rho, drho = pair(p, length)
                t = 0.5 * (dphi + (slope[i] + slope[j]) * drho) / length
                for a in range(3):
                    for b in range(3):
                        X[i, a, b] += t * d[a] * d[b]
                        X[j, a, b] += t * d[a] * d[b]
    return X
