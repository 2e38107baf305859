"""One cycle of `adapt`: solve, estimate, mark, refine; a function of the stage before.

When a dislocation leaves the core, or a cell of the continuum comes near the limit of its
stability, there is no equilibrium to estimate: the zone grows about the worst cells and the next
cycle goes on from the last state.
"""

from __future__ import annotations

import time
from dataclasses import replace

from qcmethod.errors import InputError
from qcmethod.solve.linear import elastic
from qcmethod.studies.adapt.asked import Asked
from qcmethod.studies.adapt.discretise import Choice, carried, system_on
from qcmethod.studies.adapt.ends import RIM
from qcmethod.studies.adapt.estimate import estimate
from qcmethod.studies.adapt.glide import Glide
from qcmethod.studies.adapt.indicator import weights
from qcmethod.studies.adapt.marking import EARLY, improved
from qcmethod.studies.adapt.monitor import doubtful
from qcmethod.studies.adapt.stage import Stage
from qcmethod.studies.adapt.steps import Best, cycle_of, same, solved, wider_core


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
    lu = elastic(system)
    found, u = solved(system, guess, asked.loose, lu)
    middle = time.perf_counter()
    worst = doubtful(system, u)
    if found is None or len(worst):
        cycle = cycle_of(system, found, None, middle - begin, 0.0)
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
    cycle = cycle_of(system, found, error, middle - begin, end - middle)
    cycles = (*stage.cycles, cycle)
    stage = replace(stage, old=system, u=u, last=mesh, best=best, glide=Glide(), cycles=cycles)
    if best.value <= tolerance:
        return stage.ended(f"converged: {goal} {best.value:.2e} within {tolerance:.2e}")
    if same(refined, (problem, mesh)):
        return stage.ended("stopped: nothing is left to refine")
    return replace(stage, problem=refined[0], mesh=refined[1])
