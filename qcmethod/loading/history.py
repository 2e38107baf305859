"""The log of a ramp, read: a line a trial for people, and the events with both their sides."""

from __future__ import annotations

from qcmethod.loading.classify import classify
from qcmethod.loading.event import Event
from qcmethod.loading.follow import Follower
from qcmethod.loading.plan import Trial
from qcmethod.loading.store import Store

HEADER = "trial    load      outcome     bond change (A)    x (A)   excess energy (eV)   iter.   s"


def line(trial: Trial) -> str:
    """A line of the log for people."""
    tip = "" if trial.tip is None else f"{trial.tip:.2f}"
    force = "" if trial.force is None else f"   {trial.force:.4f} N/m"
    energy = "" if trial.energy is None else f"{trial.energy:.8f}"
    return (
        f"{trial.number:4d}   {trial.load:9.6f}   {trial.outcome:9}   {trial.change:13.4f}   "
        f"{tip:>7}   {energy:>18}   {trial.iterations:5d}   {trial.seconds:5.2f}{force}"
    )


def events_of(follower: Follower, store: Store) -> tuple[Event, ...]:
    """The events in a log, classified from the states on both sides."""
    lattice = follower.system.problem.crystal.lattice
    found: list[Event] = []
    for after in store.trials:
        if after.outcome != "event" or after.start is None:
            continue
        before = store.trials[after.start]
        here = follower.positions(before.load, store.state(before.number))
        there = here  # nothing is known of a state where the solver gave none
        if after.change > 0.0:
            there = follower.positions(after.load, store.state(after.number))
        drop = _energy_drop(store.trials, before, after)
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
