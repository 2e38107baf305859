"""Run one case of a study, in whatever process (`studies.workers`).

Everything that goes to a worker and comes back is a plain value that pickles.
"""

from __future__ import annotations

import time

import numpy as np

from qcmethod.analysis.corrector import comparable_energy
from qcmethod.base.registry import Name
from qcmethod.coupling.couple import couple
from qcmethod.coupling.system import System
from qcmethod.errors import QCError
from qcmethod.potentials.can import Can
from qcmethod.problems.problem import Problem
from qcmethod.solve.relax import relax
from qcmethod.studies.compare.case import Case
from qcmethod.studies.compare.measure import Yardstick
from qcmethod.studies.compare.reference import Reference
from qcmethod.studies.compare.row import Row
from qcmethod.studies.compare.stability import stability_constant


def run_case(
    problem: Problem,
    case: Case,
    reference: Reference,
    near: float,
    within: float,
    fmax: float,
    stability: bool,
) -> Row:
    """Couple, relax and measure one case; what refuses or does not converge becomes the reason."""
    try:
        yardstick = Yardstick(reference, problem, near, within)
        return _measured(problem, case, yardstick, fmax, stability)
    except (QCError, MemoryError, np.linalg.LinAlgError) as error:
        return Row(case, reason=f"{type(error).__name__}: {' '.join(str(error).split())}")


def _measured(
    problem: Problem, case: Case, yardstick: Yardstick, fmax: float, stability: bool
) -> Row:
    start = time.perf_counter()
    system = couple(
        case.restricted(problem), Name(case.method), case.core, case.blend, **case.options
    )
    setup = time.perf_counter() - start
    formula = Can.HESSIAN in problem.crystal.potential.can
    if formula:  # compiled kernels are loaded before the solver's clock starts
        system.model.stiffness(system.model.at(system.zero)).matvec(system.zero.ravel())
    started = time.thread_time()
    solution = relax(system, fmax)
    cpu = time.thread_time() - started
    energy = comparable_energy(system, solution.u)
    exact = yardstick.reference.energy
    gamma = stability_constant(system, solution.u) if stability and formula else None
    conservative = system.method.conservative
    return Row(
        case,
        repatoms=system.n_repatoms,
        dof=system.n_dof,
        **vars(yardstick.errors(system, solution.u)),
        energy=energy,
        energy_error=None if energy is None or exact is None else abs(energy - exact),
        iterations=solution.iterations,
        evaluations=solution.evaluations,
        products=solution.inner,
        seconds=solution.seconds,
        cpu_seconds=cpu,
        setup_seconds=setup,
        fmax=solution.fmax,
        ghost_strained=_ghost(system),
        ghost_predictor=solution.ghost_force,
        stability=gamma if conservative else None,
        twin_stability=None if conservative else gamma,
    )


def _ghost(system: System) -> float | None:
    """Worst ghost force on perfect, strained crystal, eV/A; None without an interface."""
    return None if not system.method.coupled else system.patch_number
