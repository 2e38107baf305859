"""`ramp`: raise or lower the load of a crack step by step, and bracket what happens.

    u(K + dK) starts from u(K);  a jump: back to u(K), dK/2, until the bracket is narrow enough

Continuation picks the branch: at one load a crack has several equilibria, and the one that a
relaxation from the bare K-field finds need not be the one that the history leads to.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from qcmethod.analysis.events.bonds import Bonds
from qcmethod.base.door import door
from qcmethod.base.log import Logfile, logged, say
from qcmethod.base.types import Array
from qcmethod.coupling.choice import AnyMethod
from qcmethod.coupling.couple import couple
from qcmethod.errors import ConvergenceError
from qcmethod.problems.load import LOADS, at_load
from qcmethod.problems.problem import Problem
from qcmethod.solve import require_fmax
from qcmethod.studies.given import sorted_out, told, with_words, without_reference
from qcmethod.studies.ramp.arguments import (
    checked_reference,
    checked_ring,
    checked_shake,
    planned,
    require_numbers,
)
from qcmethod.studies.ramp.follow import Follower
from qcmethod.studies.ramp.history import events_of, header, line
from qcmethod.studies.ramp.identity import identity
from qcmethod.studies.ramp.plan import Trial, next_trial
from qcmethod.studies.ramp.result import RampResult
from qcmethod.studies.ramp.store import KIND, Store
from qcmethod.studies.ramp.way import Kept
from qcmethod.studies.run import Run, carried_out


@door
@logged
def ramp(
    problem: Problem,
    method: AnyMethod = "bgfc",
    core: float | None = None,
    blend: float | None = None,
    *,
    width: float | None = None,
    events: int = 1,
    jump: float = 0.25,
    reference: Array | str = "predictor",
    fmax: float = 1e-5,
    max_iterations: int = 200,
    ring: tuple[float, float] | None = None,
    shake: float | None = None,
    directory: str | Path | None = None,
    progress: bool | Callable[[Trial], None] = False,
    logfile: Logfile = None,
    **given: Any,
) -> RampResult:
    """Follow a crack through a series of loads, and bracket its events.

    Parameters
    ----------
    problem : from `crack`, `dislocation`, `dipole` or `indentation`; those of its loads that are
        not varied hold
    method, core, blend : as in `couple`; or all choices in one value, a `Coupling`
    KI, KII, KIII : planned loads of the mode that is varied, MPa sqrt(m), rising or falling. The
        first must have an equilibrium; the steps between are cut where necessary. Several of equal
        length are a path of loads, straight from each to the next: steps, brackets and events are
        told in the first of them that rises or falls throughout
    shear : the same of a dislocation: applied shear stress on the glide plane along b, MPa
    depth : the same of an indenter, A
    width : an event is bracketed to this, in the unit of the load (default 1e-3 MPa sqrt(m), 1 MPa,
        0.02 A)
    events : stop after so many. Only an event whose state after is an equilibrium can be followed
        by others: a dislocation that leaves the core of a coupled system ends the ramp
    jump : a bond vector that changes by more than this times the nearest-neighbour distance from
        one step to the next has jumped (a Shockley partial moves it by 0.58, a tip by 0.3 or more)
    reference : where gfc and bgfc freeze their ghost force: "predictor" (of each load), "last" (the
        state that a step starts from), or a homogeneous gradient (3, 3)
    fmax, max_iterations : of `relax`
    ring : inner and outer radius, A: the J-integral of each step is taken there (`K_ring`)
    shake : random displacement of the core before each trial, A, that takes states off saddle
        points (default 0.01 under an indenter, which shares mirror planes with the crystal; else 0)
    directory : a folder that gets a line in a log and a state a trial. A run that was killed is
        continued by the same call; a finished one is read
    progress : True prints a line a trial; or a function of the `Trial`
    logfile : gets these lines: "-" for standard output, the name of a file, or an open one
    given : besides the load `blending`, `grading`, `surface`, `metric`, ... of `couple`

    Returns
    -------
    RampResult : `steps`, `events` (kind, bracket, slip plane and vector, place), `trials`,
        `solution()`, `plot(...)`, `write(...)`. A step that cannot be cut further ends the ramp
        with an event of the kind "no convergence"; all that was found before stays.

    Raises
    ------
    InputError, CouplingError : loads that are empty, not monotone, below those that open the crack
        (ClosedCrackError) or above those that the crystal bears (OverloadedCrackError);
        arguments of the wrong kind; another run's directory, or a damaged one.
    ConvergenceError : the first load has no equilibrium within reach.
    """
    made = told(ramp, locals())
    varied, words = sorted_out(ramp, given)
    method, reference = without_reference(method, reference)
    mode, loads, path = planned(problem, **varied)
    width = LOADS[mode].width if width is None else width
    require_numbers(width, events, jump, max_iterations)
    first, last = ({k: v[at] for k, v in (path or {mode: loads}).items()} for at in (0, -1))
    system = couple(at_load(problem, **first), method, core, blend, **words)
    problem.watch.loaded(system)
    problem.watch.before(system.at_load(**last))
    follower = Follower(
        system=system,
        bonds=Bonds.of(system),
        mode=mode,
        reference=checked_reference(reference),
        jump=float(jump),
        width=float(width),
        fmax=require_fmax(fmax, problem.crystal.potential),
        max_iterations=int(max_iterations),
        ring=checked_ring(ring),
        shake=checked_shake(shake, mode),
        path=path,
    )
    run = identity(follower, loads, int(events), with_words(method, words))
    with Store(KIND, run, directory) as store:
        store.set_up(follower=follower, loads=loads, made=made)
        _walk(follower, store, loads, int(events), progress)
        return RampResult(follower, store, loads, events_of(follower, store), made)


def _walk(
    follower: Follower,
    store: Store,
    loads: tuple[float, ...],
    events: int,
    progress: bool | Callable[[Trial], None],
) -> None:
    """Try loads until the plan is done; ConvergenceError where the first load failed."""
    say(header(follower.mode, follower.system.problem.watch.force_unit))
    kept = Kept(follower.system)

    def report(trial: Trial) -> None:
        say(line(trial))
        if callable(progress):
            progress(trial)

    def attempt(run: Run[Trial]) -> tuple[Trial, dict[str, Array] | None] | None:
        what = next_trial(run.steps, loads, follower.width, events)
        if what is None:
            return None
        load, number = what
        start = None if number is None else run.steps[number]
        u = None if number is None else run.state(number)["u"]
        trial, new = follower.attempt(len(run.steps), load, start, u, kept)
        return trial, None if new is None else {"u": new}

    carried_out(store, attempt, report)
    if store.steps[-1].outcome == "failed":
        raise ConvergenceError(
            f"ramp: the first load, {follower.mode} = {loads[0]:g}, has no equilibrium to start "
            f"from, so there is nothing to go back to. Try another first load. "
            f"{store.steps[-1].message}",
            iterations=store.steps[-1].iterations,
        )
