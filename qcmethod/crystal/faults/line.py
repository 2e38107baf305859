"""A gamma line: the energy of a generalised stacking fault along one direction of slip.

    gamma(s),    gamma_us = max gamma,    tau_max = max d gamma/ds

(Vitek 1968; Rice 1992, J. Mech. Phys. Solids 40, 239, for the unstable stacking energy gamma_us.)
The slope is the derivative at relaxed layers; the highest point is its zero, not a grid point.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from qcmethod.base.arguments import number
from qcmethod.base.door import door
from qcmethod.base.result import Result
from qcmethod.base.types import Array
from qcmethod.crystal.crystal import Crystal
from qcmethod.crystal.faults import frame
from qcmethod.crystal.faults.path import Point, along, highest
from qcmethod.crystal.faults.shear import Block, checked_points, checked_relaxation
from qcmethod.lattice.miller import Miller
from qcmethod.units import GPA, J_PER_M2

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, repr=False)
class GammaLine(Result):
    """Energy along a direction of slip.

    Attributes
    ----------
    potential : name of the potential
    plane, direction : Miller indices
    relax : "rigid" or "normal"
    slip : (n,) displacement of the upper crystal, A, from 0
    energy : (n,) eV/A^2
    slope : (n,) d energy/d slip, eV/A^3: the shear stress that holds the fault
    opening : (n,) how far the crystals have moved apart, A
    unstable : the highest point
    """

    potential: str
    plane: Miller
    direction: Miller
    relax: str
    slip: Array
    energy: Array
    slope: Array
    opening: Array
    unstable: Point

    @property
    def j_per_m2(self) -> Array:
        """Energy (n,), J/m^2."""
        return self.energy / J_PER_M2

    @property
    def strength(self) -> float:
        """Largest slope on the points, eV/A^3: the ideal shear strength of one plane."""
        return float(self.slope.max())

    @door
    def plot(
        self,
        path: str | Path | None = None,
        *others: GammaLine,
        ax: Axes | None = None,
        dpi: int = 200,
    ) -> Any:
        """Draw this line, and others with it: a file, an axis or a Matplotlib figure (`Drawn`)."""
        return super().plot(path, *others, ax=ax, dpi=dpi)

    @door
    def record(self) -> dict[str, object]:
        """Names and numbers, J/m^2 and GPa beside eV and A."""
        return {
            "potential": self.potential,
            "plane": list(self.plane),
            "direction": list(self.direction),
            "relax": self.relax,
            "slip_A": self.slip.tolist(),
            "energy_eV_per_A2": self.energy.tolist(),
            "energy_J_per_m2": self.j_per_m2.tolist(),
            "slope_GPa": (self.slope / GPA).tolist(),
            "opening_A": self.opening.tolist(),
            "unstable_J_per_m2": self.unstable.j_per_m2,
            "unstable_slip_A": self.unstable.slip,
        }

    def __repr__(self) -> str:
        system = frame.name(self.plane, self.direction)
        return (
            f"GammaLine({self.potential} {system} {self.relax}, {len(self.slip)} points, "
            f"unstable {self.unstable.j_per_m2:.4f} J/m^2 at {self.unstable.slip:.3f} A)"
        )


@door
def gamma_line(
    crystal: Crystal,
    plane: ArrayLike | None = None,
    direction: ArrayLike | None = None,
    *,
    length: float | None = None,
    points: int = 41,
    relax: str = "normal",
) -> GammaLine:
    """Energy of the crystal above a lattice plane displaced along a direction in it.

    Parameters
    ----------
    crystal : fcc or bcc, in any orientation
    plane, direction : Miller indices (default: fcc (111)[11-2], bcc (1-10)[111])
    length : slip at the last point, A (default: to the stacking fault, a/6 <112> of fcc {111} in
        its sense; elsewhere the shortest lattice vector along the direction)
    points : number of points, the first at no slip
    relax : "normal" (the layers move along the normal of the plane) or "rigid"

    Raises
    ------
    InputError : not fcc or bcc, no Miller indices, a length, points or relax that cannot be
    OrientationError : a direction that does not lie in the plane
    UnstableCrystalError : a lattice constant at which the crystal does not hold
    OffTableError, ConvergenceError : atoms on top of one another
    """
    crystal, y, x = frame.turned(crystal, plane, direction)
    end = _length(crystal, y, x, length)
    n, relax = checked_points("points", points), checked_relaxation(relax, ("rigid", "normal"))
    block, slip = Block.build(crystal, end), np.linspace(0.0, end, n)
    states = along(block, [], slip, relax)
    return GammaLine(
        potential=crystal.potential.name,
        plane=y,
        direction=x,
        relax=relax,
        slip=slip,
        energy=np.array([state.energy for state in states]),
        slope=np.array([state.slope[0] for state in states]),
        opening=np.array([state.opening for state in states]),
        unstable=highest(block, [], slip, states, relax),
    )


def _length(crystal: Crystal, plane: Miller, direction: Miller, length: float | None) -> float:
    """Slip at the end of a line, A (InputError)."""
    a, structure = crystal.lattice.constant, crystal.lattice.structure
    whole = a * frame.repeat(structure, direction)
    if length is None:
        partial = structure == "fcc" and frame.is_fault_vector(plane, direction)
        return a / float(np.sqrt(6.0)) if partial else whole
    expected = f"a slip in A, up to {10.0 * whole:.4g}"
    return number("length", length, expected, above=0.0, most=10.0 * whole)
