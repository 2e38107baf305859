"""Tabulated EAM: piecewise cubics on a uniform grid, one row of coefficients an interval.

With t = (r - r0)/dr - k in [0, 1] on interval k,

    phi(r) or r phi(r) = c0 + c1 t + c2 t^2 + c3 t^3,     rho(r) likewise,     F(n) likewise.

The eight radial coefficients of an interval fill one 64-byte cache line. Beyond the density grid
F continues linearly, as in LAMMPS; a table that ends before its cut-off has a last row that is
constant, so that the last value holds and its slope is zero.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from qcmethod.base.stored import stored
from qcmethod.base.types import Array
from qcmethod.potentials.site import embed, pair, pair2


@stored
class SplineEAM(NamedTuple):
    """Coefficients of a tabulated EAM potential (see the module's formula)."""

    cutoff: float
    r_min: float
    n_max: float
    r0: float
    inv_dr: float
    radial: Array  # (intervals, 8): phi or r*phi, then rho
    scaled: bool  # True: the table holds r*phi
    inv_dn: float
    embedding: Array  # (intervals, 4), grid starts at n = 0


@pair.register(SplineEAM)
def _pair(p, x):
    s = (x - p.r0) * p.inv_dr
    k = min(max(int(s), 0), p.radial.shape[0] - 1)
    t = min(s - k, 1.0)
    c = p.radial
    phi = ((c[k, 3] * t + c[k, 2]) * t + c[k, 1]) * t + c[k, 0]
    dphi = ((3.0 * c[k, 3] * t + 2.0 * c[k, 2]) * t + c[k, 1]) * p.inv_dr
    rho = ((c[k, 7] * t + c[k, 6]) * t + c[k, 5]) * t + c[k, 4]
    drho = ((3.0 * c[k, 7] * t + 2.0 * c[k, 6]) * t + c[k, 5]) * p.inv_dr
    if p.scaled:
        inv_r = 1.0 / x
        phi = phi * inv_r
        dphi = (dphi - phi) * inv_r
    return phi, dphi, rho, drho


@pair2.register(SplineEAM)
def _pair2(p, x):
    s = (x - p.r0) * p.inv_dr
    k = min(max(int(s), 0), p.radial.shape[0] - 1)
    t = min(s - k, 1.0)
    c = p.radial
    inv2 = p.inv_dr * p.inv_dr
    phi = ((c[k, 3] * t + c[k, 2]) * t + c[k, 1]) * t + c[k, 0]
    dphi = ((3.0 * c[k, 3] * t + 2.0 * c[k, 2]) * t + c[k, 1]) * p.inv_dr
    d2phi = (6.0 * c[k, 3] * t + 2.0 * c[k, 2]) * inv2
    rho = ((c[k, 7] * t + c[k, 6]) * t + c[k, 5]) * t + c[k, 4]
    drho = ((3.0 * c[k, 7] * t + 2.0 * c[k, 6]) * t + c[k, 5]) * p.inv_dr
    d2rho = (6.0 * c[k, 7] * t + 2.0 * c[k, 6]) * inv2
    if p.scaled:
        inv_r = 1.0 / x
        phi = phi * inv_r
        dphi = (dphi - phi) * inv_r
        d2phi = (d2phi - 2.0 * dphi) * inv_r
    return phi, dphi, d2phi, rho, drho, d2rho


@embed.register(SplineEAM)
def _embed(p, x):
    s = x * p.inv_dn
    k = min(max(int(s), 0), p.embedding.shape[0] - 1)
    t = min(s - k, 1.0)
    c = p.embedding
    f = ((c[k, 3] * t + c[k, 2]) * t + c[k, 1]) * t + c[k, 0]
    df = ((3.0 * c[k, 3] * t + 2.0 * c[k, 2]) * t + c[k, 1]) * p.inv_dn
    d2f = (6.0 * c[k, 3] * t + 2.0 * c[k, 2]) * p.inv_dn * p.inv_dn
    if s - k > 1.0:
        f = f + df * (x - (k + 1) / p.inv_dn)
        d2f = 0.0
    return f, df, d2f


def forsythe_spline(x: Array, y: Array) -> Array:
    """C2 cubic spline with Forsythe-Malcolm-Moler ends: (n-1, 4) coefficients in t on [0, 1].

    The third derivative at either end is that of the cubic through the four end points
    (Forsythe, Malcolm, Moler 1977, routine SPLINE); x (n,) A, increasing, n >= 4.
    """
    h = np.diff(x)
    slope = np.diff(y) / h
    n = len(x)
    # unknowns: m_i = y''(x_i)/6; continuity of y' in between, y''' given at the ends
    matrix = np.zeros((n, n))
    rhs = np.zeros(n)
    for i in range(1, n - 1):
        matrix[i, i - 1 : i + 2] = h[i - 1], 2.0 * (h[i - 1] + h[i]), h[i]
        rhs[i] = slope[i] - slope[i - 1]
    matrix[0, :2] = -1.0, 1.0
    rhs[0] = h[0] * _third_difference(x[:4], y[:4])
    matrix[-1, -2:] = -1.0, 1.0
    rhs[-1] = h[-1] * _third_difference(x[-4:], y[-4:])
    m = np.linalg.solve(matrix, rhs)
    c1 = slope - h * (2.0 * m[:-1] + m[1:])
    return np.stack([y[:-1], c1 * h, 3.0 * m[:-1] * h**2, (m[1:] - m[:-1]) * h**2], axis=1)


def _third_difference(x: Array, y: Array) -> float:
    """Divided difference y[x0, x1, x2, x3] (a sixth of the third derivative of the cubic)."""
    d = y
    for order in (1, 2, 3):
        d = np.diff(d) / (x[order:] - x[:-order])
    return float(d[0])


def hermite_rows(y: Array) -> Array:
    """Cubic Hermite rows of LAMMPS (pair_eam) on a uniform grid: (n-1, 4) coefficients in t.

    Slopes in index space are centred five-point differences, three-point next to the ends and
    one-sided at the ends.
    """
    slope = np.empty_like(y)
    slope[0] = y[1] - y[0]
    slope[1] = 0.5 * (y[2] - y[0])
    slope[-2] = 0.5 * (y[-1] - y[-3])
    slope[-1] = y[-1] - y[-2]
    slope[2:-2] = ((y[:-4] - y[4:]) + 8.0 * (y[3:-1] - y[1:-3])) / 12.0
    rise = np.diff(y)
    c2 = 3.0 * rise - 2.0 * slope[:-1] - slope[1:]
    c3 = slope[:-1] + slope[1:] - 2.0 * rise
    return np.stack([y[:-1], slope[:-1], c2, c3], axis=1)
