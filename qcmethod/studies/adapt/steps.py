"""The steps of a cycle: solve or fail usefully, widen a core that does not hold, write it down."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qcmethod.analysis.corrector import over_predictor
from qcmethod.base.stored import stored
from qcmethod.base.types import Array
from qcmethod.coupling.system import System
from qcmethod.errors import ConvergenceError, CouplingError
from qcmethod.mesh import Mesh
from qcmethod.potentials.can import Can
from qcmethod.problems.load import shake_of
from qcmethod.problems.problem import Problem
from qcmethod.solve.free import worst_node
from qcmethod.solve.linear import Linear
from qcmethod.solve.relax import relaxed
from qcmethod.solve.shake import shaken
from qcmethod.solve.solution import Solution
from qcmethod.studies.adapt.discretise import Choice, resolved
from qcmethod.studies.adapt.estimate import Estimate
from qcmethod.studies.adapt.glide import Glide
from qcmethod.studies.adapt.marking import larger_zone
from qcmethod.studies.adapt.result import Cycle, shares
from qcmethod.studies.adapt.saturation import KINDS

PATIENCE, TRAVEL = 15, 8
"""Newton steps before the residual is looked at, and how often while it stays in the core."""
LEARNING = 60
"""Steps that learn from forces alone (`solve.lbfgs`) in their place."""

NEAR = 2.0
"""A core grows about points at most this many lattice steps beyond its resolved zone."""


@stored
@dataclass(frozen=True)
class Best:
    """The last equilibrium, its mesh, the factors of its elastic stiffness (None: not known), and
    its estimate."""

    solution: Solution
    mesh: Mesh
    lu: Linear | None
    value: float


def solved(
    system: System, u: Array, fmax: float, lu: Linear | None = None
) -> tuple[Solution | None, Array]:
    """The equilibrium and its corrector; None and the best state where there is none.

    A solve is given up when, after PATIENCE steps (LEARNING of an engine), the largest residual is
    outside of the core: a defect is on its way out. While it is inside, the defect may still
    travel. Where a load asks for it (`Load.shake`), the core is shaken first.
    """
    if size := shake_of(system.problem):
        u = shaken(system, u, size, system.n_repatoms)
    patience = _patience(system)
    for _ in range(TRAVEL):
        try:
            system.problem.watch.before(system)
            return (found := relaxed(system, u, fmax, patience, lu=lu, kept=False)), found.u
        except CouplingError:
            return None, u
        except ConvergenceError as error:
            best = error.best
            if not isinstance(best, Solution):
                return None, u
            u, where = best.u, system.body.x_k[worst_node(system, best)]
            inside = system.problem.distance(where[None])[0] <= system.core
            if not inside or error.iterations < patience:
                return None, u
    return None, u


def polished(best: Best, fmax: float) -> Solution:
    """The equilibrium with residual forces below fmax, eV/A; as it was where that fails."""
    if best.solution.fmax <= fmax:
        return best.solution
    system = best.solution.system
    try:
        return relaxed(system, best.solution.u, fmax, _patience(system), lu=best.lu)
    except ConvergenceError:
        return best.solution


def _patience(system: System) -> int:
    return PATIENCE if Can.HESSIAN in system.problem.crystal.potential.can else LEARNING


def same(one: tuple[Problem, Mesh], other: tuple[Problem, Mesh]) -> bool:
    """Whether neither zone, extent nor mesh have changed."""
    (p, m), (q, n) = one, other
    return p.extent == q.extent and len(p.centres) == len(q.centres) and m.n_cells == n.n_cells


def wider_core(
    problem: Problem,
    mesh: Mesh,
    choice: Choice,
    system: System,
    u: Array,
    worst: Array,
    widen: bool,
    glide: Glide,
) -> tuple[Problem, Mesh] | None:
    """Problem and mesh with the core grown about the points `worst` (n, 2 or 3), A.

    Without any, about the free nodes with the largest residual forces outside of the core, and
    ahead of them (`glide`). None where the zone cannot grow.
    """
    at = worst if len(worst) else _largest_residuals(system, u, choice)
    if not len(at):
        return None
    step = problem.crystal.lattice.step
    # on its way a defect spills into coarse cells: what happens far from the core is no guide
    near = problem.euclidean(at) <= choice.resolved(problem) + NEAR * step
    at = at[near] if near.any() else at[[int(np.argmin(problem.euclidean(at)))]]
    larger = larger_zone(problem, choice, glide.ahead(at, step), widen, far=True)
    if same((larger, mesh), (problem, mesh)):
        return None
    return larger, resolved(larger, mesh, choice.resolved(larger))


def _largest_residuals(system: System, u: Array, choice: Choice) -> Array:
    """Positions (n, 2 or 3) of nodes beyond the core with a tenth of the largest force there."""
    f = np.where(system.free, system.model.at(u).forces, 0.0)
    size = np.linalg.norm(f, axis=1)
    size[system.problem.distance(system.body.x_k) <= choice.pad] = 0.0
    on = size > 0.1 * size.max(initial=0.0)
    return system.problem.across(system.body.x_k[on])


def cycle_of(
    system: System,
    found: Solution | None,
    error: Estimate | None,
    solve_seconds: float,
    estimate_seconds: float,
) -> Cycle:
    """The line of a cycle; estimates are infinite where there is no equilibrium."""
    norm = float("inf") if error is None else error.energy_norm
    nothing = dict.fromkeys(KINDS, float("inf"))
    core = system.weights.beta_k[system.body.site_of_node >= 0] == 0.0
    energy = None if found is None else found.excess_energy
    if energy is not None:
        energy = over_predictor(system, energy)
    return Cycle(
        repatoms=system.n_repatoms,
        core_sites=int(np.count_nonzero(core)),
        extent=system.problem.extent,
        energy_norm=norm,
        displacement=float("inf") if error is None else error.displacement,
        energy_error=float("inf") if error is None else error.energy,
        parts=nothing if error is None else shares(error.parts, norm),
        energy=energy,
        iterations=0 if found is None else found.iterations,
        solve_seconds=solve_seconds,
        estimate_seconds=estimate_seconds,
        solved=error is not None,
    )
