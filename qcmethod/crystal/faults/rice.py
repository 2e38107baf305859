"""The load at which a crack tip should emit a dislocation, after Rice.

Slip on a plane that leaves the tip at the angle theta is driven by the traction that the K-field
has there, t_s = K f/(2 pi r)^(1/2), and lets the tip relax by a shear crack along s alone, which
releases (K f)^2/(2 s . L s) per area; the dislocation leaves when that reaches gamma_us:

    K_e = [2 gamma_us s . L s]^(1/2)/f,     f = (2 pi r)^(1/2) s . sigma(r, theta) n / K

L is the Barnett-Lothe tensor (Rice 1992, J. Mech. Phys. Solids 40, 239; anisotropic: Sun and Beltz
1994, J. Mech. Phys. Solids 42, 1905). Exact for theta = 0, else an estimate: the field is that of a
crack without slip, and neither the ledge that the slip leaves at the tip nor the tension across the
plane enters. With mu and nu, for theta >= 0, f of modes I to III are cos^2(theta/2) sin(theta/2)
cos phi, cos(theta/2) (1 - 3 sin^2(theta/2)) cos phi and cos(theta/2) sin phi, and
2 s . L s = 2 mu/(1 - nu) [cos^2 phi + (1 - nu) sin^2 phi].
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.arguments import number, word
from qcmethod.crystal.faults.systems import SlipSystem
from qcmethod.elasticity import CrackField
from qcmethod.elasticity.stroh import Stroh, require_stroh
from qcmethod.errors import InputError

MODES = ("KI", "KII", "KIII")
STEP_PER_SLIP = 3.45
"""Above this gamma_s/gamma_us the step decides (Andric and Curtin 2017)."""


def driving_factor(solid: Stroh, system: SlipSystem, mode: str = "KI") -> float:
    """f of a slip system under a unit load of one mode: what of K shears it along s.

    Raises InputError (stroh, system, mode).
    """
    require_stroh(solid)
    if not isinstance(system, SlipSystem):
        raise InputError("system", system, "a SlipSystem", "slip_systems(crystal.lattice)")
    K = [1.0 if checked_mode(mode) == name else 0.0 for name in MODES]
    t = np.deg2rad(system.theta)
    at = np.array([[np.cos(t), np.sin(t)]]) / (2.0 * np.pi)  # (2 pi r)^(1/2) = 1
    sigma = CrackField(solid, (K[0], K[1], K[2])).stress(at)[0]
    return float(system.slip @ sigma @ system.normal)


def emission_K(solid: Stroh, system: SlipSystem, gamma_us: float, mode: str = "KI") -> float:
    """K_e of a slip system, eV/A^(5/2), for gamma_us in eV/A^2; infinite where f <= 0.

    Raises InputError (stroh, system, mode, gamma_us).
    """
    us = number("gamma_us", gamma_us, "a positive energy in eV/A^2", above=0.0)
    f, s = driving_factor(solid, system, mode), system.slip
    return float(np.sqrt(2.0 * us * (s @ solid.L @ s)) / f) if f > 1e-9 else float("inf")


def isotropic_K(
    mu: float, nu: float, theta: float, phi: float, gamma_us: float, mode: str = "KI"
) -> float:
    """K_e of an isotropic solid in the units of (mu gamma_us)^(1/2); infinite where f <= 0.

    theta, phi in degrees. Raises InputError (mu, nu, theta, phi, gamma_us, mode).
    """
    number("mu", mu, "a positive shear modulus", above=0.0)
    number("nu", nu, "a Poisson's ratio between -1 and 1/2", above=-1.0, most=0.5)
    number("gamma_us", gamma_us, "a positive energy", above=0.0)
    number("theta", theta, "degrees from -180 to 180", least=-180.0, most=180.0)
    t, p = 0.5 * np.deg2rad(theta), np.deg2rad(number("phi", phi, "degrees"))
    f = (1.0 if theta >= 0.0 else -1.0) * {  # below the crack plane the normal is -e_theta
        "KI": np.cos(t) ** 2 * np.sin(t) * np.cos(p),
        "KII": np.cos(t) * (1.0 - 3.0 * np.sin(t) ** 2) * np.cos(p),
        "KIII": np.cos(t) * np.sin(p),
    }[checked_mode(mode)]
    stiffness = 2.0 * mu / (1.0 - nu) * (np.cos(p) ** 2 + (1.0 - nu) * np.sin(p) ** 2)
    return float(np.sqrt(stiffness * gamma_us) / f) if f > 1e-9 else float("inf")


def step_energy(gamma_us: float, gamma_s: float) -> float:
    """What replaces gamma_us where the slip leaves a step at the tip.

        0.145 gamma_s + 0.5 gamma_us  if gamma_s > 3.45 gamma_us, else gamma_us

    gamma_s is the energy of the surface that the step lays open, that of the slip plane: Andric
    and Curtin 2017, J. Mech. Phys. Solids 106, 315. Raises InputError (gamma_us, gamma_s).
    """
    us = number("gamma_us", gamma_us, "a positive energy", above=0.0)
    s = number("gamma_s", gamma_s, "a positive energy in the unit of gamma_us", above=0.0)
    return us if s <= STEP_PER_SLIP * us else 0.145 * s + 0.5 * us


def checked_mode(mode: str) -> str:
    """Raise InputError unless `mode` is one of the three."""
    return word("mode", mode, MODES)
