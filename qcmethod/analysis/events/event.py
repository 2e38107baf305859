"""What happened between two loads: emission, twinning, advance, closure, glide, or something else.

emission         slip on a plane that holds the front (the crack plane included)
twinning         the same on two or more neighbouring gaps, at once or next to an earlier event
advance          bonds across the crack plane opened: the tip moved on
closure          they closed: the tip moved back
glide            a dislocation moved along its glide plane by half a lattice period or more
cross slip       it slipped on another plane
rearrangement    a few bonds only
loss of stability   the branch goes on as a saddle, and no minimum was found beside it
no convergence   `relax` failed and no bond had changed
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from qcmethod.analysis.events.slip import Slip
from qcmethod.base.stored import stored
from qcmethod.base.types import Facts
from qcmethod.problems.load import LOADS


@stored
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
    softest : stiffness of the softest direction of the last state that followed the load: it goes
        to 0 where the branch ends (None: not measured, energies)
    left : that of the saddle which the branch had become at the load after (None: there was none)
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
    softest: float | None = None
    left: float | None = None

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
            text += f", {self.slip.text()}"
        if self.kind in ("advance", "closure", "glide"):
            what = "line" if self.kind == "glide" else "tip"
            text += f", {what} from {_digits(self.tip_before)} to {_digits(self.tip_after)} A"
        if self.left is not None:
            text += f", the branch a saddle of {self.left:.2g}"
        return text + ")"

    def record(self) -> Facts:
        """Everything as numbers, texts and lists, for files."""
        facts = asdict(self) | {"K": self.K, "width": self.width}
        if self.slip is not None:
            facts["slip"]["normal"] = self.slip.normal.tolist()
            facts["slip"]["vector"] = self.slip.vector.tolist()
        return facts


def _digits(x: float | None) -> str:
    return "?" if x is None else f"{x:.2f}"
