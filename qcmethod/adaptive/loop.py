"""`adapt`: solve, estimate, mark, refine, carry over, until the estimate meets the tolerance.

From the coarsest sensible mesh and the smallest core. When a dislocation leaves the core, or a
cell of the continuum comes near the limit of its stability, there is no equilibrium to estimate:
the zone grows about the worst cells and the next cycle goes on from the last state.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import cast

from qcmethod.adaptive.arguments import checked, choice_of
from qcmethod.adaptive.asked import Asked
from qcmethod.adaptive.discretise import Choice, carried, system_on
from qcmethod.adaptive.ends import (
    RIM,
    begun,
    continuing,
    finished,
    identity_of,
    snapshot,
    snapshots_of,
)
from qcmethod.adaptive.estimate import estimate
from qcmethod.adaptive.glide import Glide
from qcmethod.adaptive.indicators import weights
from qcmethod.adaptive.marking import EARLY, improved
from qcmethod.adaptive.monitor import doubtful
from qcmethod.adaptive.result import HEAD, AdaptResult, Cycle, finite
from qcmethod.adaptive.stage import Stage, last_stage
from qcmethod.adaptive.steps import Best, cycle_of, same, solved, wider_core
from qcmethod.errors import InputError
from qcmethod.journal import Journal
from qcmethod.problem import Problem
from qcmethod.solve.free import elastic_factors


def adapt(
    problem: Problem,
    method: str = "bgfc",
    tolerance: float = 0.05,
    *,
    goal: str = "energy norm",
    indicator: str = "residual",
    max_repatoms: int = 20_000,
    max_cycles: int = 40,
    pad: float | None = None,
    blend: float | None = None,
    blending: str = "cubic",
    theta: float = 0.5,
    widen: bool = True,
    fmax: float = 1e-6,
    start: AdaptResult | None = None,
    directory: str | Path | None = None,
    progress: bool | Callable[[Cycle], None] = False,
) -> AdaptResult:
    """Solve a problem to a tolerance: the program chooses core, mesh and outer radius.

    Parameters
    ----------
    problem : from `crack`, `dislocation`, `vacancy`, ...; its extent is the first outer radius
    method : a blended or sharp coupling, "bgfc", "bqcf", "gfc", "qcf", "bqce", "qce"
    tolerance : of the goal
    goal : "energy norm" (relative), "displacement" (on atoms of the core, A), "energy" (eV)
    indicator : where to refine: "residual", "stress-jump", "zz", "strain" or "nonlocality"
    max_repatoms, max_cycles : where to stop short of the tolerance
    pad : core radius about each site of the zone, A (default 1.05 cut-offs)
    blend : width of the blending zone, A (default two cut-offs)
    blending : blending function
    theta : fraction of the estimate that is marked in a cycle
    widen : let the outer radius grow (False: the clamped rim is part of the problem); it goes
        back to the extent of the problem where the defect does not hold in a larger domain
    fmax : residual forces of the last solution, eV/A
    start : result of a nearby load to go on from: its core, mesh and corrector, and its method,
        pad and blend
    directory : a folder that gets a line in a log and a state a cycle. A run that was killed is
        continued by the same call; a finished one is read
    progress : print a line a cycle, or a function of the `Cycle`

    Raises
    ------
    InputError : arguments out of range, a tolerance below the floor; another run's directory, or
        a damaged one
    CouplingError : a method without core, or a problem that it cannot couple
    """
    choice = choice_of(problem, method, pad, blend, blending)
    checked(tolerance, goal, indicator, max_repatoms, max_cycles, theta)
    given = start
    first = begun(problem, choice) if given is None else continuing(problem, given)
    choice = choice if given is None else given.choice
    asked = Asked(goal, float(tolerance), indicator, int(max_repatoms), float(theta), float(fmax))
    first = replace(first, widen=bool(widen))
    journal, own = None, problem.crystal.potential
    if directory is not None:
        journal = Journal.claim(directory, "adapt", identity_of(first, choice, asked, max_cycles))
        journal.keep("setup", {"choice": choice, "asked": asked})
        if journal.end is not None and (known := journal.kept("result", own)) is not None:
            return cast(AdaptResult, known)
    stage = last_stage(journal, own) if journal is not None and journal.lines else first
    report, snapshots = _printer(progress), snapshots_of(journal, own)
    while not stage.reason:
        if len(stage.cycles) == max_cycles:
            stage = stage.ended(f"stopped after {max_cycles} cycles")
            break
        done = len(stage.cycles)
        stage = next_stage(stage, choice, asked)
        if len(stage.cycles) == done:
            break
        snapshots.append(snapshot(stage))
        if journal is not None:
            journal.add(finite(vars(stage.cycles[-1])), stage)
        report(stage.cycles[-1])
    result = finished(stage, choice, asked, tuple(snapshots))
    if journal is not None:
        journal.keep("result", result)
        journal.close({"reason": result.reason})
    return result


def next_stage(stage: Stage, choice: Choice, asked: Asked) -> Stage:
    """One cycle: solve, estimate, mark, refine, carry over."""
    problem, mesh, u, widen, best = stage.problem, stage.mesh, stage.u, stage.widen, stage.best
    system = system_on(problem, mesh, choice)
    if system.n_repatoms > asked.max_repatoms:
        if not stage.cycles:
            hint = f"{system.n_repatoms} or more"
            given, expected = asked.max_repatoms, "room for the smallest core"
            raise InputError("max_repatoms", given, expected, hint)
        return stage.ended(f"stopped: the next mesh would have {system.n_repatoms} repatoms")
    begin = time.perf_counter()
    guess = system.zero if stage.old is None or u is None else carried(stage.old, u, system)
    lu = elastic_factors(system)
    found, u = solved(system, guess, asked.loose, lu)
    middle = time.perf_counter()
    worst = doubtful(system, u, choice)
    if found is None or len(worst):
        cycle = cycle_of(system, u, found, None, middle - begin, 0.0)
        stage = replace(stage, cycles=(*stage.cycles, cycle))
        if best is not None and widen and problem.extent > stage.extent:
            # what held in the domain that was asked for does not in this one: no matter of mesh
            stays = f"; the domain stays at {stage.extent:g} A: the defect does not hold in one of "
            stays += f"{problem.extent:g} A (a load above what a larger domain carries?)"
            back = replace(problem, extent=stage.extent)
            before = best.solution
            stage = replace(stage, widen=False, old=before.system, u=before.u, stays=stays)
            return replace(stage, problem=back)
        larger = wider_core(problem, mesh, choice, system, u, worst, widen, stage.glide)
        stage = replace(stage, old=system, u=u, last=mesh)
        if larger is None:
            return stage.ended(f"stopped: no equilibrium, and {RIM}")
        return replace(stage, problem=larger[0], mesh=larger[1])
    goal, tolerance = asked.goal, asked.tolerance
    error = estimate(system, u, mesh, choice, widen=widen, goal=goal, lu=lu)
    best = Best(found, mesh, lu, error.of(goal))
    refined = problem, mesh
    if best.value > tolerance:
        early = best.value > EARLY[goal] * tolerance
        weight = weights(asked.indicator, system, u, error)
        refined = improved(problem, mesh, choice, error, weight, asked.theta, widen, early)
    end = time.perf_counter()
    cycle = cycle_of(system, u, found, error, middle - begin, end - middle)
    cycles = (*stage.cycles, cycle)
    stage = replace(stage, old=system, u=u, last=mesh, best=best, glide=Glide(), cycles=cycles)
    if best.value <= tolerance:
        return stage.ended(f"converged: {goal} {best.value:.2e} within {tolerance:.2e}")
    if same(refined, (problem, mesh)):
        return stage.ended("stopped: nothing is left to refine")
    return replace(stage, problem=refined[0], mesh=refined[1])


def _printer(progress: bool | Callable[[Cycle], None]) -> Callable[[Cycle], None]:
    if callable(progress):
        return progress
    if not progress:
        return lambda cycle: None
    print(HEAD, flush=True)
    count = iter(range(10**9))
    return lambda cycle: print(cycle.line(next(count)), flush=True)
