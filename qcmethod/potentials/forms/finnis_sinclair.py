"""Finnis-Sinclair potentials of bcc metals, with the core of Ackland and Thetford.

    rho = (r-d)^2 + beta (r-d)^3/d                          r < d
    phi = (r-c)^2 (c0 + c1 r + c2 r^2)                      r < c
          + B (b0-r)^3 exp(-alpha r)                        r < b0
    F   = -A sqrt(n)

Finnis and Sinclair 1984 (doi 10.1080/01418618408244210, erratum 10.1080/01418618608242815);
Ackland and Thetford 1987 (doi 10.1080/01418618708204464). b0 is the equilibrium neighbour
distance, so the core (B = 0: none) changes no elastic constant, but phi''' jumps there; phi'' and
rho'' jump at c and d. sqrt(n) has no derivative at n = 0: an isolated atom gets F' = F'' = 0.
"""

from __future__ import annotations

from math import exp, sqrt
from typing import NamedTuple

from qcmethod.base.stored import stored
from qcmethod.potentials.forms.checks import finite, positive
from qcmethod.potentials.site import embed, form, pair2


@stored
class FinnisSinclair(NamedTuple):
    """Parameters under the papers' names; A, eV."""

    cutoff: float
    r_min: float
    n_max: float
    d: float
    A: float
    beta: float
    c: float
    c0: float
    c1: float
    c2: float
    B: float
    alpha: float
    b0: float


@form("finnis-sinclair")
def finnis_sinclair(
    *,
    d: float,
    A: float,
    beta: float,
    c: float,
    c0: float,
    c1: float,
    c2: float,
    B: float = 0.0,
    alpha: float = 0.0,
    b0: float = 0.0,
) -> FinnisSinclair:
    """The form above; the cut-off is the larger of ``c`` and ``d``. Raises InputError."""
    positive(d=d, A=A, c=c)
    finite(beta=beta, c0=c0, c1=c1, c2=c2, B=B, alpha=alpha, b0=b0)
    cutoff = max(c, d)
    values = (cutoff, 0.45 * cutoff, float("inf"), d, A, beta, c, c0, c1, c2, B, alpha, b0)
    return FinnisSinclair(*(float(v) for v in values))


@pair2.register(FinnisSinclair)
def _pair2(p, x):
    rho = drho = d2rho = phi = dphi = d2phi = 0.0
    if x < p.d:
        u = x - p.d
        k = p.beta / p.d
        rho, drho, d2rho = u * u * (1.0 + k * u), u * (2.0 + 3.0 * k * u), 2.0 + 6.0 * k * u
    if x < p.c:
        u = x - p.c
        q, dq, d2q = p.c0 + x * (p.c1 + x * p.c2), p.c1 + 2.0 * p.c2 * x, 2.0 * p.c2
        phi, dphi, d2phi = u * u * q, u * (2.0 * q + u * dq), 2.0 * q + u * (4.0 * dq + u * d2q)
    if x < p.b0:
        v = p.b0 - x
        e = p.B * exp(-p.alpha * x)
        phi += e * v * v * v
        dphi -= e * v * v * (3.0 + p.alpha * v)
        d2phi += e * v * (6.0 + p.alpha * v * (6.0 + p.alpha * v))
    return phi, dphi, d2phi, rho, drho, d2rho


@embed.register(FinnisSinclair)
def _embed(p, x):
    if x <= 0.0:
        return 0.0, 0.0, 0.0
    root = sqrt(x)
    return -p.A * root, -0.5 * p.A / root, 0.25 * p.A / (root * x)
