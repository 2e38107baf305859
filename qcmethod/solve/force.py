"""Solve a force field: Newton-GMRES on the exact, non-symmetric Jacobian.

    J p = f,     accept t p when |f|_{M^-1} falls      (Dembo, Eisenstat, Steihaug 1982)

There is no energy, so no line search in one; the merit function is the norm of the residual.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse.linalg import LinearOperator, gmres

from qcmethod.base.types import Array
from qcmethod.coupling.energy import State
from qcmethod.errors import ConvergenceError
from qcmethod.solve.energy import EnergyStep
from qcmethod.solve.free import MAX_STRAIN, FreeSystem, Progress, iterate, refuse, tried

TWIN_FMAX = 1e-2
"""A force method starts with its conservative twin while forces exceed this, eV/A."""


def solve_forces(
    free: FreeSystem, state: State, fmax: float, max_iterations: int, progress: Progress | None
) -> tuple[State, int]:
    """Newton-GMRES, started in the basin of a conservative twin.

    Newton's method on a non-conservative field finds a zero near its start, stable or not, and
    stalls where the Jacobian is singular. The blended energy with the same beta, its ghost force
    frozen at the current state, has the forces of this state and has minima: descent in it picks
    the branch. It is frozen anew, and followed closer, only where Newton-GMRES stalls.
    """
    iteration = 0
    for closer in (1.0, 0.1, 0.01, 1e-3):
        if free.largest(state) > max(fmax, closer * TWIN_FMAX):
            twin = FreeSystem(free.system.conservative_twin(state.u), free)
            found, iteration = iterate(
                twin,
                EnergyStep(),
                twin.at(state.u),
                iteration,
                max(fmax, closer * TWIN_FMAX),
                max_iterations,
                progress,
            )
            free.evaluations, free.inner = twin.evaluations, twin.inner
            handed_over = tried(free, found.u)
            if handed_over is None:
                refuse(twin, found, fmax, "the force field is not defined where its energy twin is")
            state = handed_over
        try:
            return iterate(free, _force_step, state, iteration, fmax, max_iterations, progress)
        except ConvergenceError as stalled:
            last, iteration = stalled, stalled.iterations
    raise last


def _force_step(free: FreeSystem, state: State) -> State | None:
    """One Newton-GMRES step, shortened until the norm of the residual falls."""
    f, J = free.force(state), free.jacobian(state)
    M = LinearOperator(J.shape, matvec=free.lu.solve, dtype=np.float64)
    before = _norm(free, f)
    rtol = min(0.05, max(1e-6, float(np.sqrt(before))))
    step, _ = gmres(J, f, M=M, rtol=rtol, atol=0.0, restart=100, maxiter=4)
    t = min(1.0, MAX_STRAIN / max(free.strain(step), 1e-300))
    for _ in range(5):
        new = tried(free, free.moved(state.u, t * step))
        if new is not None and _norm(free, free.force(new)) < (1.0 - 1e-4 * t) * before:
            return new
        t *= 0.5
    return None


def _norm(free: FreeSystem, f: Array) -> float:
    return float(np.sqrt(max(float(f @ free.lu.solve(f)), 0.0)))
