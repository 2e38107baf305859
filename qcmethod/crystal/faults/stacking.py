"""Stacking faults of an fcc crystal on (111): intrinsic, extrinsic, and the barriers before them.

The upper crystal is displaced by a/6 [11-2] across one plane, then again across the next one:

    ABCABC  ->  unstable, gamma_us  ->  intrinsic, gamma_isf (ABC|BCA)
            ->  unstable twinning, gamma_ut  ->  extrinsic, gamma_esf (ABC|B|ABC)

all against the perfect crystal (Rice 1992, J. Mech. Phys. Solids 40, 239; Tadmor and Hai 2003,
J. Mech. Phys. Solids 51, 765, for gamma_ut). The stable faults are minima over all displacements of
their layers, the unstable ones over those normal to the plane.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from qcmethod.base.door import door
from qcmethod.base.result import Result
from qcmethod.base.types import Array
from qcmethod.crystal.crystal import Crystal, require_cubic
from qcmethod.crystal.faults import frame
from qcmethod.crystal.faults.path import Point, Shifts, along, highest
from qcmethod.crystal.faults.shear import Block, Sheared, checked_points
from qcmethod.errors import InputError
from qcmethod.units import J_PER_M2

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, repr=False)
class StackingFaults(Result):
    """Energies of the faults of a crystal.

    Attributes
    ----------
    potential : its name
    partial : a/6 <112>, A
    intrinsic, extrinsic : stable faults, relaxed; `.energy` (eV/A^2), `.j_per_m2`, `.opening` (A)
    unstable, unstable_twin : the highest points before them, `.slip` A of the layer that slips
    rigid : the same four energies without relaxation, eV/A^2, by name
    slip : (n,) total displacement of the upper crystal, A, over both partials
    energy, energy_rigid : (n,) along the way, eV/A^2
    """

    potential: str
    partial: float
    intrinsic: Point
    extrinsic: Point
    unstable: Point
    unstable_twin: Point
    rigid: dict[str, float]
    slip: Array
    energy: Array
    energy_rigid: Array

    @door
    def points(self) -> dict[str, Point]:
        """The four relaxed points by name."""
        names = ("unstable", "intrinsic", "unstable_twin", "extrinsic")
        return {name: getattr(self, name) for name in names}

    @door
    def j_per_m2(self) -> dict[str, float]:
        """The four relaxed energies, J/m^2, by name."""
        return {name: point.j_per_m2 for name, point in self.points().items()}

    @door
    def plot(
        self, path: str | Path | None = None, dpi: int = 200, *, ax: Axes | None = None
    ) -> Any:
        """Draw the energy over the slip: a file, an axis or a Matplotlib figure (`Drawn`)."""
        return super().plot(path, ax=ax, dpi=dpi)

    @door
    def record(self) -> dict[str, object]:
        """Names and numbers, J/m^2 beside eV and A."""
        return {
            "potential": self.potential,
            "partial_A": self.partial,
            "relaxed_J_per_m2": self.j_per_m2(),
            "rigid_J_per_m2": {name: e / J_PER_M2 for name, e in self.rigid.items()},
            "opening_A": {name: point.opening for name, point in self.points().items()},
            "slip_A": self.slip.tolist(),
            "energy_eV_per_A2": self.energy.tolist(),
            "energy_rigid_eV_per_A2": self.energy_rigid.tolist(),
        }

    def __repr__(self) -> str:
        values = ", ".join(f"{name} {e:.4f}" for name, e in self.j_per_m2().items())
        return f"StackingFaults({self.potential}: {values} J/m^2)"


@door
def stacking_fault(crystal: Crystal, *, points: int = 21) -> StackingFaults:
    """Stable and unstable stacking faults on the close-packed planes of an fcc crystal.

    points : along each of the two partials

    Raises InputError for another structure (no other crystal here has a stable fault: see
    `gamma_line`), ConvergenceError.
    """
    if require_cubic(crystal).lattice.structure != "fcc":
        hint = "gamma_line(crystal, plane, direction): a bcc crystal has no stable fault"
        raise InputError("crystal", crystal.lattice.structure, "an fcc crystal", hint)
    crystal, _, _ = frame.turned(crystal, None, None)
    b = crystal.lattice.constant / float(np.sqrt(6.0))
    block, step = (
        Block.build(crystal, 2.0 * b),
        np.linspace(0.0, b, checked_points("points", points)),
    )
    slipped: list[Shifts] = [[], [(b, 0.0)]]  # what has slipped before either partial
    ways = {
        relax: [along(block, below, step, relax) for below in slipped]
        for relax in ("rigid", "normal")
    }
    tops = {
        relax: [
            highest(block, below, step, way, relax)
            for below, way in zip(slipped, pair, strict=True)
        ]
        for relax, pair in ways.items()
    }
    stable = [
        block.at([*below, (b, 0.0)], "full", way[-1].w)
        for below, way in zip(slipped, ways["normal"], strict=True)
    ]
    return StackingFaults(
        potential=crystal.potential.name,
        partial=b,
        intrinsic=Point(b, stable[0].energy, stable[0].opening),
        extrinsic=Point(b, stable[1].energy, stable[1].opening),
        unstable=tops["normal"][0],
        unstable_twin=tops["normal"][1],
        rigid={
            "unstable": tops["rigid"][0].energy,
            "intrinsic": ways["rigid"][0][-1].energy,
            "unstable_twin": tops["rigid"][1].energy,
            "extrinsic": ways["rigid"][1][-1].energy,
        },
        slip=np.concatenate([step, b + step[1:]]),
        energy=_energies(*ways["normal"]),
        energy_rigid=_energies(*ways["rigid"]),
    )


def _energies(first: list[Sheared], second: list[Sheared]) -> Array:
    """Along both partials, their common point once."""
    return np.array([state.energy for state in [*first, *second[1:]]])
