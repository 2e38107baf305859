"""`adapt`: solve, estimate, mark, refine, carry over, until the estimate meets the tolerance.

From the coarsest sensible mesh and the smallest core. When a dislocation leaves the core, or a
cell of the continuum comes near the limit of its stability, there is no equilibrium to estimate:
the zone grows about the worst cells and the next cycle goes on from the last state.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from qcmethod.adaptive.arguments import checked, choice_of
from qcmethod.adaptive.discretise import carried, first_mesh, system_on
from qcmethod.adaptive.estimate import estimate
from qcmethod.adaptive.glide import Glide
from qcmethod.adaptive.indicators import weights
from qcmethod.adaptive.marking import EARLY, at_rim, improved
from qcmethod.adaptive.monitor import doubtful
from qcmethod.adaptive.result import HEAD, AdaptResult, Cycle
from qcmethod.adaptive.shrink import continued
from qcmethod.adaptive.steps import Best, cycle_of, polished, same, solved, wider_core
from qcmethod.adaptive.zone import first_zone, with_zone
from qcmethod.errors import InputError
from qcmethod.problem import Problem
from qcmethod.solve.free import elastic_factors

LOOSE = 1e-4
"""Cycles on the way stop at this residual, eV/A, or a tenth of the tolerance."""

RIM = "the core has reached the rim of the domain (widen=False, or a larger extent)"


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
    progress : print a line a cycle, or a function of the `Cycle`

    Raises
    ------
    InputError : arguments out of range, a tolerance below the floor
    CouplingError : a method without core, or a problem that it cannot couple
    """
    choice = choice_of(problem, method, pad, blend, blending)
    checked(tolerance, goal, indicator, max_repatoms, max_cycles, theta)
    if start is None:
        problem = with_zone(problem, first_zone(problem, choice.pad))
        mesh, old, u = first_mesh(problem, choice), None, None
    else:
        problem, mesh, old, u = continued(problem, start)
        choice = start.choice
    extent, report = problem.extent, _printer(progress)
    cycles: list[Cycle] = []
    best: Best | None = None
    glide, reason, stays = Glide(), f"stopped after {max_cycles} cycles", ""
    loose = max(fmax, min(LOOSE, 0.1 * tolerance))
    for _ in range(max_cycles):
        system = system_on(problem, mesh, choice)
        if system.n_repatoms > max_repatoms:
            reason = f"stopped: the next mesh would have {system.n_repatoms} repatoms"
            break
        begin = time.perf_counter()
        guess = system.zero if old is None or u is None else carried(old, u, system)
        lu = elastic_factors(system)
        found, u = solved(system, guess, loose, lu)
        middle = time.perf_counter()
        worst = doubtful(system, u, choice)
        if found is None or len(worst):
            cycles.append(cycle_of(system, u, found, None, middle - begin, 0.0))
            report(cycles[-1])
            if best is not None and widen and problem.extent > extent:
                # what held in the domain that was asked for does not in this one: no matter of mesh
                widen, old, u = False, best.solution.system, best.solution.u
                stays = f"; the domain stays at {extent:g} A: the defect does not hold in one of "
                stays += f"{problem.extent:g} A (a load above what a larger domain carries?)"
                problem = replace(problem, extent=extent)
                continue
            larger = wider_core(problem, mesh, choice, system, u, worst, widen, glide)
            old, last = system, mesh
            if larger is None:
                reason = f"stopped: no equilibrium, and {RIM}"
                break
            problem, mesh = larger
            continue
        error = estimate(system, u, mesh, choice, widen=widen, goal=goal, lu=lu)
        best, glide = Best(found, mesh, lu, error.of(goal)), Glide()
        old, last = system, mesh
        refined = problem, mesh
        if best.value > tolerance:
            early = best.value > EARLY[goal] * tolerance
            weight = weights(indicator, system, u, error)
            refined = improved(problem, mesh, choice, error, weight, theta, widen, early)
        end = time.perf_counter()
        cycles.append(cycle_of(system, u, found, error, middle - begin, end - middle))
        report(cycles[-1])
        if best.value <= tolerance:
            reason = f"converged: {goal} {best.value:.2e} within {tolerance:.2e}"
            break
        if same(refined, (problem, mesh)):
            reason = "stopped: nothing is left to refine"
            break
        problem, mesh = refined
    if not cycles or u is None:
        hint = f"{system.n_repatoms} or more"
        raise InputError("max_repatoms", max_repatoms, "room for the smallest core", hint)
    if not widen and reason.startswith("stopped") and at_rim(problem, choice) and RIM not in reason:
        reason += f"; {RIM}"
    reason += stays
    solution = None if best is None else polished(best, fmax)
    return AdaptResult(
        solution=solution,
        cycles=tuple(cycles),
        goal=goal,
        tolerance=float(tolerance),
        estimate=float("inf") if best is None else best.value,
        converged=best is not None and reason.startswith("converged"),
        reason=reason,
        mesh=last if best is None else best.mesh,
        choice=choice,
        u=u if solution is None else solution.u,
    )


def _printer(progress: bool | Callable[[Cycle], None]) -> Callable[[Cycle], None]:
    if callable(progress):
        return progress
    if not progress:
        return lambda cycle: None
    print(HEAD, flush=True)
    count = iter(range(10**9))
    return lambda cycle: print(cycle.line(next(count)), flush=True)
