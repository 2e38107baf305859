"""The angular-dependent potential (ADP), tabulated: EAM with dipoles and quadrupoles of a site.

    V = 1/2 sum phi + F(n) + 1/2 mu.mu + 1/2 L:L,      L = lambda - 1/3 tr(lambda) 1
    mu_a = sum_j u(r) d_a,      lambda_ab = sum_j w(r) d_a d_b,      d = r_j - r_i

(Mishin, Mehl and Papaconstantopoulos 2005, Acta Mater. 53, 4029, whose lambda:lambda/2 - nu^2/6 is
L:L/2). Both terms vanish at a site of cubic symmetry: a perfect crystal is that of its EAM part.
With e = d/r and T = 1/2 phi' + F' rho' + u' mu.d + w' d.L d,

    dV/dd = T e + u mu + 2 w L d

and V'' v is its derivative along v, with those of n, mu and lambda. u and w are tabulated as they
are, by the cubics of `forms.spline`: rows of phi, rho, u, w.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba.extending import register_jitable

from qcmethod.base.stored import stored
from qcmethod.base.types import Array
from qcmethod.potentials.forms import spline
from qcmethod.potentials.site import embed, pair, pair2, site, turned


@stored
class SplineADP(NamedTuple):
    """Coefficients of a tabulated ADP: `SplineEAM` with the cubics of u and w beside."""

    cutoff: float
    r_min: float
    n_max: float
    r0: float
    inv_dr: float
    radial: Array  # (intervals, 16): phi or r*phi, rho, u, w
    scaled: bool  # True: the table holds r*phi
    inv_dn: float
    embedding: Array  # (intervals, 4), grid starts at n = 0


# the radial functions of the EAM part, for whom they are enough: a crystal of cubic symmetry
pair.register(SplineADP)(spline._pair)
pair2.register(SplineADP)(spline._pair2)
embed.register(SplineADP)(spline._embed)


@register_jitable
def _angular(p, x):
    """u, u', u'', w, w', w'' at the distance x."""
    s = (x - p.r0) * p.inv_dr
    k = min(max(int(s), 0), p.radial.shape[0] - 1)
    t = min(s - k, 1.0)
    c = p.radial
    inv2 = p.inv_dr * p.inv_dr
    u = ((c[k, 11] * t + c[k, 10]) * t + c[k, 9]) * t + c[k, 8]
    du = ((3.0 * c[k, 11] * t + 2.0 * c[k, 10]) * t + c[k, 9]) * p.inv_dr
    d2u = (6.0 * c[k, 11] * t + 2.0 * c[k, 10]) * inv2
    w = ((c[k, 15] * t + c[k, 14]) * t + c[k, 13]) * t + c[k, 12]
    dw = ((3.0 * c[k, 15] * t + 2.0 * c[k, 14]) * t + c[k, 13]) * p.inv_dr
    d2w = (6.0 * c[k, 15] * t + 2.0 * c[k, 14]) * inv2
    return u, du, d2u, w, dw, d2w


@register_jitable
def _without_trace(L):
    third = (L[0, 0] + L[1, 1] + L[2, 2]) / 3.0
    for a in range(3):
        L[a, a] -= third


@register_jitable
def _times(L, x):
    return (
        L[0, 0] * x[0] + L[0, 1] * x[1] + L[0, 2] * x[2],
        L[1, 0] * x[0] + L[1, 1] * x[1] + L[1, 2] * x[2],
        L[2, 0] * x[0] + L[2, 1] * x[1] + L[2, 2] * x[2],
    )


@register_jitable
def _dot(a, b):
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


@site.register(SplineADP)
def _site(p, x, s):
    k = x.shape[0]
    V, n, mu, L, f = 0.0, 0.0, np.zeros(3), np.zeros((3, 3)), np.empty((k, 7))
    for m in range(k):
        d = x[m]
        r = np.sqrt(_dot(d, d))
        phi, dphi, rho, drho = pair(p, r)
        u, du, _, w, dw, _ = _angular(p, r)
        f[m, 0], f[m, 1], f[m, 2] = 1.0 / r, dphi, drho
        f[m, 3], f[m, 4], f[m, 5], f[m, 6] = u, du, w, dw
        V += 0.5 * phi
        n += rho
        for a in range(3):
            mu[a] += u * d[a]
            for b in range(3):
                L[a, b] += w * d[a] * d[b]
    _without_trace(L)
    F, dF, _ = embed(p, n)
    V += F + 0.5 * (_dot(mu, mu) + (L * L).sum())
    g = np.empty((k, 3))
    for m in range(k):
        d = x[m]
        Ld = _times(L, d)
        T = 0.5 * f[m, 1] + dF * f[m, 2] + f[m, 4] * _dot(mu, d) + f[m, 6] * _dot(d, Ld)
        for a in range(3):
            g[m, a] = T * f[m, 0] * d[a] + f[m, 3] * mu[a] + 2.0 * f[m, 5] * Ld[a]
    return V, g, n


@turned.register(SplineADP)
def _turned(p, x, s):
    k = x.shape[0]
    n, mu, L = 0.0, np.zeros(3), np.zeros((3, 3))
    dn, dmu, dL = 0.0, np.zeros(3), np.zeros((3, 3))  # along v
    f = np.empty((k, 11))
    for m in range(k):
        d, v = x[m, :3], x[m, 3:]
        r = np.sqrt(_dot(d, d))
        _, dphi, d2phi, rho, drho, d2rho = pair2(p, r)
        u, du, d2u, w, dw, d2w = _angular(p, r)
        f[m, 0], f[m, 1], f[m, 2], f[m, 3], f[m, 4] = r, dphi, d2phi, drho, d2rho
        f[m, 5], f[m, 6], f[m, 7], f[m, 8], f[m, 9], f[m, 10] = u, du, d2u, w, dw, d2w
        along = _dot(d, v) / r
        n += rho
        dn += drho * along
        for a in range(3):
            mu[a] += u * d[a]
            dmu[a] += du * along * d[a] + u * v[a]
            for b in range(3):
                L[a, b] += w * d[a] * d[b]
                dL[a, b] += dw * along * d[a] * d[b] + w * (v[a] * d[b] + d[a] * v[b])
    _without_trace(L)
    _without_trace(dL)
    _, dF, d2F = embed(p, n)
    out = np.empty((k, 3))
    for m in range(k):
        d, v = x[m, :3], x[m, 3:]
        r, dphi, d2phi, drho, d2rho = f[m, 0], f[m, 1], f[m, 2], f[m, 3], f[m, 4]
        u, du, d2u, w, dw, d2w = f[m, 5], f[m, 6], f[m, 7], f[m, 8], f[m, 9], f[m, 10]
        along = _dot(d, v) / r
        Ld, Lv, dLd = _times(L, d), _times(L, v), _times(dL, d)
        mud, dLd2 = _dot(mu, d), _dot(d, Ld)
        T = 0.5 * dphi + dF * drho + du * mud + dw * dLd2
        dT = (0.5 * d2phi + dF * d2rho + d2u * mud + d2w * dLd2) * along + d2F * dn * drho
        dT += du * (_dot(dmu, d) + _dot(mu, v)) + dw * (_dot(d, dLd) + 2.0 * _dot(v, Ld))
        for a in range(3):
            e = d[a] / r
            out[m, a] = dT * e + T * (v[a] - e * along) / r + du * along * mu[a] + u * dmu[a]
            out[m, a] += 2.0 * (dw * along * Ld[a] + w * (dLd[a] + Lv[a]))
    return out
