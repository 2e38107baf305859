"""Solve a force field: Newton-GMRES on the exact, non-symmetric Jacobian, until it is a minimum.

    J p = f,     accept t p when |f|_{M^-1} falls      (Dembo, Eisenstat, Steihaug 1982)

There is no energy, so no line search in one; the merit function is the norm of the residual. It is
zero at saddles too: a zero that is one is left along its softest direction (`settle`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse.linalg import LinearOperator, gmres

from qcmethod.base.types import Array
from qcmethod.coupling.energy import State
from qcmethod.errors import ConvergenceError, SaddleError
from qcmethod.solve.energy import EnergyStep
from qcmethod.solve.free import FAST, KEPT, FreeSystem, Progress, iterate, refuse, tried
from qcmethod.solve.settle import downhill
from qcmethod.solve.softest import Softest, softest

TWIN_FMAX = 1e-2
"""A force method starts with its conservative twin while forces exceed this, eV/A."""


SHORT = 0.01
"""No cell is strained more in a step of Newton-GMRES: where a direction is soft, a longer one jumps
over the next zero, and which one it finds depends on the last digits of the start."""
CRAWL = 1e-2
"""A step that takes less than this part off the norm of the residual is none: Newton-GMRES has
stalled, and hundreds of such steps would cost more than the twin that leads on."""
SADDLES = 5
"""So many saddles may be met on the way to a minimum."""
UNSTABLE = -1e-5
"""Eigenvalues of the Jacobian over the perfect crystal's below this are negative."""


@dataclass(frozen=True, eq=False)
class Minimum:
    """A stable zero of a force field, the iterations to it, its softest direction, and the value at
    the first saddle that was left for it (None: there was none)."""

    state: State
    iterations: int
    soft: Softest
    left: float | None


def solve_forces(
    free: FreeSystem, state: State, fmax: float, max_iterations: int, progress: Progress | None
) -> Minimum:
    """The minimum of a force field that is found from a state; max_iterations holds for the way to
    each of its zeros.

    Raises ConvergenceError where no zero is found; SaddleError where only saddles are.
    """
    state, iterations = _zero(free, state, fmax, max_iterations, progress)
    left: float | None = None
    for _ in range(SADDLES):
        soft = softest(free, state)
        if soft.value >= UNSTABLE:
            return Minimum(state, iterations, soft, left)
        left = soft.value if left is None else left
        state, steps = downhill(free, state, soft, max_iterations, progress)
        try:
            state, more = _zero(free, state, fmax, max_iterations, progress)
        except ConvergenceError as error:
            text = f"{error} A saddle was left for it (softest direction {left:.2e})."
            total = iterations + steps + error.iterations
            raise SaddleError(text, error.best, total, left) from error
        iterations += steps + more
    text = (
        f"relax({free.name}): {SADDLES} equilibria, all saddles, the last with a softest direction "
        f"of {soft.value:.2e}. Try another start, u=, or a larger core."
    )
    raise SaddleError(text, state, iterations, left)


def _zero(
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
                EnergyStep(coarse=True),
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
            return iterate(free, ForceStep(), state, iteration, fmax, max_iterations, progress)
        except ConvergenceError as stalled:
            last, iteration = stalled, stalled.iterations
    raise last


class ForceStep:
    """Newton-GMRES steps, each shortened until the norm of the residual falls; tangents of cells
    are kept (`KEPT`) while that goes fast, or the step was cut."""

    def __init__(self) -> None:
        self.within = 0.0

    def __call__(self, free: FreeSystem, state: State) -> State | None:
        """The state after one step; None when no step is acceptable."""
        f, J = free.force(state), free.jacobian(state, within=self.within)
        M = LinearOperator(J.shape, matvec=free.lu.solve, dtype=np.float64)
        before = _norm(free, f)
        rtol = min(0.05, max(1e-6, float(np.sqrt(before))))
        step, _ = gmres(J, f, M=M, rtol=rtol, atol=0.0, restart=100, maxiter=4)
        t = min(1.0, SHORT / max(free.strain(step), 1e-300))
        for _ in range(5):
            new = tried(free, free.moved(state.u, t * step))
            if new is not None and (after := _norm(free, free.force(new))) < (1.0 - CRAWL) * before:
                self.within = KEPT if t < 1.0 or after < FAST * before else 0.0
                return new
            t *= 0.5
        return None


def _norm(free: FreeSystem, f: Array) -> float:
    return float(np.sqrt(max(float(f @ free.lu.solve(f)), 0.0)))
