"""Stability of a homogeneously deformed lattice: of the continuum, and of the lattice itself.

    continuum margin   min over n of  eig Q(n),     Q_ab = A_aibj n_i n_j       (Hill 1962)
    lattice margin     min over k of  eig D(k) / (site volume N(k))

both in eV/A^3 (2-D eV/A^2, 1-D eV/A). N(k) is a discrete |k|^2 (`waves`), so the lattice
margin is the constant inf <E''u, u>/|Du|^2 per volume and never exceeds the continuum's. Where the
continuum is stable and the lattice is not, the Cauchy-Born rule fails: Cauchy-Born cells relax in a
state that the atoms leave (E and Ming 2007, Arch. Ration. Mech. Anal. 183, 241; Hudson and Ortner
2012, ESAIM M2AN 46, 81).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from qcmethod.base.door import door
from qcmethod.base.types import Array
from qcmethod.crystal.at_gradient import one_gradient
from qcmethod.crystal.laws.cauchy_born import true_law
from qcmethod.crystal.stability import phonons
from qcmethod.crystal.stability.softest import Wave, slowest_long_wave, softest_wave
from qcmethod.crystal.stability.waves import direction_name, reciprocal
from qcmethod.lattice.lattice import Lattice
from qcmethod.potentials.contract import Potential

LONG = 1e-6
"""A shorter wave must be softer than the long ones by this fraction to be called the softest."""


@dataclass(frozen=True, eq=False, repr=False)
class Stability:
    """Stability of a crystal at a gradient; from `Crystal.stability`.

    Attributes
    ----------
    continuum_margin : smallest eigenvalue of the acoustic tensor, eV/A^3
    direction, polarisation : (3,) unit vectors of that long wave
    lattice_margin : smallest eigenvalue of D(k)/(volume N(k)) over waves of any length, eV/A^3
    k : (3,) softest wave, 1/A, in the reference laboratory frame; 0 when it is a long one
    fractional : (w,) the same in the reciprocal basis of the primitive cell (ASE's, for cubic)
    mode : (3,) its polarisation
    stiffness : its eigenvalue of D, eV/A^2 (0 for a long wave)
    frequency : its frequency, THz, negative when imaginary
    verdict : in words
    """

    continuum_margin: float
    direction: Array
    polarisation: Array
    lattice_margin: float
    k: Array
    fractional: Array
    mode: Array
    stiffness: float
    frequency: float
    verdict: str

    @property
    def stable(self) -> bool:
        """Every wave of the lattice is stable."""
        return self.lattice_margin > 0.0

    @property
    def cauchy_born_fails(self) -> bool:
        """The continuum is stable and the lattice is not."""
        return self.continuum_margin > 0.0 >= self.lattice_margin

    def __repr__(self) -> str:
        return (
            f"Stability({self.verdict}; margin of the continuum {self.continuum_margin:.4g}, "
            f"of the lattice {self.lattice_margin:.4g})"
        )


@door
def acoustic(potential: Potential, lattice: Lattice, F: ArrayLike, plane: bool = False) -> Wave:
    """The slowest long wave at F (3, 3): acoustic eigenvalue (eV/A^3), direction, polarisation."""
    F_q = one_gradient(F, lattice)
    law = true_law(potential, lattice, F_q)
    A = law.tangent(F_q, law.at(F_q))[0]
    return slowest_long_wave(A / lattice.site_volume, lattice, plane)


@door
def analyse(potential: Potential, lattice: Lattice, F: ArrayLike, plane: bool = False) -> Stability:
    """Stability at F (3, 3). Raises InputError, InvertedCellError, OffTableError.

    plane : only waves that are uniform along z, as those of a quasi-2-D problem are
    """
    F_q = one_gradient(F, lattice)
    long = acoustic(potential, lattice, F_q[0], plane)
    constants = phonons.of_lattice(potential, lattice, F_q[0])
    wave, B = softest_wave(constants, lattice, plane), reciprocal(lattice, plane)
    if not wave.value < long.value - LONG * abs(long.value):
        wave = Wave(long.value, np.zeros(3), long.polarisation)
    e = wave.polarisation[: constants.n]
    stiffness = float(e @ constants.matrix(wave.k[None])[0] @ e)
    return Stability(
        continuum_margin=long.value,
        direction=long.k,
        polarisation=long.polarisation,
        lattice_margin=wave.value,
        k=wave.k,
        fractional=(wave.k @ np.linalg.pinv(B)).round(9) + 0.0,
        mode=wave.polarisation,
        stiffness=stiffness,
        frequency=float(phonons.frequency(np.array(stiffness), potential.mass)),
        verdict=_verdict(lattice, long, wave, B),
    )


def _verdict(lattice: Lattice, long: Wave, wave: Wave, B: Array) -> str:
    what = _name(lattice, long, wave, B)
    if wave.value > 0.0:
        return f"stable, softest: {what}"
    if long.value > 0.0:
        return f"Cauchy-Born fails: the continuum is stable, the lattice is not ({what})"
    tail = "" if not wave.k.any() else ", and so is the continuum"
    return f"unstable: {what}{tail}"


def _name(lattice: Lattice, long: Wave, wave: Wave, B: Array) -> str:
    """Long waves, or a repeat of the period, or a wavelength, with direction and polarisation."""
    k, e = (wave.k if wave.k.any() else long.k), wave.polarisation
    along = direction_name(lattice, k)
    moving = "" if lattice.dim == 1 else f" polarised along {direction_name(lattice, e)}"
    if not wave.k.any():
        return f"long waves along {along}{moving}"
    fractional = k @ np.linalg.pinv(B)
    for m, name in ((2, "doubling"), (3, "tripling"), (4, "quadrupling")):
        if np.abs(m * fractional - np.round(m * fractional)).max() < 1e-4 * m:
            return f"period {name} along {along}{moving}"
    length = 2.0 * np.pi / float(np.linalg.norm(k))
    return f"waves of {length:.3f} A along {along}{moving}"
