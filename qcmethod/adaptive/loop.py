"""`adapt`: solve, estimate, mark, refine, carry over, until the estimate meets the tolerance.

From the coarsest sensible mesh and the smallest core. When a dislocation leaves the core, or a
cell of the continuum comes near the limit of its stability, there is no equilibrium to estimate:
the zone grows about the worst cells and the next cycle goes on from the last state.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from qcmethod.adaptive.arguments import checked, choice_of
from qcmethod.adaptive.discretise import carried, first_mesh, system_on
from qcmethod.adaptive.estimate import estimate
from qcmethod.adaptive.marking import improved
from qcmethod.adaptive.monitor import doubtful
from qcmethod.adaptive.result import HEAD, AdaptResult, Cycle
from qcmethod.adaptive.shrink import continued
from qcmethod.adaptive.steps import cycle_of, solved, wider_core
from qcmethod.adaptive.zone import first_zone, with_zone
from qcmethod.errors import InputError
from qcmethod.problem import Problem
from qcmethod.solution import Solution
from qcmethod.solve.free import elastic_factors


def adapt(
    problem: Problem,
    method: str = "bgfc",
    tolerance: float = 0.05,
    *,
    goal: str = "energy norm",
    max_repatoms: int = 20_000,
    max_cycles: int = 40,
    pad: float | None = None,
    blend: float | None = None,
    blending: str = "cubic",
    theta: float = 0.3,
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
    max_repatoms, max_cycles : where to stop short of the tolerance
    pad : core radius about each site of the zone, A (default 1.05 cut-offs)
    blend : width of the blending zone, A (default two cut-offs)
    blending : blending function
    theta : fraction of the estimate that is marked in a cycle
    widen : let the outer radius grow (False: the clamped rim is part of the problem)
    fmax : residual forces of each solution, eV/A
    start : result of a nearby load to go on from: its core, mesh and corrector
    progress : print a line a cycle, or a function of the `Cycle`

    Raises
    ------
    InputError : arguments out of range, a tolerance below the floor
    CouplingError : a method without core, or a problem that it cannot couple
    """
    choice = choice_of(problem, method, pad, blend, blending)
    checked(tolerance, goal, max_repatoms, theta)
    if start is None:
        problem = with_zone(problem, first_zone(problem, choice.pad))
        mesh, old, u = first_mesh(problem, choice), None, None
    else:
        problem, mesh, old, u = continued(problem, start)
        choice = start.choice
    report = _printer(progress)
    cycles: list[Cycle] = []
    solution: Solution | None = None
    value, reason = float("inf"), f"stopped after {max_cycles} cycles"
    last_mesh = mesh
    for _ in range(max_cycles):
        system = system_on(problem, mesh, choice)
        if system.n_repatoms > max_repatoms:
            reason = f"stopped: the next mesh would have {system.n_repatoms} repatoms"
            break
        begin = time.perf_counter()
        guess = system.zero if old is None or u is None else carried(old, u, system)
        lu = elastic_factors(system)
        found, u = solved(system, guess, fmax, lu)
        old, last_mesh = system, mesh
        middle = time.perf_counter()
        worst = doubtful(system, u, choice)
        if found is None or len(worst):
            cycles.append(cycle_of(system, u, found, None, middle - begin, 0.0))
            report(cycles[-1])
            larger = wider_core(problem, mesh, choice, system, u, worst, widen)
            if larger is None:
                reason = "stopped: no equilibrium, and the core has no room to grow"
                break
            problem, mesh = larger
            continue
        solution = found
        error = estimate(system, u, mesh, choice, widen=widen, goal=goal, lu=lu)
        value = error.of(goal)
        problem, mesh = improved(problem, mesh, choice, error, theta, widen)
        end = time.perf_counter()
        cycles.append(cycle_of(system, u, found, error, middle - begin, end - middle))
        report(cycles[-1])
        if value <= tolerance:
            reason = f"converged: {goal} {value:.2e} within {tolerance:.2e}"
            break
    if not cycles or u is None:
        raise InputError("max_repatoms", max_repatoms, "room for the smallest core", reason)
    return AdaptResult(
        solution=solution,
        cycles=tuple(cycles),
        goal=goal,
        tolerance=float(tolerance),
        estimate=value,
        converged=value <= tolerance,
        reason=reason,
        mesh=last_mesh,
        choice=choice,
        u=u,
    )


def _printer(progress: bool | Callable[[Cycle], None]) -> Callable[[Cycle], None]:
    if callable(progress):
        return progress
    if not progress:
        return lambda cycle: None
    print(HEAD, flush=True)
    count = iter(range(10**9))
    return lambda cycle: print(cycle.line(next(count)), flush=True)
