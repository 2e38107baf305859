"""The log of a ramp, read: a line a trial for people, and the events with both their sides."""

from __future__ import annotations

from qcmethod.analysis.events.classify import classify
from qcmethod.analysis.events.event import Event
from qcmethod.base.types import Array
from qcmethod.coupling.system import System
from qcmethod.errors import ConvergenceError
from qcmethod.problems.load import LOADS
from qcmethod.solve.solution import Solution, evaluated
from qcmethod.studies.ramp.follow import Follower
from qcmethod.studies.ramp.plan import Trial
from qcmethod.studies.ramp.store import Store

HEADER = (
    "trial    load      outcome     bond change (A)   x (A)   excess energy (eV)   iter.       s"
)


def header(mode: str, force_unit: str = "N/m") -> str:
    """The names of the columns of `line`, for a ramp of a load.

    What presses has no tip; its force takes that column.
    """
    load = LOADS[mode]
    if not load.presses:
        return HEADER
    name = f"{f'{load.name} ({load.unit})':9}"
    return HEADER.replace("  load   ", name).replace("  x (A)", f"f ({force_unit})".rjust(7))


def line(trial: Trial) -> str:
    """A line of the log for people."""
    place = "" if trial.tip is None else f"{trial.tip:.2f}"
    place = place if trial.force is None else f"{trial.force:.4f}"
    energy = "" if trial.energy is None else f"{trial.energy:.8f}"
    return (
        f"{trial.number:4d}   {trial.load:9.6f}   {trial.outcome:9}   {trial.change:13.4f}   "
        f"{place:>7}   {energy:>18}   {trial.iterations:5d}   {trial.seconds:5.2f}"
    )


def state_of(system: System, u: Array, trial: Trial) -> Solution:
    """The corrector u (n_k, 3) that a trial ended at, with its forces: no solver runs."""
    return evaluated(system, u, trial.iterations, trial.evaluations, trial.inner, trial.seconds)


def no_equilibrium(mode: str, trial: Trial, best: Solution | None) -> ConvergenceError:
    """The refusal of a trial that did not converge; `best`: where it ended, if anywhere."""
    n, load = trial.number, LOADS[mode]
    where = f"trial {n} at {load.text(trial.load)} {load.unit} ({trial.outcome})"
    kept = "" if best is None else f" Try state({n}) or corrector({n}): where it ended."
    message = f"ramp: {where} found no equilibrium. {trial.message}{kept}"
    return ConvergenceError(message, best=best, iterations=trial.iterations)


def no_event(mode: str, loads: Array) -> str:
    """What the log says of a ramp whose steps (n,) were all followed."""
    if not len(loads):
        return "no event: no load has an equilibrium"
    load = LOADS[mode]
    return f"no event from {load.text(loads[0])} to {load.digits(loads[-1])} {load.unit}"


def events_of(follower: Follower, store: Store) -> tuple[Event, ...]:
    """The events in a log, classified from the states on both sides."""
    lattice = follower.system.problem.crystal.lattice
    found: list[Event] = []
    for after in store.steps:
        if after.outcome != "event" or after.start is None:
            continue
        before = store.steps[after.start]
        here = follower.positions(before.load, store.corrector(before.number))
        there = here  # nothing is known of a state where the solver gave none
        if after.change > 0.0:
            there = follower.positions(after.load, store.corrector(after.number))
        drop = _energy_drop(store.steps, before, after)
        pair = (before, after)
        found.append(
            classify(
                follower.bonds,
                lattice,
                follower.threshold,
                pair,
                (here, there),
                drop,
                follower.mode,
                found,
            )
        )
    return tuple(found)


def _energy_drop(trials: list[Trial], before: Trial, after: Trial) -> float | None:
    """Energy below the straight line through the last two states before the jump, eV."""
    if before.start is None or before.energy is None or after.energy is None:
        return None
    earlier = trials[before.start]
    if earlier.energy is None or before.outcome == "event":
        return None
    slope = (before.energy - earlier.energy) / (before.load - earlier.load)
    return before.energy + slope * (after.load - before.load) - after.energy
