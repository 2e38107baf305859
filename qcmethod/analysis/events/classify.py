"""Which kind of event lies between two states, from the bonds that changed; see `event`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from qcmethod.analysis.events.bonds import Bonds
from qcmethod.analysis.events.event import Event
from qcmethod.analysis.events.slip import Slip, find_slip
from qcmethod.base.types import Array
from qcmethod.lattice.lattice import Lattice
from qcmethod.problems.load import LOADS

FEW_COLUMNS = 3
"""Slip of fewer columns than this is a rearrangement of the tip."""


class Step(Protocol):
    """A load that was tried: what an event takes from the states on its two sides."""

    @property
    def number(self) -> int:
        """Its place in the log."""

    @property
    def load(self) -> float:
        """MPa sqrt(m), or another load in its unit."""

    @property
    def tip(self) -> float | None:
        """x of the crack tip, or of the middle of a dislocation, A."""

    @property
    def change(self) -> float:
        """Largest change of a bond since the state before, A."""

    @property
    def converged(self) -> bool:
        """Whether an equilibrium was found."""

    @property
    def message(self) -> str:
        """Why none was."""

    @property
    def softest(self) -> float | None:
        """Stiffness of the softest direction, where it was measured."""

    @property
    def left(self) -> float | None:
        """That of the saddle which was left, if one was."""


def classify(
    bonds: Bonds,
    lattice: Lattice,
    threshold: float,
    trials: tuple[Step, Step],
    positions: tuple[Array, Array],
    energy_drop: float | None,
    mode: str = "KI",
    earlier: Sequence[Event] = (),
) -> Event:
    """The event between two steps (before, after) with the site positions (n_l, 3) of each.

    A partial that follows an `earlier` one on the next plane makes a twin (Tadmor and Hai 2003).
    """
    before, after = trials
    d = bonds.change(*positions)
    slip = find_slip(bonds, d, lattice, threshold, before.tip or 0.0)
    half_period = 0.5 * float(lattice.basis[0, 0])
    if LOADS[mode].glides:
        kind = _kind_of_line(slip, before, after, half_period)
    else:
        kind = _kind(slip, before.tip, after.tip, earlier)
    if kind == "no convergence" and after.left is not None:
        kind = "loss of stability"
    return Event(
        kind=kind,
        before=before.load,
        after=after.load,
        trial=after.number,
        slip=slip,
        change=after.change,
        tip_before=before.tip,
        tip_after=after.tip,
        energy_drop=energy_drop,
        converged=after.converged,
        message=after.message,
        mode=mode,
        softest=before.softest,
        left=after.left,
    )


def _kind(
    slip: Slip | None,
    tip_before: float | None,
    tip_after: float | None,
    earlier: Sequence[Event],
) -> str:
    """What a crack tip, or the crystal under an indenter, did."""
    if slip is None:
        return "no convergence"
    opening = float(slip.vector @ slip.normal)
    opened = abs(opening) > 0.5 * float(np.linalg.norm(slip.vector))
    on_crack_plane = slip.normal[1] > 1.0 - 1e-9
    if not opened and slip.columns >= FEW_COLUMNS:
        slipped = [e.slip for e in earlier if e.kind in ("emission", "twinning")]
        again = any(s is not None and slip.next_to(s) for s in slipped)
        return "twinning" if slip.planes > 1 or again else "emission"
    if tip_before is None or tip_after is None or not (opened and on_crack_plane):
        return "rearrangement"
    if tip_after == tip_before:
        return "rearrangement"
    return "advance" if tip_after > tip_before else "closure"


def _kind_of_line(slip: Slip | None, before: Step, after: Step, half_period: float) -> str:
    """What a dislocation did."""
    if slip is not None and slip.normal[1] < 1.0 - 1e-9:
        return "cross slip" if slip.columns >= FEW_COLUMNS else "rearrangement"
    if before.tip is not None and after.tip is not None:
        if abs(after.tip - before.tip) > half_period:
            return "glide"
    elif slip is not None and slip.columns >= FEW_COLUMNS:
        return "glide"  # so far that the slip at its old place is complete
    return "no convergence" if slip is None else "rearrangement"
