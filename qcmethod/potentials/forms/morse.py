"""Morse pair potential (Morse 1929; cubic metals: Girifalco and Weizer 1959).

    phi(r) = D [exp(-2 alpha (r - r0)) - 2 exp(-alpha (r - r0))]        r < rc

Treatments of the cut-off rc, named as for Lennard-Jones:

    "cut"          phi                                    energy and force jump (LAMMPS morse)
    "shift"        phi - phi(rc)                          the force jumps
    "force-shift"  phi - phi(rc) - (r - rc) phi'(rc)      the stiffness jumps (morse/smooth/linear)
    "taper"        phi S(r), S of ``taper`` from `inner` to rc             twice differentiable
"""

from __future__ import annotations

from math import exp
from typing import NamedTuple

from numba.extending import register_jitable

from qcmethod.base.stored import stored
from qcmethod.potentials.forms.checks import inner_radius, one_of, positive
from qcmethod.potentials.forms.taper import tapered
from qcmethod.potentials.site import form, pair2

TREATMENTS = ("cut", "shift", "force-shift", "taper")


@stored
class Morse(NamedTuple):
    """Treatments that add a straight line: phi + e0 + e1 r (both zero for "cut")."""

    cutoff: float
    r_min: float
    n_max: float
    depth: float  # eV
    alpha: float  # 1/A
    r0: float  # A
    e0: float  # eV
    e1: float  # eV/A


@stored
class MorseTaper(NamedTuple):
    """Quintic taper between ``inner`` and ``cutoff``."""

    cutoff: float
    r_min: float
    n_max: float
    depth: float
    alpha: float
    r0: float
    inner: float  # A


@form("morse")
def morse(
    *,
    D: float,
    alpha: float,
    r0: float,
    cutoff: float,
    treatment: str = "force-shift",
    inner: float | None = None,
) -> Morse | MorseTaper:
    """Morse potential with well depth ``D`` (eV), stiffness ``alpha`` (1/A) and minimum ``r0`` (A).

    ``inner`` (A) is where "taper" begins. Raises InputError for a number that is not positive, an
    unknown treatment, or an inner radius that is missing or beyond the cut-off.
    """
    positive(D=D, alpha=alpha, r0=r0, cutoff=cutoff)
    one_of("treatment", treatment, TREATMENTS)
    head = (float(cutoff), 0.3 * r0, float("inf"), float(D), float(alpha), float(r0))
    if treatment == "taper":
        return MorseTaper(*head, inner_radius(inner, cutoff))
    phi, dphi, _ = _bare(D, alpha, r0, float(cutoff))
    if treatment == "cut":
        phi = dphi = 0.0
    elif treatment == "shift":
        dphi = 0.0
    return Morse(*head, -phi + cutoff * dphi, -dphi)


@register_jitable
def _bare(depth, alpha, r0, r):
    """phi, phi', phi'' without cut-off."""
    e = exp(-alpha * (r - r0))
    dphi = -2.0 * depth * alpha * e * (e - 1.0)
    return depth * e * (e - 2.0), dphi, 2.0 * depth * alpha * alpha * e * (2.0 * e - 1.0)


@pair2.register(Morse)
def _line2(p, x):
    phi, dphi, d2phi = _bare(p.depth, p.alpha, p.r0, x)
    return phi + p.e0 + p.e1 * x, dphi + p.e1, d2phi, 0.0, 0.0, 0.0


@pair2.register(MorseTaper)
def _taper2(p, x):
    phi, dphi, d2phi = _bare(p.depth, p.alpha, p.r0, x)
    phi, dphi, d2phi = tapered(phi, dphi, d2phi, x, p.inner, p.cutoff)
    return phi, dphi, d2phi, 0.0, 0.0, 0.0
