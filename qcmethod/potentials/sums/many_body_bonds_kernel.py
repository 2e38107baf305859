"""Energy, gradient and Hessian of sites of a many-body form whose bond vectors are given.

    V_i = V(d_i1, d_i2, ...),    dV_i/d base_m = sum over the bonds of column m of dV/dd

The bonds of one column of atoms differ by whole periods along z only, so they share one base vector
(see `fixed_bonds_kernel` for central forms).
"""

from __future__ import annotations

import numpy as np
from numba.extending import register_jitable

from qcmethod.base.jit import entry
from qcmethod.potentials.site import site as site_energy
from qcmethod.potentials.site import turned


@register_jitable
def _of_columns(base, on, start, shift, cutoff, d, column):
    """Fill the vectors d (:, 3) within the cut-off of the columns that a site has, and the column
    of each; their number, and the shortest distance."""
    count, shortest2 = 0, np.inf
    for m in range(base.shape[0]):
        if not on[m]:
            continue
        x, y = base[m, 0], base[m, 1]
        for b in range(start[m], start[m + 1]):
            z = base[m, 2] + shift[b]
            r2 = x * x + y * y + z * z
            shortest2 = min(shortest2, r2)
            if r2 < cutoff * cutoff:
                d[count, 0], d[count, 1], d[count, 2] = x, y, z
                column[count] = m
                count += 1
    return count, np.sqrt(shortest2)


@entry
def energy_gradient(p, base, on, start, shift):
    """What `fixed_bonds_kernel.energy_gradient` is for central forms."""
    n = base.shape[0]
    V, density, shortest = np.zeros(n), np.zeros(n), np.zeros(n)
    g = np.zeros(base.shape)
    d, column = np.empty((shift.shape[0], 3)), np.empty(shift.shape[0], np.int64)
    s = np.zeros(shift.shape[0] + 1, np.int64)
    for i in range(n):
        k, shortest[i] = _of_columns(base[i], on[i], start, shift, p.cutoff, d, column)
        V[i], slope, density[i] = site_energy(p, d[:k], s[: k + 1])
        for m in range(k):
            for a in range(3):
                g[i, column[m], a] += slope[m, a]
    return V, g, density, shortest


@entry
def hessian_action(p, base, on, start, shift, v):
    """V'' v (n, m, 3) of each site at the bases (n, m, 3); v (n, m, 3)."""
    out = np.zeros(base.shape)
    d, column = np.empty((shift.shape[0], 3)), np.empty(shift.shape[0], np.int64)
    s = np.zeros(shift.shape[0] + 1, np.int64)
    both = np.empty((shift.shape[0], 6))
    for i in range(base.shape[0]):
        k, _ = _of_columns(base[i], on[i], start, shift, p.cutoff, d, column)
        for m in range(k):
            for a in range(3):
                both[m, a], both[m, 3 + a] = d[m, a], v[i, column[m], a]
        change = turned(p, both[:k], s[: k + 1])
        for m in range(k):
            for a in range(3):
                out[i, column[m], a] += change[m, a]
    return out
