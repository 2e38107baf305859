"""What happened between two loads: emission, twinning, advance, closure, glide, or something else.

emission         slip on a plane that holds the front (the crack plane included)
twinning         the same on two or more neighbouring gaps, at once or next to an earlier event
advance          bonds across the crack plane opened: the tip moved on
closure          they closed: the tip moved back
glide            a dislocation moved along its glide plane by half a lattice period or more
cross slip       it slipped on another plane
rearrangement    a few bonds only
no convergence   `relax` failed and no bond had changed
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qcmethod.lattice import Lattice
from qcmethod.loading.bonds import Bonds
from qcmethod.loading.plan import Trial
from qcmethod.loading.slip import Slip, find_slip
from qcmethod.problems.load import LOADS

Array = NDArray[np.float64]
FEW_COLUMNS = 3
"""Slip of fewer columns than this is a rearrangement of the tip."""


@dataclass(frozen=True, repr=False)
class Event:
    """A jump of a load ramp, bracketed.

    Attributes
    ----------
    kind : see the module
    before, after : loads of the bracket in the order of the ramp, MPa sqrt(m) (shear: MPa, depth:
        A): the last state that followed the load, and the first that did not
    trial : number of the trial after the jump
    slip : plane, vector, place (None where no bond changed)
    change : largest change of a bond vector, A
    tip_before, tip_after : x of the crack tip or of the dislocation, A
    energy_drop : energy released in the jump, eV per period: what the states before extrapolate to
        (linearly in the load) minus what was found; None for force methods and where the state
        after did not converge
    converged : False where the state after is no equilibrium: a dislocation that reaches the edge
        of the resolved zone stays there
    message : of the solver, where it failed
    mode : the load that was varied: "KI", "shear", ...
    """

    kind: str
    before: float
    after: float
    trial: int
    slip: Slip | None
    change: float
    tip_before: float | None
    tip_after: float | None
    energy_drop: float | None
    converged: bool
    message: str
    mode: str = "KI"

    @property
    def load(self) -> float:
        """Middle of the bracket, in the unit of the load."""
        return 0.5 * (self.before + self.after)

    @property
    def K(self) -> float:
        """The same of a crack, MPa sqrt(m)."""
        return self.load

    @property
    def width(self) -> float:
        """Width of the bracket, in the unit of the load."""
        return abs(self.after - self.before)

    def __repr__(self) -> str:
        load = LOADS[self.mode]
        text = f"Event({self.kind}, {load.text(self.load)} +- {load.digits(0.5 * self.width)}"
        text += f" {load.unit}"
        if self.slip is not None and self.kind in ("emission", "twinning"):
            s = self.slip
            vector = f"{s.name} {s.burgers}" if s.name else f"slip {np.round(s.vector, 2).tolist()}"
            start = f"({s.start[0]:.2f}, {s.start[1]:.2f})"
            end = f"({s.end[0]:.2f}, {s.end[1]:.2f})"
            text += f", {vector} on {s.plane}, from {start} to {end} A"
        if self.kind in ("advance", "closure", "glide"):
            what = "line" if self.kind == "glide" else "tip"
            text += f", {what} from {_digits(self.tip_before)} to {_digits(self.tip_after)} A"
        return text + ")"

    def record(self) -> dict[str, Any]:
        """Everything as numbers, texts and lists, for files."""
        facts = asdict(self) | {"K": self.K, "width": self.width}
        if self.slip is not None:
            facts["slip"]["normal"] = self.slip.normal.tolist()
            facts["slip"]["vector"] = self.slip.vector.tolist()
        return facts


def classify(
    bonds: Bonds,
    lattice: Lattice,
    threshold: float,
    trials: tuple[Trial, Trial],
    positions: tuple[Array, Array],
    energy_drop: float | None,
    mode: str = "KI",
    earlier: Sequence[Event] = (),
) -> Event:
    """The event between two trials (before, after) with the site positions (n_l, 3) of each.

    A partial that follows an `earlier` one on the next plane makes a twin (Tadmor and Hai 2003).
    """
    before, after = trials
    d = bonds.change(*positions)
    slip = find_slip(bonds, d, lattice, threshold, before.tip or 0.0)
    kind = _kind(slip, before.tip, after.tip)
    if kind == "emission" and slip is not None:
        slipped = [e.slip for e in earlier if e.kind in ("emission", "twinning")]
        if any(s is not None and slip.next_to(s) for s in slipped):
            kind = "twinning"
    if mode == "shear":
        kind = _kind_of_line(slip, before, after, 0.5 * float(lattice.basis[0, 0]))
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
    )


def _kind(slip: Slip | None, tip_before: float | None, tip_after: float | None) -> str:
    if slip is None:
        return "no convergence"
    opening = float(slip.vector @ slip.normal)
    opened = abs(opening) > 0.5 * float(np.linalg.norm(slip.vector))
    on_crack_plane = slip.normal[1] > 1.0 - 1e-9
    if not opened and slip.columns >= FEW_COLUMNS:
        return "twinning" if slip.planes > 1 else "emission"
    if tip_before is None or tip_after is None or not (opened and on_crack_plane):
        return "rearrangement"
    if tip_after == tip_before:
        return "rearrangement"
    return "advance" if tip_after > tip_before else "closure"


def _kind_of_line(slip: Slip | None, before: Trial, after: Trial, half_period: float) -> str:
    """What a dislocation did."""
    if slip is not None and slip.normal[1] < 1.0 - 1e-9:
        return "cross slip" if slip.columns >= FEW_COLUMNS else "rearrangement"
    if before.tip is not None and after.tip is not None:
        if abs(after.tip - before.tip) > half_period:
            return "glide"
    elif slip is not None and slip.columns >= FEW_COLUMNS:
        return "glide"  # so far that the slip at its old place is complete
    return "no convergence" if slip is None else "rearrangement"


def _digits(x: float | None) -> str:
    return "?" if x is None else f"{x:.2f}"
