"""The first event at a crack tip, on atoms: a ramp of K_I in the limit of a large domain.

    K rises in steps of 0.03 K_G from a load that the tip holds, and is bracketed to 0.004 K_G,
    in two cores: the bracket is that of both

What happens first - an advance, an emission, a rearrangement - is the potential's own answer to
what the loads of Griffith and Rice estimate. A tip that emits as soon as it is open holds at no
load: the bracket then is from the load at which it heals to the one at which it emits. Each crack
is a row of its own: it takes minutes.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from qcmethod.coupling.couple import couple
from qcmethod.coupling.system import System
from qcmethod.crystal.faults.emission import emission_loads
from qcmethod.errors import ConvergenceError, CouplingError, QCError
from qcmethod.lattice.miller import Miller
from qcmethod.problems.crack import crack
from qcmethod.problems.problem import Problem
from qcmethod.solve.relax import relax
from qcmethod.solve.solution import Solution
from qcmethod.studies.ramp.ramp import ramp
from qcmethod.studies.scorecard.cracks import CRACKS, called
from qcmethod.studies.scorecard.lengths import EXTENT, FMAX, ITERATIONS, zones
from qcmethod.studies.scorecard.row import ROWS, Found, Number, Row, Subject
from qcmethod.studies.scorecard.rows.brittle import UNIT

LOWER, HIGHER = (0.9, 0.8, 0.7), (1.05, 1.1, 1.2)
"""Loads to begin with where K_G is none, in K_G."""
STEP, LAST, WIDTH = 0.03, 2.2, 0.004
"""Of the ramp, in K_G."""
LARGER = 1.25
"""Of a second core: both brackets together are the bracket."""
HEALS, NOTHING = "closure", "no convergence"


def measure(plane: Miller, front: Miller, subject: Subject) -> Found:
    """K of the first event (MPa sqrt(m)), and over K_G."""
    crystal = subject.turned(plane, front)
    K_G, name = emission_loads(crystal).griffith, called(plane, front)
    problem = crack(crystal, KI=K_G, extent=EXTENT)
    system = couple(problem, subject.method, *zones(crystal.potential.cutoff))
    first, tried = _first(system, K_G)
    if first is None:
        low, high, kind = _between(tried)
        how, says = "heals, emits", f"{kind} when open"
    else:
        low, high, says = _followed(subject, problem, K_G, first)
        how = "ramps, two cores"
    value = 0.5 * (low + high)
    return Found(
        tuple(
            Number(f"{of} {name}", value * by, unit, low=low * by, high=high * by, how=how, says=s)
            for of, by, unit, s in (
                ("K first event", K_G, UNIT, says),
                ("K/K_G first event", 1.0, "", ""),
            )
        )
    )


def _first(system: System, K_G: float) -> tuple[float | None, dict[float, str]]:
    """A load at which the tip holds, in K_G, or None; what happened at those that were tried.

    A tip that slips at K_G may hold at a lower load, one that heals or finds no state at a higher.
    """
    tried: dict[float, str] = {}
    for first in (1.0, *LOWER):
        try:
            tried[first] = _happens(system.at_load(KI=first * K_G))
        except CouplingError:  # the flanks are not open beyond the core
            break
        if tried[first] in ("", HEALS, NOTHING):
            break
    if tried.get(1.0) in (HEALS, NOTHING):
        for first in HIGHER:
            tried[first] = _happens(system.at_load(KI=first * K_G))
            if tried[first] not in (HEALS, NOTHING):
                break
    holds = [load for load, kind in tried.items() if not kind]
    return (holds[0] if holds else None), tried


def _happens(system: System) -> str:
    """What happens as the tip relaxes from the field; empty where it holds."""
    converged = True
    try:
        state: object = relax(system, FMAX, max_iterations=ITERATIONS)
    except ConvergenceError as error:
        state, converged = error.best, False
        if not isinstance(state, Solution):
            raise
    assert isinstance(state, Solution)
    events = state.events()
    if events:
        return events[0].kind
    return "" if converged else NOTHING


def _between(tried: dict[float, str]) -> tuple[float, float, str]:
    """From the highest load that heals to the lowest that slips, in K_G (ConvergenceError)."""
    closed = [load for load, kind in tried.items() if kind == HEALS]
    slips = {load: kind for load, kind in tried.items() if kind not in (HEALS, NOTHING)}
    if not closed or not slips or max(closed) > min(slips):
        said = ", ".join(f"{kind} at {load:g} K_G" for load, kind in tried.items())
        raise ConvergenceError(f"the tip holds at none of the first loads: {said}")
    return max(closed), min(slips), slips[min(slips)]


def _followed(
    subject: Subject, problem: Problem, K_G: float, first: float
) -> tuple[float, float, str]:
    """The bracket of the first event in K_G, of two cores together, and its kind."""
    low, high, kind = _event(subject, problem, K_G, first, 1.0)
    below, above, other = _event(subject, problem, K_G, first, LARGER)  # on the same way
    says = kind if other == kind else f"{kind}; {other}"
    return min(low, below), max(high, above), says


def _event(
    subject: Subject, problem: Problem, K_G: float, first: float, by: float
) -> tuple[float, float, str]:
    """The first event of a ramp with a core `by` times as large (QCError: nothing happens)."""
    found = ramp(
        problem,
        subject.method,
        *zones(problem.crystal.potential.cutoff, by),
        KI=K_G * np.arange(first, LAST, STEP),
        width=WIDTH * K_G,
        fmax=FMAX,
        max_iterations=ITERATIONS,
        directory=subject.folder(f"core_{by:g}"),
    )
    if not found.events:
        raise QCError(f"nothing happens up to {LAST} K_G")
    event = found.events[0]
    low, high = sorted((event.before / K_G, event.after / K_G))
    return low, high, event.kind


_ALL = dict.fromkeys(pair for pairs in CRACKS.values() for pair in pairs)
for _place, (_plane, _front) in enumerate(_ALL):
    _name = called(_plane, _front)
    ROWS.add_named(
        Row(
            f"event {_name}",
            f"first event at the tip of {_name}",
            partial(measure, _plane, _front),
            structures=tuple(s for s, pairs in CRACKS.items() if (_plane, _front) in pairs),
            level="full",
            order=8.0 + 0.1 * _place,
        )
    )
