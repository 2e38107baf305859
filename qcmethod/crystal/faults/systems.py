"""Slip systems whose plane holds the front of a crack.

A half-plane leaves the front z at the angle theta from the growth direction x, -180 to 180
degrees; its normal n is e_theta above the crack plane and -e_theta below: it points to the flank.
The slip vector s is the displacement of the crystal on the side of the flank relative to the other
one, at the angle phi from e_r towards z; phi = 0 moves it straight away from the tip.

    s = cos(phi) e_r + sin(phi) e_z            (Rice 1992, J. Mech. Phys. Solids 40, 239)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qcmethod.base.types import Array
from qcmethod.crystal.faults import frame
from qcmethod.errors import InputError
from qcmethod.lattice.lattice import Lattice
from qcmethod.lattice.miller import Miller, dot, variants

FAMILIES: dict[str, tuple[tuple[Miller, Miller], ...]] = {
    "fcc": (((1, 1, 1), (1, 1, 2)),),
    "bcc": (((1, 1, 0), (1, 1, 1)), ((1, 1, 2), (1, 1, 1)), ((1, 2, 3), (1, 1, 1))),
}
"""Planes and directions of slip: Shockley partials in fcc, 1/2 <111> in bcc."""


@dataclass(frozen=True)
class SlipSystem:
    """A half-plane through the front and a direction of slip in it.

    Attributes
    ----------
    family : the planes and directions it belongs to, as `FAMILIES` has them
    plane, direction : Miller indices; the plane's normal points to the flank
    theta, phi : degrees
    """

    family: tuple[Miller, Miller]
    plane: Miller
    direction: Miller
    theta: float
    phi: float

    @property
    def normal(self) -> Array:
        """Unit vector n (3,) in the laboratory frame."""
        t = np.deg2rad(self.theta)
        return np.array([-np.sin(t), np.cos(t), 0.0]) * (1.0 if self.theta >= 0.0 else -1.0)

    @property
    def slip(self) -> Array:
        """Unit vector s (3,) in the laboratory frame."""
        t, p = np.deg2rad(self.theta), np.deg2rad(self.phi)
        return np.array([np.cos(p) * np.cos(t), np.cos(p) * np.sin(t), np.sin(p)])


def slip_systems(lattice: Lattice) -> tuple[SlipSystem, ...]:
    """All slip systems about the z axis of an fcc or bcc lattice, but those behind the tip.

    In fcc a partial has one sense: the other would put atoms on top of one another. Raises
    InputError for another lattice.
    """
    if not isinstance(lattice, Lattice) or lattice.structure not in FAMILIES:
        given = getattr(lattice, "structure", lattice)
        raise InputError("lattice", given, "an fcc or bcc lattice", "crystal.lattice")
    found = []
    for family in FAMILIES[lattice.structure]:
        for plane in variants(family[0]):
            n = lattice.axes @ plane / np.linalg.norm(plane)
            if abs(n[2]) > 1e-9 or n[0] > 1e-9:
                continue  # does not hold the front; points away from the flanks
            for ahead in _half_planes(n):
                theta = float(np.rad2deg(np.arctan2(ahead[1], ahead[0])))
                for direction in variants(family[1]):
                    if not _slips(lattice.structure, plane, direction):
                        continue
                    s = lattice.axes @ direction / np.linalg.norm(direction)
                    phi = float(np.rad2deg(np.arctan2(s[2], s @ ahead)))
                    found.append(SlipSystem(family, plane, direction, theta, phi))
    return tuple(found)


def _half_planes(n: Array) -> list[Array]:
    """Directions e_r (3,) from the tip in the plane of n, above the crack and below it."""
    if n[0] < -1e-9:
        return [np.array([n[1], -n[0], 0.0]), np.array([-n[1], n[0], 0.0])]
    return [np.array([1.0, 0.0, 0.0])] if n[1] > 0.0 else []


def _slips(structure: str, plane: Miller, direction: Miller) -> bool:
    """Whether a direction lies in the plane and leads to a fault (fcc) or to perfect crystal."""
    if structure == "fcc":
        return frame.is_fault_vector(plane, direction)
    return dot(plane, direction) == 0
