"""Lennard-Jones pair potential (J. E. Jones 1924; rare gases: Bernardes 1958).

    phi(r) = 4 eps [(sigma/r)^12 - (sigma/r)^6] = c12 r^-12 - c6 r^-6        r < rc

The function does not end by itself. The named treatments of the cut-off rc are

    "cut"          phi                                    energy and force jump (LAMMPS lj/cut)
    "shift"        phi - phi(rc)                          the force jumps (pair_modify shift yes)
    "force-shift"  phi - phi(rc) - (r - rc) phi'(rc)      the stiffness jumps (lj/smooth/linear)
    "taper"        phi S(r), S of ``taper`` from `inner` to rc             twice differentiable
    "smooth"       -phi' is a cubic from `inner` to rc, C1 at both ends (lj/smooth, shifted)
"""

from __future__ import annotations

from typing import NamedTuple

from numba.extending import register_jitable

from qcmethod.base.stored import stored
from qcmethod.potentials.forms.checks import inner_radius, one_of, positive
from qcmethod.potentials.forms.taper import tapered
from qcmethod.potentials.site import form, pair2

TREATMENTS = ("cut", "shift", "force-shift", "taper", "smooth")


@stored
class LennardJones(NamedTuple):
    """Treatments that add a straight line: phi + e0 + e1 r (both zero for "cut")."""

    cutoff: float
    r_min: float
    n_max: float
    c12: float  # eV A^12
    c6: float  # eV A^6
    e0: float  # eV
    e1: float  # eV/A


@stored
class LennardJonesTaper(NamedTuple):
    """Quintic taper between ``inner`` and ``cutoff``."""

    cutoff: float
    r_min: float
    n_max: float
    c12: float
    c6: float
    inner: float  # A


@stored
class LennardJonesSmooth(NamedTuple):
    """Below ``inner`` phi + e0; above, a0 + a1 t + a2 t^2 + a3 t^3 + a4 t^4 with t = r - inner."""

    cutoff: float
    r_min: float
    n_max: float
    c12: float
    c6: float
    inner: float  # A
    e0: float  # eV
    a0: float
    a1: float
    a2: float
    a3: float
    a4: float


@form("lennard-jones")
def lennard_jones(
    *,
    epsilon: float,
    sigma: float,
    cutoff: float,
    treatment: str = "force-shift",
    inner: float | None = None,
) -> LennardJones | LennardJonesTaper | LennardJonesSmooth:
    """Lennard-Jones with well depth ``epsilon`` (eV), zero at ``sigma`` (A), ending at ``cutoff``.

    ``inner`` (A) is where "taper" and "smooth" begin. Raises InputError for a number that is not
    positive, an unknown treatment, or an inner radius that is missing or beyond the cut-off.
    """
    positive(epsilon=epsilon, sigma=sigma, cutoff=cutoff)
    one_of("treatment", treatment, TREATMENTS)
    c12, c6 = 4.0 * epsilon * sigma**12, 4.0 * epsilon * sigma**6
    head = (float(cutoff), 0.5 * sigma, float("inf"), c12, c6)
    if treatment == "taper":
        return LennardJonesTaper(*head, inner_radius(inner, cutoff))
    if treatment == "smooth":
        return LennardJonesSmooth(*head, *_smooth(c12, c6, inner_radius(inner, cutoff), cutoff))
    phi, dphi, _ = _bare(c12, c6, float(cutoff))
    if treatment == "cut":
        phi = dphi = 0.0
    elif treatment == "shift":
        dphi = 0.0
    return LennardJones(*head, -phi + cutoff * dphi, -dphi)


def _smooth(c12: float, c6: float, inner: float, cutoff: float) -> tuple[float, ...]:
    """Fields of LennardJonesSmooth from ``inner``: a cubic phi' with phi'(rc) = phi''(rc) = 0."""
    phi, dphi, d2phi = _bare(c12, c6, inner)
    t = cutoff - inner
    # phi' = dphi + d2phi t + b t^2 + c t^3, zero with zero slope at t = cutoff - inner
    b = -(3.0 * dphi + 2.0 * d2phi * t) / t**2
    c = (2.0 * dphi + d2phi * t) / t**3
    rise = t * (dphi + t * (d2phi / 2.0 + t * (b / 3.0 + t * c / 4.0)))
    e0 = -rise - phi
    return inner, e0, phi + e0, dphi, d2phi / 2.0, b / 3.0, c / 4.0


@register_jitable
def _bare(c12, c6, r):
    """phi, phi', phi'' without cut-off."""
    i1 = 1.0 / r
    i2 = i1 * i1
    i6 = i2 * i2 * i2
    attraction = c6 * i6
    repulsion = c12 * i6 * i6
    dphi = (6.0 * attraction - 12.0 * repulsion) * i1
    d2phi = (156.0 * repulsion - 42.0 * attraction) * i2
    return repulsion - attraction, dphi, d2phi


@pair2.register(LennardJones)
def _line2(p, x):
    phi, dphi, d2phi = _bare(p.c12, p.c6, x)
    return phi + p.e0 + p.e1 * x, dphi + p.e1, d2phi, 0.0, 0.0, 0.0


@pair2.register(LennardJonesTaper)
def _taper2(p, x):
    phi, dphi, d2phi = _bare(p.c12, p.c6, x)
    phi, dphi, d2phi = tapered(phi, dphi, d2phi, x, p.inner, p.cutoff)
    return phi, dphi, d2phi, 0.0, 0.0, 0.0


@pair2.register(LennardJonesSmooth)
def _smooth2(p, x):
    if x < p.inner:
        phi, dphi, d2phi = _bare(p.c12, p.c6, x)
        return phi + p.e0, dphi, d2phi, 0.0, 0.0, 0.0
    t = x - p.inner
    phi = p.a0 + t * (p.a1 + t * (p.a2 + t * (p.a3 + t * p.a4)))
    dphi = p.a1 + t * (2.0 * p.a2 + t * (3.0 * p.a3 + t * 4.0 * p.a4))
    d2phi = 2.0 * p.a2 + t * (6.0 * p.a3 + t * 12.0 * p.a4)
    return phi, dphi, d2phi, 0.0, 0.0, 0.0
