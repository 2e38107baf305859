"""Signatures of the bonds of an atom, and the structure that they spell.

A bond to a neighbour has the signature (c, b, l): c neighbours in common, b bonds between those, l
of them in the longest chain (Honeycutt and Andersen 1987, J. Phys. Chem. 91, 4950).

    fcc 12 x 421      hcp 6 x 421, 6 x 422      icosahedral 12 x 555      bcc 8 x 666, 6 x 444

For these five the largest number m of bonds that meet in one of the c says as much as l: two bonds
of four meet (422) or do not (421), and five, four or six bonds with m = 2 make a ring. That m is
what `compute cna/atom` of LAMMPS uses too.

The cut-off is fixed, or each atom's own (Stukowski 2012, Modelling Simul. Mater. Sci. Eng. 20,
045021): (1 + sqrt 2)/2 times the mean distance of the 12 nearest, or of the 14 nearest with the
first eight stretched by 2/sqrt 3 (bcc).
"""

from __future__ import annotations

import math

import numpy as np
from numba.extending import register_jitable

from qcmethod.base.jit import entry

OTHER, FCC, HCP, BCC, ICOSAHEDRAL = range(5)


@register_jitable
def _popcount(mask):
    n = 0
    while mask:
        mask &= mask - 1
        n += 1
    return n


@register_jitable
def _structure(d, first, m, rc2, bonded):
    """The structure that m (12 or 14) neighbours d[first:first + m] make."""
    for a in range(m):
        bonded[a] = 0
    for a in range(m):
        for b in range(a):
            x = d[first + a, 0] - d[first + b, 0]
            y = d[first + a, 1] - d[first + b, 1]
            z = d[first + a, 2] - d[first + b, 2]
            if x * x + y * y + z * z < rc2:
                bonded[a] |= 1 << b
                bonded[b] |= 1 << a
    n421, n422, n555, n444, n666 = 0, 0, 0, 0, 0
    for a in range(m):
        common = bonded[a]
        c, ends, most = _popcount(common), 0, 0
        for b in range(m):
            if common >> b & 1:
                meet = _popcount(bonded[b] & common)
                ends += meet
                most = max(most, meet)
        bonds = ends // 2
        n421 += c == 4 and bonds == 2 and most == 1
        n422 += c == 4 and bonds == 2 and most == 2
        n555 += c == 5 and bonds == 5 and most == 2
        n444 += c == 4 and bonds == 4 and most == 2
        n666 += c == 6 and bonds == 6 and most == 2
    if m == 12:
        if n421 == 12:
            return FCC
        if n421 == 6 and n422 == 6:
            return HCP
        if n555 == 12:
            return ICOSAHEDRAL
    elif n666 == 8 and n444 == 6:
        return BCC
    return OTHER


@register_jitable
def _own_cutoff2(d, first, m):
    """Square of the cut-off of an atom from its m (12: close packed, 14: bcc) nearest, A^2."""
    total = 0.0
    for a in range(m):
        q = first + a
        r = math.sqrt(d[q, 0] ** 2 + d[q, 1] ** 2 + d[q, 2] ** 2)
        total += r * 2.0 / math.sqrt(3.0) if m == 14 and a < 8 else r
    return (0.5 * (1.0 + math.sqrt(2.0)) * total / m) ** 2


@entry
def label(start, d, cutoff):
    """Structures (n,) of atoms with neighbours d, nearest first; cutoff 0: each atom's own."""
    n = start.shape[0] - 1
    kind = np.zeros(n, dtype=np.int8)
    bonded = np.zeros(14, dtype=np.int64)
    for i in range(n):
        first, m = start[i], start[i + 1] - start[i]
        if cutoff > 0.0:
            if m == 12 or m == 14:
                kind[i] = _structure(d, first, m, cutoff * cutoff, bonded)
            continue
        if m >= 12:
            kind[i] = _structure(d, first, 12, _own_cutoff2(d, first, 12), bonded)
        if kind[i] == OTHER and m >= 14:
            kind[i] = _structure(d, first, 14, _own_cutoff2(d, first, 14), bonded)
    return kind
