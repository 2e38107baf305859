"""Griffith's load: where the energy released by a crack pays for two surfaces.

    G = 1/2 k . L^-1 k = 2 gamma,  k = (K_II, K_I, K_III);    mode I: K_G = sqrt(4 gamma/(L^-1)_22)

with the relaxed surface energy gamma and the Barnett-Lothe tensor L of the potential's own moduli
(Griffith 1921; Stroh 1958; Barnett and Lothe 1973). K_I alone is a pure mode I only where the
crack has a mirror: else (L^-1)_23 is not 0, and the flanks slide along the front as they open.
At a phase angle psi, k = K (sin psi, cos psi, 0): K_G = sqrt(4 gamma/(d . L^-1 d)).
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.arguments import number
from qcmethod.base.door import door
from qcmethod.base.types import Array
from qcmethod.crystal.crystal import Crystal, require_cubic
from qcmethod.crystal.surface import surface_energy
from qcmethod.elasticity import stroh
from qcmethod.errors import InputError, OrientationError
from qcmethod.lattice.miller import along
from qcmethod.problems.intensity import checked_loads, inner_units
from qcmethod.units import J_PER_M2, MPA_SQRT_M

MIRROR = 1e-6
"""Sliding over opening of the flanks below which a front has a mirror (moduli have ten digits)."""


@door
def griffith_load(
    crystal: Crystal,
    KII: float | None = None,
    KIII: float | None = None,
    *,
    phase: float | None = None,
) -> float:
    """Griffith's K_I of the crack plane normal to y, growing along x, in MPa sqrt(m).

    The K_I at which G = 1/2 k . L^-1 k = 2 gamma, k = (K_II, K_I, K_III), with the relaxed surface
    energy and the moduli of the potential (Griffith 1921; Barnett and Lothe 1973):

        K_II = K_III = 0:    K_G = sqrt(4 gamma/(L^-1)_22)

    Parameters
    ----------
    crystal : its axes x, y, z are growth direction, plane normal and front
    KII, KIII : shears beside it, MPa sqrt(m). None: a pure mode I, which exists only where K_I
        alone does not slide the flanks along the front. Numbers, 0 too: G of these tractions
    phase : angle psi, degrees, of a load (K_I, K_II) = K (cos psi, sin psi) without K_III: then
        it is that K = (K_I^2 + K_II^2)^(1/2) which is returned

    Raises InputError (shears that release more than 2 gamma by themselves, a phase that closes the
    crack, a phase beside shears), OrientationError (mode I asked for, (L^-1)_23 is not 0),
    ConvergenceError (surface).
    """
    if phase is not None:
        if KII is not None or KIII is not None:
            raise InputError("phase", phase, "no KII and KIII beside it: it gives their proportion")
        return _at_phase(crystal, phase)
    two_gamma, M = _released(crystal)
    if KII is None and KIII is None:
        _require_mode_I(crystal, M)
    given = {"KII": 0.0 if KII is None else KII, "KIII": 0.0 if KIII is None else KIII}
    shears = checked_loads(KI=0.0, **given)
    _, K2, K3 = inner_units(shears)
    b = M[1, 0] * K2 + M[1, 2] * K3
    c = M[0, 0] * K2**2 + 2.0 * M[0, 2] * K2 * K3 + M[2, 2] * K3**2
    root = b**2 - M[1, 1] * (c - 2.0 * two_gamma)
    K = (np.sqrt(max(root, 0.0)) - b) / M[1, 1]
    if root < 0.0 or K < 0.0:
        G = f"{0.5 * c / J_PER_M2:.3g} J/m^2, 2 gamma is {two_gamma / J_PER_M2:.3g}"
        raise InputError("KII, KIII", given, f"shears that release less than 2 gamma (G = {G})")
    return float(K / MPA_SQRT_M)


def _released(crystal: Crystal) -> tuple[float, Array]:
    """2 gamma, eV/A^2, and L^-1 (3, 3), A^3/eV."""
    two_gamma = 2.0 * surface_energy(crystal).per_area
    L = stroh(crystal.elastic_constants().at_rest).L
    return two_gamma, np.asarray(np.linalg.inv(L), dtype=np.float64)


def _at_phase(crystal: Crystal, phase: float) -> float:
    """K, MPa sqrt(m), of a load at an angle, degrees, between modes I and II."""
    expected = "an angle in degrees, between -90 and 90: K_I opens the crack"
    angle = np.radians(number("phase", phase, expected, "30.0", above=-90.0, below=90.0))
    two_gamma, M = _released(crystal)
    d = np.array([np.sin(angle), np.cos(angle), 0.0])
    return float(np.sqrt(2.0 * two_gamma / (d @ M @ d)) / MPA_SQRT_M)


def mode_coupling(crystal: Crystal) -> tuple[float, float]:
    """How much K_I alone slides the flanks, along x and along the front, over how much it opens
    them: (L^-1)_12/(L^-1)_22 and (L^-1)_32/(L^-1)_22.

    The first is 0 where the crack plane is a mirror, the second where the crack plane or the plane
    normal to the front is one, or the front a two-fold axis. Raises InputError for a plane crystal.
    """
    M = np.linalg.inv(stroh(require_cubic(crystal).elastic_constants().at_rest).L)
    return float(M[0, 1] / M[1, 1]), float(M[2, 1] / M[1, 1])


def _require_mode_I(crystal: Crystal, M: Array) -> None:
    """OrientationError where K_I alone slides the flanks along the front."""
    slide = float(M[2, 1] / M[1, 1])
    if abs(slide) < MIRROR:
        return
    _, plane, front = ("({} {} {})".format(*along(axis)) for axis in crystal.lattice.axes)
    expected = (
        "a crack whose plane, or the plane normal to whose front, is a mirror: here K_I alone "
        f"slides the flanks along the front by {100.0 * abs(slide):.2g} % of their opening"
    )
    hint = (
        "another front, e.g. [1 -1 0], or griffith_load(crystal, KII=0, KIII=0) for the K_I at "
        "which these tractions release 2 gamma"
    )
    raise OrientationError("crystal", f"plane {plane}, front {front}", expected, hint)
