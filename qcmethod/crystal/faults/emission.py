"""Emission of dislocations from a crack of one potential: every slip system, and the easiest.

Everything comes from the potential: moduli, gamma_us of the slip planes, energies of the surfaces.
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.door import door
from qcmethod.crystal.crystal import Crystal, require_cubic
from qcmethod.crystal.faults import frame
from qcmethod.crystal.faults.line import gamma_line
from qcmethod.crystal.faults.loads import Emission, EmissionLoads
from qcmethod.crystal.faults.rice import checked_mode, emission_K, isotropic_K, step_energy
from qcmethod.crystal.faults.systems import SlipSystem, slip_systems
from qcmethod.crystal.moduli import ElasticConstants
from qcmethod.crystal.surface import surface_energy
from qcmethod.elasticity import energy_release_rate, griffith_K, stroh
from qcmethod.errors import InputError
from qcmethod.lattice.miller import Miller, along
from qcmethod.units import J_PER_M2, MPA_SQRT_M


@door
def emission_loads(crystal: Crystal, mode: str = "KI") -> EmissionLoads:
    """Rice's load of every slip system for the crack normal to y, growing along x, front z.

    Parameters
    ----------
    crystal : fcc or bcc, oriented as for `crack`
    mode : the load that grows, "KI", "KII" or "KIII"

    Raises InputError (crystal, mode; no slip plane that holds the front is driven by the mode),
    ConvergenceError.
    """
    lattice = require_cubic(crystal).lattice
    checked_mode(mode)
    moduli = crystal.elastic_constants()
    solid = stroh(moduli.at_rest)
    mu, nu = voigt_average(moduli)
    K_G = griffith_K(solid, surface_energy(crystal).per_area)
    energies: dict[tuple[Miller, Miller], tuple[float, float]] = {}
    found = []
    for system in slip_systems(lattice):
        if not np.isfinite(emission_K(solid, system, 1.0, mode)):
            continue
        if system.family not in energies:
            energies[system.family] = _energies(crystal, system)
        us, s = energies[system.family]
        K = emission_K(solid, system, us, mode)
        isotropic = isotropic_K(mu, nu, system.theta, system.phi, us, mode)
        stepped = K * float(np.sqrt(step_energy(us, s) / us)) / MPA_SQRT_M
        load = [K if mode == name else 0.0 for name in ("KI", "KII", "KIII")]
        found.append(
            Emission(
                system=system,
                gamma_us=us,
                gamma_s=s,
                K=K / MPA_SQRT_M,
                K_isotropic=isotropic / MPA_SQRT_M if np.isfinite(isotropic) else None,
                K_step=stepped if mode == "KI" else None,
                G=energy_release_rate(solid, load) / J_PER_M2,
            )
        )
    x, y, z = (along(axis) for axis in lattice.axes)
    if not found:
        hint = "a front along a direction that slip planes share, e.g. [1-10]"
        raise InputError("crystal", f"front {z}, {mode}", "a slip plane that holds the front", hint)
    found.sort(key=lambda e: e.K)
    return EmissionLoads(crystal.potential.name, y, x, z, mode, K_G / MPA_SQRT_M, tuple(found))


@door
def rice_load(crystal: Crystal, mode: str = "KI") -> float:
    """Rice's load of the easiest slip system, MPa sqrt(m); see `emission_loads`."""
    return emission_loads(crystal, mode).lowest.K


def voigt_average(moduli: ElasticConstants) -> tuple[float, float]:
    """Shear modulus (eV/A^3) and Poisson's ratio of the isotropic average of a cubic crystal."""
    C11, C12, C44 = moduli.C11, moduli.C12, moduli.C44
    mu, bulk = (C11 - C12 + 3.0 * C44) / 5.0, (C11 + 2.0 * C12) / 3.0
    return mu, (3.0 * bulk - 2.0 * mu) / (6.0 * bulk + 2.0 * mu)


def _energies(crystal: Crystal, system: SlipSystem) -> tuple[float, float]:
    """Unstable stacking energy and surface energy of a slip plane, eV/A^2."""
    line = gamma_line(crystal, system.plane, system.direction, points=21)
    oriented, _, _ = frame.turned(crystal, system.plane, system.direction)
    return line.unstable.energy, surface_energy(oriented).per_area
