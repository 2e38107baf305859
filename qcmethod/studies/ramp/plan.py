"""Which load comes next: a pure function of what has been tried.

    accepted   the state followed the load; the next trial starts from it
    cut        it jumped or did not converge: back to the last accepted state, half the step
    event      it jumped although the step was no longer than the width of the bracket asked for
    failed     the first load has no equilibrium: there is nothing to go back to

The load K+ that closes a bracket [K-, K+] is always tried from the state at K- itself, so a trial
that only took too long a step is no event. Because the plan depends on the log alone, a run that
was killed goes on as if nothing had happened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from qcmethod.base.stored import stored

Outcome = Literal["accepted", "cut", "event", "failed"]
SLACK = 1.0 + 1e-9
"""Rounding of a bracket that is as wide as asked."""


@stored
@dataclass(frozen=True)
class Trial:
    """One load tried from one state.

    Attributes
    ----------
    number : position in the log, from 0
    load : stress intensity, MPa sqrt(m), or another load in its unit
    start : number of the trial whose state it started from; None: from the predictor
    outcome : "accepted", "cut", "event" or "failed"
    change : largest change of a nearest-neighbour bond vector since the start, A
    converged : whether `relax` reached its tolerance
    energy : excess energy, eV per period (None for force methods)
    tip : x of the crack tip, or of the middle of a dislocation (the right one of a dipole), A
    separation : of the partials of a dislocation, or its width, A
    K_ring : stress intensity that the J-integral finds on the ring asked for, MPa sqrt(m)
    force : of the indenter, N/m, in space nN (None without one, or where nothing converged)
    fmax : residual force, eV/A (None where nothing converged)
    softest : stiffness of the softest direction of the state (`Stability`), of a force field
    left : that of the saddle which had to be left: the branch of the start is stable no longer
    iterations, evaluations, inner : work done
    seconds : wall time, the only number that a resumed run does not reproduce
    message : why it did not converge
    """

    number: int
    load: float
    start: int | None
    outcome: Outcome
    change: float = 0.0
    converged: bool = True
    energy: float | None = None
    tip: float | None = None
    separation: float | None = None
    K_ring: float | None = None
    force: float | None = None
    fmax: float | None = None
    iterations: int = 0
    evaluations: int = 0
    inner: int = 0
    seconds: float = 0.0
    message: str = ""
    softest: float | None = None
    left: float | None = None


def next_trial(
    trials: Sequence[Trial], loads: Sequence[float], width: float, events: int
) -> tuple[float, int | None] | None:
    """Load and number of the starting trial of what is to be done next; None at the end.

    Parameters
    ----------
    trials : the log so far
    loads : planned loads, rising or falling
    width : widest bracket of an event, MPa sqrt(m)
    events : stop after so many
    """
    if not trials:
        return loads[0], None
    if finished(trials, events):
        return None
    last = next(t for t in reversed(trials) if t.outcome in ("accepted", "event"))
    sign = 1.0 if loads[-1] >= loads[0] else -1.0
    jump = max((t.number for t in trials if t.outcome == "event"), default=-1)
    cuts = [t.load for t in trials if t.outcome == "cut" and t.number > jump]
    ahead = sorted(sign * K for K in cuts if sign * (K - last.load) > 0.0)
    if not ahead:
        planned = [K for K in loads if sign * (K - last.load) > 0.0]
        return (planned[0], last.number) if planned else None
    nearest = sign * ahead[0]
    if closes(last.load, nearest, width):
        return nearest, last.number
    return 0.5 * (last.load + nearest), last.number


def finished(trials: Sequence[Trial], events: int) -> bool:
    """Whether the log ends in a failure, in the last event wanted, or in one without a state."""
    if trials[-1].outcome == "event":
        enough = sum(t.outcome == "event" for t in trials) >= events
        return enough or not trials[-1].converged
    return trials[-1].outcome == "failed"


def closes(lower: float, upper: float, width: float) -> bool:
    """Whether two loads are no further apart than the width asked for."""
    return abs(upper - lower) <= SLACK * width


def judged(load: float, start: float | None, steady: bool, width: float) -> Outcome:
    """The outcome of a trial: `steady` if it converged without a jump from the load `start`."""
    if steady:
        return "accepted"
    if start is None:
        return "failed"
    return "event" if closes(start, load, width) else "cut"
