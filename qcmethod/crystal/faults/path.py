"""States along a straight path of slip, and its highest point: the zero of the slope there."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from qcmethod.base.types import Array
from qcmethod.crystal.faults.shear import Block, Sheared
from qcmethod.units import J_PER_M2

Shifts = list[tuple[float, float]]


@dataclass(frozen=True)
class Point:
    """A point of a gamma line: slip (A), energy (eV/A^2), opening of the plane (A)."""

    slip: float
    energy: float
    opening: float

    @property
    def j_per_m2(self) -> float:
        """Energy, J/m^2."""
        return self.energy / J_PER_M2


def along(block: Block, below: Shifts, slip: Array, relax: str) -> list[Sheared]:
    """States while one more layer slips along x by slip (n,), A, on top of the shifts below it."""
    states: list[Sheared] = []
    for s in slip:  # each starts from the layers of the one before
        start = states[-1].w if states and relax != "rigid" else None
        states.append(block.at([*below, (float(s), 0.0)], relax, start))
    return states


def highest(block: Block, below: Shifts, slip: Array, states: list[Sheared], relax: str) -> Point:
    """The highest point of a path: a state, or a zero of the slope between two of them."""
    from scipy.optimize import brentq

    def at(s: float, start: Array | None) -> Sheared:
        return block.at([*below, (float(s), 0.0)], relax, start)

    points = list(zip(slip.tolist(), states, strict=True))
    for (s, left), (t, right) in list(pairwise(points)):
        if left.slope[0] > 0.0 > right.slope[0]:
            start = None if relax == "rigid" else left.w
            ends = {s: left.slope[0], t: right.slope[0]}  # they have a rounding of their own

            def slope(r: float, ends: dict[float, float] = ends, w: Array | None = start) -> float:
                return ends[r] if r in ends else at(r, w).slope[0]

            root = brentq(slope, s, t, xtol=1e-9)
            points.append((root, at(root, start)))
    s, state = max(points, key=lambda point: point[1].energy)
    return Point(float(s), state.energy, state.opening)
