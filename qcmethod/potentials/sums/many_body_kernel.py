"""Energy, gradient and Hessian of weighted sites whose energy is a function of all their vectors.

    E = sum_i w_i V(d_i),    d_im = r_j - r_i for the neighbours j = j(m) within the cut-off
    dE/dr_j = sum_i w_i dV/dd_im,    dE/dr_i = - sum_m w_i dV/dd_im
    E'' v   = the same sums of  w_i V''(d_i) (v_j - v_i)

A site sees all of its neighbours at once, so the half list is spread out to both ends first. Forces
reach two cut-offs: a neighbour's energy feels a neighbour's neighbour.
"""

from __future__ import annotations

import numpy as np
from numba.extending import register_jitable

from qcmethod.base.jit import entry
from qcmethod.potentials.site import site as site_energy
from qcmethod.potentials.site import turned


@register_jitable
def _both_ends(n, start, site, shift):
    """Neighbours of site i: other[first[i]:first[i + 1]], shifted by `up` along z, A."""
    first = np.zeros(n + 1, np.int64)
    for i in range(n):
        first[i + 1] += start[i + 1] - start[i]
        for m in range(start[i], start[i + 1]):
            first[site[m] + 1] += 1
    for i in range(n):
        first[i + 1] += first[i]
    at = first[:-1].copy()
    other, up = np.empty(first[n], np.int64), np.empty(first[n])
    for i in range(n):
        for m in range(start[i], start[i + 1]):
            j = site[m]
            other[at[i]], up[at[i]] = j, shift[m]
            at[i] += 1
            other[at[j]], up[at[j]] = i, -shift[m]
            at[j] += 1
    return first, other, up


@register_jitable
def _within(r, i, first, other, up, cutoff, species, d, near, s):
    """Fill the vectors d (:, 3) to the neighbours of site i within the cut-off, which they are, and
    the species s of the site and of them; their number, and the shortest distance."""
    s[0] = species[i]
    count, shortest2 = 0, np.inf
    for m in range(first[i], first[i + 1]):
        j = other[m]
        x, y, z = r[j, 0] - r[i, 0], r[j, 1] - r[i, 1], r[j, 2] + up[m] - r[i, 2]
        r2 = x * x + y * y + z * z
        if r2 < cutoff * cutoff:
            shortest2 = min(shortest2, r2)
            d[count, 0], d[count, 1], d[count, 2] = x, y, z
            near[count] = j
            s[count + 1] = species[j]
            count += 1
    return count, np.sqrt(shortest2)


@register_jitable
def _room(first):
    """Work arrays for the vectors of a site, for its neighbours, and for their species."""
    most = 0
    for i in range(first.shape[0] - 1):
        most = max(most, first[i + 1] - first[i])
    return np.empty((most, 3)), np.empty(most, np.int64), np.empty(most + 1, np.int64)


@entry
def energy_gradient(p, r, start, site, shift, w, species):
    """Site energies V (n,), gradient of sum w V (n, 3), densities (n,), shortest bond.

    V and the density are those of sites with a weight; 0 of the others.
    """
    n, shortest = r.shape[0], np.inf
    V, density, g = np.zeros(n), np.zeros(n), np.zeros((n, 3))
    first, other, up = _both_ends(n, start, site, shift)
    d, near, s = _room(first)
    for i in range(n):
        if w[i] == 0.0:
            continue
        k, nearest = _within(r, i, first, other, up, p.cutoff, species, d, near, s)
        V[i], slope, density[i] = site_energy(p, d[:k], s[: k + 1])
        shortest = min(shortest, nearest)
        for m in range(k):
            for a in range(3):
                g[near[m], a] += w[i] * slope[m, a]
                g[i, a] -= w[i] * slope[m, a]
    return V, g, density, shortest


@entry
def hessian_action(p, r, start, site, shift, w, species, v):
    """E'' v (n, 3) of sum w V at the positions r; v (n, 3)."""
    n = r.shape[0]
    out = np.zeros((n, 3))
    first, other, up = _both_ends(n, start, site, shift)
    d, near, s = _room(first)
    both = np.empty((d.shape[0], 6))
    for i in range(n):
        if w[i] == 0.0:
            continue
        k, _ = _within(r, i, first, other, up, p.cutoff, species, d, near, s)
        for m in range(k):
            for a in range(3):
                both[m, a], both[m, 3 + a] = d[m, a], v[near[m], a] - v[i, a]
        change = turned(p, both[:k], s[: k + 1])
        for m in range(k):
            for a in range(3):
                out[near[m], a] += w[i] * change[m, a]
                out[i, a] -= w[i] * change[m, a]
    return out


@entry
def add_blocks(p, r, start, site, shift, w, species, row, column, blocks):
    """Add E'' to the blocks (m, 3, 3) of a sparse matrix: row i has the columns
    column[row[i]:row[i + 1]], ascending, among them all that its sites have in common with it."""
    n = r.shape[0]
    first, other, up = _both_ends(n, start, site, shift)
    d, near, s = _room(first)
    both, ends = np.zeros((d.shape[0], 6)), np.empty(d.shape[0] + 1, np.int64)
    for i in range(n):
        if w[i] == 0.0:
            continue
        k, _ = _within(r, i, first, other, up, p.cutoff, species, d, near, s)
        both[:k, :3] = d[:k]
        ends[:k] = near[:k]
        ends[k] = i
        for m in range(k + 1):
            for b in range(3):
                both[:k, 3:] = 0.0
                if m < k:
                    both[m, 3 + b] = 1.0
                else:
                    both[:k, 3 + b] = -1.0
                change = w[i] * turned(p, both[:k], s[: k + 1])
                for e in range(k):
                    for end, sign in ((ends[e], 1.0), (i, -1.0)):
                        lowest, highest = row[end], row[end + 1]
                        at = lowest + np.searchsorted(column[lowest:highest], ends[m])
                        for a in range(3):
                            blocks[at, a, b] += sign * change[e, a]


@entry
def virials(p, r, start, site, shift, species):
    """X (n, 3, 3), eV: of each vector 1/2 dV/dd (x) d for either end, all weights 1."""
    n = r.shape[0]
    X = np.zeros((n, 3, 3))
    first, other, up = _both_ends(n, start, site, shift)
    d, near, s = _room(first)
    for i in range(n):
        k, _ = _within(r, i, first, other, up, p.cutoff, species, d, near, s)
        _, slope, _ = site_energy(p, d[:k], s[: k + 1])
        for m in range(k):
            for a in range(3):
                for b in range(3):
                    x = 0.5 * slope[m, a] * d[m, b]
                    X[i, a, b] += x
                    X[near[m], a, b] += x
    return X
