"""One cycle of `adapt`: solve, estimate, mark, refine; a function of the stage before.

When a dislocation leaves the core, or a cell of the continuum comes near the limit of its
stability, there is no equilibrium to estimate: the zone grows about the worst cells and the next
cycle goes on from the last state.
"""

from __future__ import annotations

import time
from dataclasses import replace

from qcmethod.base.types import Array
from qcmethod.coupling.system import System
from qcmethod.errors import InputError
from qcmethod.mesh import Mesh
from qcmethod.problems.problem import Problem
from qcmethod.solve.corrector import started
from qcmethod.solve.preconditioner import Preconditioner
from qcmethod.studies.adapt.asked import Asked
from qcmethod.studies.adapt.discretise import Choice, carried, system_on
from qcmethod.studies.adapt.ends import RIM
from qcmethod.studies.adapt.estimate import Estimate, estimate
from qcmethod.studies.adapt.glide import Glide
from qcmethod.studies.adapt.indicator import weights
from qcmethod.studies.adapt.marking import EARLY, improved
from qcmethod.studies.adapt.monitor import doubtful
from qcmethod.studies.adapt.stage import Stage
from qcmethod.studies.adapt.steps import Best, cycle_of, same, solved, wider_core


def next_stage(stage: Stage, choice: Choice, asked: Asked) -> Stage:
    """One cycle: solve, estimate, mark, refine, carry over."""
    system = system_on(stage.problem, stage.mesh, choice)
    if system.n_repatoms > asked.max_repatoms:
        if not stage.cycles:
            hint = f"{system.n_repatoms} or more"
            given, expected = asked.max_repatoms, "room for the smallest core"
            raise InputError("max_repatoms", given, expected, hint)
        return stage.ended(f"stopped: the next mesh would have {system.n_repatoms} repatoms")
    begin = time.perf_counter()
    old, u = stage.old, stage.u
    guess = started(system) if old is None or u is None else carried(old, u, system)
    lu = Preconditioner(system)
    found, u = solved(system, guess, asked.loose, lu)
    middle = time.perf_counter()
    worst = doubtful(system, u)
    if found is None or len(worst):
        cycle = cycle_of(system, found, None, middle - begin, 0.0)
        stage = replace(stage, cycles=(*stage.cycles, cycle))
        return _opened(stage, choice, system, u, worst)
    error = estimate(
        system,
        u,
        stage.mesh,
        choice,
        widen=stage.widen,
        goal=asked.goal,
        lu=lu,
        energy=found.excess_energy,
    )
    best = Best(found, stage.mesh, lu, error.of(asked.goal))
    refined = _refined(stage, choice, asked, best, error)
    cycle = cycle_of(system, found, error, middle - begin, time.perf_counter() - middle)
    mesh, cycles = stage.mesh, (*stage.cycles, cycle)
    after = replace(stage, old=system, u=u, last=mesh, best=best, glide=Glide(), cycles=cycles)
    if best.value <= asked.tolerance:
        within = f"{asked.goal} {best.value:.2e} within {asked.tolerance:.2e}"
        return after.ended(f"converged: {within}")
    if same(refined, (stage.problem, mesh)):
        return after.ended("stopped: nothing is left to refine")
    return replace(after, problem=refined[0], mesh=refined[1])


def _opened(stage: Stage, choice: Choice, system: System, u: Array, worst: Array) -> Stage:
    """The next stage where there is no equilibrium: back in the domain that was asked for, if that
    held, or with a core that is grown about the points `worst` (n, 2 or 3), A."""
    problem, mesh = stage.problem, stage.mesh
    if stage.best is not None and stage.widen and problem.extent > stage.extent:
        # what held in the domain that was asked for does not in this one: no matter of mesh
        stays = f"; the domain stays at {stage.extent:g} A: the defect does not hold in one of "
        stays += f"{problem.extent:g} A (a load above what a larger domain carries?)"
        back, before = replace(problem, extent=stage.extent), stage.best.solution
        kept = replace(stage, widen=False, old=before.system, u=before.u, stays=stays)
        return replace(kept, problem=back)
    larger = wider_core(problem, mesh, choice, system, u, worst, stage.widen, stage.glide)
    stage = replace(stage, old=system, u=u, last=mesh)
    if larger is None:
        return stage.ended(f"stopped: no equilibrium, and {RIM}")
    return replace(stage, problem=larger[0], mesh=larger[1])


def _refined(
    stage: Stage, choice: Choice, asked: Asked, best: Best, error: Estimate
) -> tuple[Problem, Mesh]:
    """Problem and mesh of the next cycle; as they are where the estimate meets the tolerance."""
    problem, mesh = stage.problem, stage.mesh
    if best.value <= asked.tolerance:
        return problem, mesh
    early = best.value > EARLY[asked.goal] * asked.tolerance
    weight = weights(asked.indicator, best.solution.system, best.solution.u, error)
    return improved(problem, mesh, choice, error, weight, asked.theta, stage.widen, early)
