"""Analytic EAM of Zhou, Johnson and Wadley 2004 (doi 10.1103/PhysRevB.69.144113).

With x = r/re,

    phi = A e^{-alpha (x-1)}/[1 + (x-kappa)^20] - B e^{-beta (x-1)}/[1 + (x-lambda)^20]
    rho = fe e^{-beta (x-1)}/[1 + (x-lambda)^20]
    F   = sum_i Fn_i (n/rho_n - 1)^i                       n < rho_n = rho_in rhoe
        = sum_i F_i (n/rhoe - 1)^i, F3 = F3minus           rho_n <= n < rhoe
        = the same with F3 = F3plus                        rhoe <= n < 1.15 rhoe
        = Fe [1 - eta ln(n/rhos)] (n/rhos)^eta             n >= 1.15 rhoe

(rho_in = 0.85, but 0.25 for Pt). The paper gives no cut-off; the tables in circulation end at
sqrt(5) re, where an fcc shell lies. Here phi and rho carry the taper S of ``taper`` between two
shells (fcc 2.28 re to 2.42 re, bcc 2.06 re to 2.22 re: between the fifth and the sixth).
"""

from __future__ import annotations

from math import exp, log
from typing import NamedTuple

from numba.extending import register_jitable

from qcmethod.base.stored import stored
from qcmethod.potentials.forms.checks import finite, inner_radius, numbers, positive
from qcmethod.potentials.forms.taper import taper
from qcmethod.potentials.site import embed, form, pair2


@stored
class Zhou(NamedTuple):
    """Parameters under the paper's names; ``inner`` and ``cutoff`` bound the taper."""

    cutoff: float
    r_min: float
    n_max: float
    inner: float  # A
    re: float  # A
    fe: float
    rhoe: float
    rhos: float
    alpha: float
    beta: float
    A: float  # eV
    B: float  # eV
    kappa: float
    lam: float  # lambda
    Fn0: float
    Fn1: float
    Fn2: float
    Fn3: float
    F0: float
    F1: float
    F2: float
    F3minus: float
    F3plus: float
    eta: float
    Fe: float
    rho_in: float


@form("zhou-johnson-wadley")
def zhou_johnson_wadley(
    *,
    cutoff: float,
    inner: float,
    re: float,
    fe: float,
    rhoe: float,
    rhos: float,
    alpha: float,
    beta: float,
    A: float,
    B: float,
    kappa: float,
    lam: float,
    Fn: list[float],
    F: list[float],
    F3plus: float,
    eta: float,
    Fe: float,
    rho_in: float = 0.85,
) -> Zhou:
    """The analytic form, with ``Fn`` = [Fn0..Fn3] and ``F`` = [F0, F1, F2, F3minus].

    Lengths A, energies eV, densities in the paper's unit. Raises InputError for a number that
    cannot be one, or a taper that does not begin below the cut-off.
    """
    positive(
        cutoff=cutoff, re=re, fe=fe, rhoe=rhoe, rhos=rhos, alpha=alpha, beta=beta, rho_in=rho_in
    )
    finite(A=A, B=B, kappa=kappa, lam=lam, F3plus=F3plus, eta=eta, Fe=Fe)
    Fn_i, F_i = numbers("Fn", Fn, 4), numbers("F", F, 4)
    inner = inner_radius(inner, cutoff)
    head = (
        cutoff,
        0.5 * re,
        float("inf"),
        inner,
        re,
        fe,
        rhoe,
        rhos,
        alpha,
        beta,
        A,
        B,
        kappa,
        lam,
    )
    return Zhou(*(float(v) for v in (*head, *Fn_i, *F_i, F3plus, eta, Fe, rho_in)))


@register_jitable
def _term(amplitude, decay, shift, x):
    """g = amplitude e^{-decay (x-1)}/[1 + (x-shift)^20] with dg/dx and d2g/dx2."""
    u = x - shift
    u2 = u * u
    u4 = u2 * u2
    u16 = u4 * u4 * u4 * u4
    u18 = u16 * u2
    inv = 1.0 / (1.0 + u18 * u2)
    g = amplitude * exp(-decay * (x - 1.0)) * inv
    w = 20.0 * u18 * u * inv  # (ln of the denominator)'
    d = -decay - w
    return g, g * d, g * (d * d - 380.0 * u18 * inv + w * w)


@pair2.register(Zhou)
def _pair2(p, x):
    h = 1.0 / p.re
    s, ds, d2s = taper(x, p.inner, p.cutoff)
    a, da, d2a = _term(p.A, p.alpha, p.kappa, x * h)
    f, df, d2f = _term(1.0, p.beta, p.lam, x * h)
    g, dg, d2g = a - p.B * f, (da - p.B * df) * h, (d2a - p.B * d2f) * h * h
    f, df, d2f = p.fe * f, p.fe * df * h, p.fe * d2f * h * h
    phi, dphi, d2phi = g * s, dg * s + g * ds, d2g * s + 2.0 * dg * ds + g * d2s
    return phi, dphi, d2phi, f * s, df * s + f * ds, d2f * s + 2.0 * df * ds + f * d2s


@register_jitable
def _cubic(c0, c1, c2, c3, n, unit):
    """c0 + c1 t + c2 t^2 + c3 t^3, t = n/unit - 1, with two derivatives by n."""
    t = n / unit - 1.0
    f = c0 + t * (c1 + t * (c2 + t * c3))
    df = (c1 + t * (2.0 * c2 + t * 3.0 * c3)) / unit
    return f, df, (2.0 * c2 + 6.0 * t * c3) / (unit * unit)


@embed.register(Zhou)
def _embed(p, x):
    rho_n = p.rho_in * p.rhoe
    if x < rho_n:
        return _cubic(p.Fn0, p.Fn1, p.Fn2, p.Fn3, x, rho_n)
    if x < p.rhoe:
        return _cubic(p.F0, p.F1, p.F2, p.F3minus, x, p.rhoe)
    if x < 1.15 * p.rhoe:
        return _cubic(p.F0, p.F1, p.F2, p.F3plus, x, p.rhoe)
    y = x / p.rhos
    ln = log(y)
    power = exp(p.eta * ln)
    f = p.Fe * (1.0 - p.eta * ln) * power
    df = -p.Fe * p.eta * p.eta * ln * power / x
    d2f = -p.Fe * p.eta * p.eta * power * (1.0 + (p.eta - 1.0) * ln) / (x * x)
    return f, df, d2f
