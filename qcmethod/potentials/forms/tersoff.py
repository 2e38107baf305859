"""Tersoff's potential, of any number of elements.

    V_i = 1/2 sum_j fC(r_ij) [A exp(-lambda_1 r_ij) - b_ij B exp(-lambda_2 r_ij)]
    b   = (1 + beta^n zeta^n)^(-1/2n),   zeta_ij = sum_k fC(r_ik) g(theta_jik) exp[lambda_3^m d^m]
    g   = gamma (1 + c^2/d^2 - c^2/[d^2 + (cos theta - cos theta_0)^2]),   d^m = (r_ij - r_ik)^m
    fC  = 1,  r < R - D;    (1 - sin[pi (r - R)/2 D])/2;    0,  r > R + D

(Tersoff 1988, Phys. Rev. B 38, 9902; 1989, Phys. Rev. B 39, 5566). With several elements A, B,
lambda_1, lambda_2, beta and n are those of the triplet i, j, j, all others of i, j, k, as in
LAMMPS.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba.extending import register_jitable

from qcmethod.base.stored import stored
from qcmethod.base.types import Array
from qcmethod.errors import PotentialFileError
from qcmethod.potentials.forms.triplets import TRIPLETS, Format, require_positive
from qcmethod.potentials.site import site

NAMES = tuple(
    [
        "m",
        "gamma",
        "lambda3",
        "c",
        "d",
        "costheta0",
        "n",
        "beta",
        "lambda2",
        "B",
        "R",
        "D",
        "lambda1",
        "A",
    ]
)
SHORTEST = 0.5
"""A; distances below are off."""


@stored
class Tersoff(NamedTuple):
    """Numbers (n, n, n, 14) of the triplets in the order of the files of LAMMPS."""

    cutoff: float
    r_min: float
    n_max: float
    c: Array


def tersoff(table: Array) -> Tersoff:
    """The form of a table (n, n, n, 14)."""
    require_positive(table, "Tersoff", NAMES, "d n R")
    powers = table[..., 0]
    if not np.isin(powers, (1.0, 3.0)).all():
        raise PotentialFileError("Tersoff, m", float(powers.max()), "1 or 3")
    reach = float((table[..., 10] + table[..., 11]).max())
    return Tersoff(reach, SHORTEST, np.inf, np.ascontiguousarray(table))


TRIPLETS.add(".tersoff", Format("Tersoff", NAMES, tersoff))


@register_jitable
def _within(r, R, D):
    """fC and its slope."""
    if r < R - D:
        return 1.0, 0.0
    if r > R + D:
        return 0.0, 0.0
    angle = 0.5 * np.pi * (r - R) / D
    return 0.5 * (1.0 - np.sin(angle)), -0.25 * np.pi / D * np.cos(angle)


@register_jitable
def _order(zeta, c):
    """b and db/dzeta."""
    n = c[6]
    if not zeta > 0.0:
        return 1.0, 0.0
    t = (c[7] * zeta) ** n
    b = (1.0 + t) ** (-0.5 / n)
    return b, -0.5 * b * t / ((1.0 + t) * zeta)


@register_jitable
def _bending(cosine, c):
    """g and its slope in the cosine."""
    c2, d2, off = c[3] * c[3], c[4] * c[4], cosine - c[5]
    below = 1.0 / (d2 + off * off)
    return c[1] * (1.0 + c2 / d2 - c2 * below), 2.0 * c[1] * c2 * off * below * below


@register_jitable
def _lengthening(by, c):
    """exp[lambda_3^m by^m] and its slope."""
    if c[2] == 0.0:
        return 1.0, 0.0
    t = c[2] * by
    power, slope = (t, c[2]) if c[0] == 1.0 else (t * t * t, 3.0 * c[2] * t * t)
    if power > 69.0776:
        return 1e30, 0.0
    if power < -69.0776:
        return 0.0, 0.0
    e = np.exp(power)
    return e, e * slope


@site.register(Tersoff)
def _site(p, x, s):
    k, a = x.shape[0], s[0]
    V, g = 0.0, np.zeros((k, 3))
    e = np.empty((k, 4))  # unit vector, r
    for j in range(k):
        r = np.sqrt(x[j, 0] * x[j, 0] + x[j, 1] * x[j, 1] + x[j, 2] * x[j, 2])
        e[j, 0], e[j, 1], e[j, 2], e[j, 3] = x[j, 0] / r, x[j, 1] / r, x[j, 2] / r, r
    f = np.empty((k, 5))  # of a bond j, for each k: cosine, dzeta/dcosine, dzeta/dr_ik, /dr_ij, on
    for j in range(k):
        c, r = p.c[a, s[j + 1], s[j + 1]], e[j, 3]
        fc, dfc = _within(r, c[10], c[11])
        if fc == 0.0 and dfc == 0.0:
            continue
        zeta = 0.0
        for m in range(k):
            q = p.c[a, s[j + 1], s[m + 1]]
            f[m, 4] = 0.0
            if m == j or e[m, 3] >= q[10] + q[11]:
                continue
            cosine = e[j, 0] * e[m, 0] + e[j, 1] * e[m, 1] + e[j, 2] * e[m, 2]
            w, dw = _within(e[m, 3], q[10], q[11])
            bend, dbend = _bending(cosine, q)
            longer, dlonger = _lengthening(r - e[m, 3], q)
            zeta += w * bend * longer
            f[m, 0], f[m, 1], f[m, 4] = cosine, w * dbend * longer, 1.0
            f[m, 2], f[m, 3] = dw * bend * longer - w * bend * dlonger, w * bend * dlonger
        b, db = _order(zeta, c)
        hard, soft = c[13] * np.exp(-c[12] * r), c[9] * np.exp(-c[8] * r)
        V += 0.5 * fc * (hard - b * soft)
        along = 0.5 * (dfc * (hard - b * soft) + fc * (b * c[8] * soft - c[12] * hard))
        tension = -0.5 * fc * soft * db  # dV/dzeta
        for m in range(k):
            if f[m, 4] == 0.0 or tension == 0.0:
                continue
            turn = tension * f[m, 1]
            along += tension * f[m, 3]
            on_j, on_m = turn / r, turn / e[m, 3]
            for i in range(3):
                g[j, i] += on_j * (e[m, i] - f[m, 0] * e[j, i])
                g[m, i] += on_m * (e[j, i] - f[m, 0] * e[m, i]) + tension * f[m, 2] * e[m, i]
        for i in range(3):
            g[j, i] += along * e[j, i]
    return V, g, 0.0
