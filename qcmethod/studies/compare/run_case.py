"""Run the cases of a study: one after another, or side by side in an executor of the caller's.

Of an executor only `submit` is used, and `concurrent.futures.as_completed` on what it returns: a
process pool, `dask.distributed.Client.get_executor()` and `mpi4py.futures` all serve. Everything
that goes to a worker and comes back is a plain value that pickles.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import as_completed
from typing import Any

import numpy as np

from qcmethod.analysis.corrector import comparable_energy
from qcmethod.coupling.couple import couple
from qcmethod.coupling.system import System
from qcmethod.errors import InputError, QCError
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
    system = couple(case.restricted(problem), case.method, case.core, case.blend, **case.options)
    setup = time.perf_counter() - start
    # compiled kernels are loaded before the solver's clock starts
    system.model.stiffness(system.model.at(system.zero)).matvec(system.zero.ravel())
    started = time.thread_time()
    solution = relax(system, fmax)
    cpu = time.thread_time() - started
    energy = comparable_energy(system, solution.u)
    exact = yardstick.reference.energy
    gamma = stability_constant(system, solution.u) if stability else None
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


def require_executor(executor: Any) -> None:
    """InputError unless it has a `submit`."""
    if executor is not None and not callable(getattr(executor, "submit", None)):
        expected = "an executor of concurrent.futures, or one like it"
        hint = "concurrent.futures.ProcessPoolExecutor(4), dask's client.get_executor()"
        raise InputError("executor", executor, expected, hint)


def rows_of(cases: list[Case], run: Callable[..., Row], given: Any, executor: Any) -> Iterator[Row]:
    """The rows of the cases as they are finished; `given` are the arguments of `run` but the case.

    When this generator is closed, or a case fails for a reason that is no refusal, the cases that
    have not begun are cancelled.
    """
    if executor is None:
        for case in cases:
            yield run(case=case, **given)
        return
    futures = [executor.submit(run, case=case, **given) for case in cases]
    try:
        for future in as_completed(futures):
            yield future.result()
    finally:
        for future in futures:
            future.cancel()
