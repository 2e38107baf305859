"""What has happened in one state: where its crystal has slipped or opened since the predictor.

    d_b = (y_j - y_i)(u) - (y_j - y_i)(0)

The predictor is the elastic field of the defect in an unslipped crystal, so a bond that differs
from it by a fair part of its length has been cut and made anew: slip, or a crack that moved on. The
largest slipped piece of a plane is taken first, then the next one of what is left.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from qcmethod.analysis.events.bonds import Bonds
from qcmethod.analysis.events.classify import FEW_COLUMNS
from qcmethod.analysis.events.slip import PLANES, Slip, find_slip, levels
from qcmethod.base.types import Array
from qcmethod.coupling.system import System
from qcmethod.solve.solution import Solution

SLIPPED = 0.3
"""A bond that differs from the predictor by more than this many nearest-neighbour distances has
slipped: a Shockley partial changes it by 0.58, elastic strain at a crack tip by 0.15."""

MOST = 8
"""Slips that are told apart in one state."""


@dataclass(frozen=True, repr=False)
class Slipped:
    """One slip that a state holds.

    Attributes
    ----------
    kind : "emission" (of a crack: slip on a plane that holds the front), "twinning" (on
        neighbouring planes), "advance" and "closure" (bonds across the crack plane opened, closed),
        "slip" (of any other defect)
    slip : plane, vector, place
    """

    kind: str
    slip: Slip

    def __repr__(self) -> str:
        return f"{self.kind}: {self.slip.text()}"


def happened(solution: Solution) -> tuple[Slipped, ...]:
    """The slips that a solution holds against its predictor, the longest first.

    Empty where the crystal is whole, where nothing is resolved, and for structures without known
    slip planes (a chain).
    """
    system = solution.system
    if system.problem.crystal.lattice.structure not in PLANES or not system.method.core:
        return ()
    found = tuple(_slips(system, solution.u, solution.tip))
    return tuple(Slipped(_kind(slip, solution.tip is not None), slip) for slip in found)


def _slips(system: System, u: Array, tip: float | None) -> Iterator[Slip]:
    bonds, lattice = Bonds.of(system), system.problem.crystal.lattice
    y0, y = (system.body.positions(at) for at in (system.zero, u))
    d = bonds.change(y0, y)
    for _ in range(MOST):
        slip = find_slip(bonds, d, lattice, SLIPPED * bonds.length, tip or 0.0)
        if slip is None:
            return
        if slip.columns >= FEW_COLUMNS:
            yield slip
        near = np.abs(levels(bonds, slip.normal) - slip.level) <= slip.planes
        d = np.where(near[:, None], 0.0, d)


def _kind(slip: Slip, crack: bool) -> str:
    opening = float(slip.vector @ slip.normal)
    if crack and abs(opening) > 0.5 * float(np.linalg.norm(slip.vector)):
        return "advance" if opening > 0.0 else "closure"
    if slip.planes > 1:
        return "twinning"
    return "emission" if crack else "slip"
