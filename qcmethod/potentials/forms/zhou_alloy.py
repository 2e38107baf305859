"""Alloys of the potentials of Zhou, Johnson and Wadley, by the rule that they were made for.

    phi_ab = 1/2 [(rho_b/rho_a) phi_aa + (rho_a/rho_b) phi_bb]

(Johnson 1989, Phys. Rev. B 39, 12554; Zhou, Johnson and Wadley 2004, doi
10.1103/PhysRevB.69.144113). With the tapers S of both elements, rho_a = f_a S_a and phi_aa =
g_a S_a, the quotient of tapers cancels:  phi_ab = 1/2 [(f_b/f_a) g_a S_b + (f_a/f_b) g_b S_a].
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from numba.extending import register_jitable

from qcmethod.base.stored import stored
from qcmethod.potentials.forms import zhou
from qcmethod.potentials.forms.mixing import rule
from qcmethod.potentials.forms.taper import taper
from qcmethod.potentials.forms.zhou import Zhou
from qcmethod.potentials.site import embed, embedded, mixed2, pair2


@stored
class ZhouAlloy(NamedTuple):
    """The elements' own parameters."""

    cutoff: float
    r_min: float
    n_max: float
    parts: tuple[Zhou, ...]


@rule(Zhou)
def zhou_alloy(parts: Sequence[Zhou]) -> ZhouAlloy:
    """The form of several elements."""
    return ZhouAlloy(
        max(p.cutoff for p in parts),
        max(p.r_min for p in parts),
        min(p.n_max for p in parts),
        tuple(parts),
    )


@register_jitable
def _bare(p, x):
    """g and f with two derivatives each, without tapers."""
    h = 1.0 / p.re
    a, da, d2a = zhou._term(p.A, p.alpha, p.kappa, x * h)
    f, df, d2f = zhou._term(1.0, p.beta, p.lam, x * h)
    g, dg, d2g = a - p.B * f, (da - p.B * df) * h, (d2a - p.B * d2f) * h * h
    return g, dg, d2g, p.fe * f, p.fe * df * h, p.fe * d2f * h * h


@register_jitable
def _product(a, da, d2a, b, db, d2b):
    return a * b, da * b + a * db, d2a * b + 2.0 * da * db + a * d2b


@register_jitable
def _half(p, q, x):
    """(f_q/f_p) g_p S_q with two derivatives."""
    g, dg, d2g, f, df, d2f = _bare(p, x)
    _, _, _, e, de, d2e = _bare(q, x)
    s, ds, d2s = taper(x, q.inner, q.cutoff)
    inverse, dinverse = 1.0 / f, -df / (f * f)
    d2inverse = (2.0 * df * df / f - d2f) / (f * f)
    u, du, d2u = _product(e, de, d2e, inverse, dinverse, d2inverse)
    u, du, d2u = _product(u, du, d2u, g, dg, d2g)
    return _product(u, du, d2u, s, ds, d2s)


@mixed2.register(ZhouAlloy)
@register_jitable
def _of_pair(p, a, b, x):
    own, other = p.parts[a], p.parts[b]
    phi, dphi, d2phi, rho, drho, d2rho = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    if x < other.cutoff:
        f, df, d2f, rho, drho, d2rho = pair2(other, x)
        if a == b:
            return f, df, d2f, rho, drho, d2rho
        phi, dphi, d2phi = _half(own, other, x)
    if a != b and x < own.cutoff:
        f, df, d2f = _half(other, own, x)
        phi, dphi, d2phi = phi + f, dphi + df, d2phi + d2f
    return 0.5 * phi, 0.5 * dphi, 0.5 * d2phi, rho, drho, d2rho


@embedded.register(ZhouAlloy)
@register_jitable
def _of_density(p, a, x):
    return embed(p.parts[a], x)


@pair2.register(ZhouAlloy)
def _pair2(p, x):
    return _of_pair(p, 0, 0, x)


@embed.register(ZhouAlloy)
def _embed(p, x):
    return _of_density(p, 0, x)
