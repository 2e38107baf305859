"""A gamma surface: the energy of a generalised stacking fault over all slips in its plane.

    gamma(s_x, s_z),    s_x along the direction, s_z along direction x plane normal

on a rectangular cell that repeats it, the layers relaxed along the normal (Vitek 1968).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from qcmethod.base.door import door
from qcmethod.base.result import Result
from qcmethod.base.types import Array
from qcmethod.crystal.crystal import Crystal
from qcmethod.crystal.faults import frame
from qcmethod.crystal.faults.shear import Block, checked_points, checked_relaxation
from qcmethod.errors import InputError
from qcmethod.lattice.miller import Miller, cross, lowest
from qcmethod.units import J_PER_M2

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, repr=False)
class GammaSurface(Result):
    """Energy over the slips of a plane.

    Attributes
    ----------
    potential : name of the potential
    plane, direction, across : Miller indices of the plane, of x and of z
    relax : "rigid" or "normal"
    x, z : (n,), (m,) slips, A, one repeat each, without its end
    energy : (n, m) eV/A^2
    opening : (n, m) how far the crystals have moved apart, A
    """

    potential: str
    plane: Miller
    direction: Miller
    across: Miller
    relax: str
    x: Array
    z: Array
    energy: Array
    opening: Array

    @property
    def j_per_m2(self) -> Array:
        """Energy (n, m), J/m^2."""
        return self.energy / J_PER_M2

    @door
    def plot(
        self, path: str | Path | None = None, dpi: int = 200, *, ax: Axes | None = None
    ) -> Any:
        """Draw a map of the energy: a file, an axis or a Matplotlib figure (`Drawn`)."""
        return super().plot(path, ax=ax, dpi=dpi)

    @door
    def record(self) -> dict[str, object]:
        """Names and numbers."""
        return {
            "potential": self.potential,
            "plane": list(self.plane),
            "direction": list(self.direction),
            "across": list(self.across),
            "relax": self.relax,
            "x_A": self.x.tolist(),
            "z_A": self.z.tolist(),
            "energy_eV_per_A2": self.energy.tolist(),
            "opening_A": self.opening.tolist(),
        }

    def __repr__(self) -> str:
        system, (n, m) = frame.name(self.plane, self.direction), self.energy.shape
        top = f"highest {self.j_per_m2.max():.4f} J/m^2"
        return f"GammaSurface({self.potential} {system} {self.relax}, {n} x {m} points, {top})"


@door
def gamma_surface(
    crystal: Crystal,
    plane: ArrayLike | None = None,
    direction: ArrayLike | None = None,
    *,
    points: tuple[int, int] = (24, 14),
    relax: str = "normal",
) -> GammaSurface:
    """Energy of the crystal above a lattice plane displaced by any slip in that plane.

    points : along the direction, and across it; other arguments and errors as for `gamma_line`
    """
    crystal, y, d = frame.turned(crystal, plane, direction)
    across = lowest(cross(d, y))
    if not (isinstance(points, tuple | list) and len(points) == 2):
        raise InputError("points", points, "two numbers of points, along x and along z")
    n, m = (checked_points("points", p, least=2, most=500) for p in points)
    relax = checked_relaxation(relax, ("rigid", "normal"))
    a, structure = crystal.lattice.constant, crystal.lattice.structure
    ends = a * frame.repeat(structure, d), a * frame.repeat(structure, across)
    x, z = (np.arange(k) * end / k for k, end in zip((n, m), ends, strict=True))
    block = Block.build(crystal, ends[0])
    energy, opening, row = np.zeros((n, m)), np.zeros((n, m)), None
    for i in range(n):
        start = row
        for j in range(m):  # each point starts from its neighbour's layers
            state = block.at([(float(x[i]), float(z[j]))], relax, start)
            start = None if relax == "rigid" else state.w
            row = start if j == 0 else row
            energy[i, j], opening[i, j] = state.energy, state.opening
    return GammaSurface(crystal.potential.name, y, d, across, relax, x, z, energy, opening)
