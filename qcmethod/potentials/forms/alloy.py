"""Tabulated EAM of several elements: the cubics of `forms.spline`, a table for each pair.

    phi_ab(r) or r phi_ab(r),   rho_ab(r): the density of b at a,   F_a(n)

eam/alloy has one density an element, rho_ab = rho_b; eam/fs one a pair. A crystal is of element 0:
its radial functions are those of that element among its own.
"""

from __future__ import annotations

from typing import NamedTuple

from numba.extending import register_jitable

from qcmethod.base.stored import stored
from qcmethod.base.types import Array
from qcmethod.potentials.site import embed, embedded, mixed, mixed2, pair, pair2


@stored
class SplineAlloy(NamedTuple):
    """Coefficients of n elements."""

    cutoff: float
    r_min: float
    n_max: float
    inv_dr: float
    radial: Array  # (n, n, intervals, 8): r*phi, then rho of the second at the first
    inv_dn: float
    embedding: Array  # (n, intervals, 4)


@register_jitable
def _row(p, x):
    s = x * p.inv_dr
    k = min(max(int(s), 0), p.radial.shape[2] - 1)
    return k, min(s - k, 1.0)


@mixed.register(SplineAlloy)
@register_jitable
def _of_pair(p, a, b, x):
    k, t = _row(p, x)
    c = p.radial
    inverse = 1.0 / x
    phi = (((c[a, b, k, 3] * t + c[a, b, k, 2]) * t + c[a, b, k, 1]) * t + c[a, b, k, 0]) * inverse
    dphi = ((3.0 * c[a, b, k, 3] * t + 2.0 * c[a, b, k, 2]) * t + c[a, b, k, 1]) * p.inv_dr
    rho = ((c[a, b, k, 7] * t + c[a, b, k, 6]) * t + c[a, b, k, 5]) * t + c[a, b, k, 4]
    drho = ((3.0 * c[a, b, k, 7] * t + 2.0 * c[a, b, k, 6]) * t + c[a, b, k, 5]) * p.inv_dr
    return phi, (dphi - phi) * inverse, rho, drho


@mixed2.register(SplineAlloy)
@register_jitable
def _mixed2(p, a, b, x):
    k, t = _row(p, x)
    c, inv2, inverse = p.radial, p.inv_dr * p.inv_dr, 1.0 / x
    phi, dphi, rho, drho = _of_pair(p, a, b, x)
    d2phi = ((6.0 * c[a, b, k, 3] * t + 2.0 * c[a, b, k, 2]) * inv2 - 2.0 * dphi) * inverse
    d2rho = (6.0 * c[a, b, k, 7] * t + 2.0 * c[a, b, k, 6]) * inv2
    return phi, dphi, d2phi, rho, drho, d2rho


@embedded.register(SplineAlloy)
@register_jitable
def _of_density(p, a, x):
    s = x * p.inv_dn
    k = min(max(int(s), 0), p.embedding.shape[1] - 1)
    t = min(s - k, 1.0)
    c = p.embedding
    f = ((c[a, k, 3] * t + c[a, k, 2]) * t + c[a, k, 1]) * t + c[a, k, 0]
    df = ((3.0 * c[a, k, 3] * t + 2.0 * c[a, k, 2]) * t + c[a, k, 1]) * p.inv_dn
    d2f = (6.0 * c[a, k, 3] * t + 2.0 * c[a, k, 2]) * p.inv_dn * p.inv_dn
    if s - k > 1.0:
        f, d2f = f + df * (x - (k + 1) / p.inv_dn), 0.0
    return f, df, d2f


@pair.register(SplineAlloy)
def _pair(p, x):
    return _of_pair(p, 0, 0, x)


@pair2.register(SplineAlloy)
def _pair2(p, x):
    return _mixed2(p, 0, 0, x)


@embed.register(SplineAlloy)
def _embed(p, x):
    return _of_density(p, 0, x)
