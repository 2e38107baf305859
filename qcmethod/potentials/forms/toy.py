"""The 2-D model potential of the atomistic/continuum literature (triangular lattice).

    V = 1/2 sum_j J(|r_j|) + F(sum_j psi(|r_j|))
    J(s) = exp(-2 a (s - 1)) - 2 exp(-a (s - 1)),    psi(s) = exp(-b s)
    F(t) = c [(t - t0)^2 + (t - t0)^4]

(Luskin, Ortner, Van Koten 2013, arXiv:1112.2377, and the benchmarks of Ortner, Zhang and others.)
There the sum runs over the six *reference* nearest neighbours whatever the deformation. Here it
runs over the distances below a sharp cut-off. The two are the same as long as no bond crosses it:
in the published runs every nearest-neighbour bond stays below 1.24 and every second-neighbour
distance above 1.65 (spacing about 1, second neighbours at 1.73), so any cut-off in between, 1.45
by default, reproduces the reference rule exactly. Beyond it neither J nor psi is small: a
deformation that brings a distance near 1.45 leaves the model's range of use.
"""

from __future__ import annotations

from math import exp
from typing import NamedTuple

from qcmethod.base.stored import stored
from qcmethod.potentials.forms.checks import finite, positive
from qcmethod.potentials.site import embed, form, pair2


@stored
class Toy2D(NamedTuple):
    """Parameters of the model potential; lengths and energies in its own units."""

    cutoff: float
    r_min: float
    n_max: float
    a: float
    b: float
    c: float
    t0: float


@form("toy-2d")
def toy_2d(*, a: float, b: float, c: float, t0: float, cutoff: float = 1.45) -> Toy2D:
    """The model potential; raises InputError for a number that is not finite and positive."""
    positive(a=a, b=b, t0=t0, cutoff=cutoff)
    finite(c=c)
    return Toy2D(float(cutoff), 0.4, float("inf"), float(a), float(b), float(c), float(t0))


@pair2.register(Toy2D)
def _pair2(p, x):
    e = exp(-p.a * (x - 1.0))
    psi = exp(-p.b * x)
    phi = e * (e - 2.0)
    dphi = -2.0 * p.a * e * (e - 1.0)
    d2phi = 2.0 * p.a * p.a * e * (2.0 * e - 1.0)
    return phi, dphi, d2phi, psi, -p.b * psi, p.b * p.b * psi


@embed.register(Toy2D)
def _embed(p, x):
    u = x - p.t0
    w = u * u
    return p.c * w * (1.0 + w), p.c * u * (2.0 + 4.0 * w), p.c * (2.0 + 12.0 * w)
