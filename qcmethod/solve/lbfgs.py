"""Limited-memory BFGS on the forces alone: for engines, whose products with a Hessian cost a call.

    u -> u + t H f,    H ~ J^-1 (`base.secant`),    H_0 = M^-1

with M the elastic stiffness of the mesh (Packwood et al. 2016, J. Chem. Phys. 144, 164109). One
evaluation a step: where the force along the step has turned by too much the step was too long, and
where there is an energy, it must not rise. Of a force field, whose Jacobian is not symmetric, pairs
without a positive curvature are left out; its zeros are found by the same steps, for its symmetric
part dominates in the metric of M.
"""

from __future__ import annotations

from qcmethod.base.secant import Pairs
from qcmethod.base.types import Array
from qcmethod.coupling.energy import State
from qcmethod.errors import ConvergenceError
from qcmethod.solve.energy import EnergyStep
from qcmethod.solve.force import ForceStep
from qcmethod.solve.free import MAX_STRAIN, FreeSystem, Progress, iterate, tried

TURNED = 0.9
"""A step is too long where the force along it has become this part of what it was, backwards."""
CUTS = 5


def solve_without_hessian(
    free: FreeSystem, state: State, fmax: float, max_iterations: int, progress: Progress | None
) -> tuple[State, int]:
    """The equilibrium that these steps lead to from a state, an energy's or a force field's. Where
    they end, Newton's method with products by differences has a try, which costs many calls.

    Raises ConvergenceError.
    """
    try:
        return iterate(free, LbfgsStep(), state, 0, fmax, max_iterations, progress)
    except ConvergenceError as stalled:
        last = stalled.best
        if stalled.iterations >= max_iterations or not isinstance(last, State):
            raise
        step = EnergyStep() if free.system.method.conservative else ForceStep()
        return iterate(free, step, last, stalled.iterations, fmax, max_iterations, progress)


class LbfgsStep:
    """Steps of limited-memory BFGS; the pairs are kept between them."""

    def __init__(self) -> None:
        self.pairs = Pairs()

    def __call__(self, free: FreeSystem, state: State) -> State | None:
        """The state after one step; None where no step is acceptable."""
        f = free.force(state)
        p = self.pairs.direction(f, free.lu.solve)
        found = self._along(free, state, p) if p @ f > 0.0 else None
        if found is None and self.pairs.s:
            self.pairs = Pairs()
            found = self._along(free, state, free.lu.solve(f))
        return found

    def _along(self, free: FreeSystem, state: State, p: Array) -> State | None:
        f = free.force(state)
        t = min(1.0, MAX_STRAIN / max(free.strain(p), 1e-300))
        for _ in range(CUTS):
            new = tried(free, free.moved(state.u, t * p))
            if new is not None:
                self.pairs = self.pairs.with_pair(t * p, f - free.force(new))
                noise = free.system.problem.crystal.potential.floor > 0.0
                along = float(f @ p), float(free.force(new) @ p)
                if _turned_little(*along) and (noise or _fell(state, new)):
                    return new
            t *= 0.4
        return None


def _turned_little(before: float, after: float) -> bool:
    """Whether the force along a step has not turned by too much."""
    return after >= -TURNED * abs(before)


def _fell(old: State, new: State) -> bool:
    """Whether an energy, where there is one, does not rise by more than its rounding."""
    if old.energy is None or new.energy is None:
        return True
    return new.energy <= old.energy + 1e-9 * max(1.0, abs(old.energy))
