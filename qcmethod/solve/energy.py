"""Minimise an energy: trust-region Newton with truncated conjugate gradients.

    minimise  -f . p + 1/2 p . E'' p   within  |p|_M <= radius

by preconditioned conjugate gradients that stop at the boundary or at negative curvature (Steihaug
1983, SIAM J. Numer. Anal. 20, 626; Conn, Gould, Toint 2000). The radius follows the ratio of the
actual to the predicted decrease; below the rounding of the energy the forces decide. A step that
strains a cell too much, or is refused, is taken back along the path that led to it (`cg_path`).
"""

from __future__ import annotations

import numpy as np

from qcmethod.coupling.energy import State
from qcmethod.solve.cg_path import Path
from qcmethod.solve.free import FAST, KEPT, MAX_STRAIN, FreeSystem, Progress, iterate, tried

SHRUNK = 1e-6
"""A trust region that is smaller than this part of the elastic answer to the forces ends the
search: at a kink of the energy it shrinks for ever."""


def solve_energy(
    free: FreeSystem, state: State, fmax: float, max_iterations: int, progress: Progress | None
) -> tuple[State, int]:
    """Newton steps in the energy from a state until the forces are below fmax (eV/A)."""
    return iterate(free, EnergyStep(), state, 0, fmax, max_iterations, progress)


class EnergyStep:
    """Trust-region Newton steps; the radius, in the M norm, is kept between steps.

    max_strain : no cell is strained more in one step
    coarse : leave soft and unstable directions alone: conjugate gradients end early, and before
        they follow a negative curvature
    """

    def __init__(self, max_strain: float = MAX_STRAIN, coarse: bool = False) -> None:
        self.radius, self.max_strain, self.coarse = np.inf, max_strain, coarse
        self.within = 0.0

    def __call__(self, free: FreeSystem, state: State) -> State | None:
        """The state after one accepted step; None when no step is acceptable."""
        H = free.jacobian(state, within=self.within)
        path = Path(H, free.force(state), free.lu, self.coarse)
        while self.radius > SHRUNK * path.first:
            step, length, predicted = path.step(self.radius)
            strain = free.strain(step)
            if strain > 1.01 * self.max_strain:
                self.radius = length * self.max_strain / strain
                continue
            new, cut = tried(free, free.moved(state.u, step)), length >= 0.9 * self.radius
            if new is not None and self._accept(free, state, new, predicted, length):
                fast = free.largest(new) < FAST * free.largest(state)
                self.within = KEPT if cut or fast else 0.0
                return new
            self.radius = 0.25 * length
        return None

    def _accept(
        self, free: FreeSystem, old: State, new: State, predicted: float, length: float
    ) -> bool:
        assert old.energy is not None and new.energy is not None
        gain = old.energy - new.energy
        # below the rounding of the energy the forces decide
        noise = 1e-12 * max(1.0, abs(old.energy)) + 1e-14 * free.system.represented**0.5
        if predicted < 100.0 * noise:
            # near a saddle point forces grow on the way down: there the energy still tells
            return free.largest(new) < free.largest(old) or gain > noise
        ratio = gain / predicted
        if ratio < 0.25:
            self.radius = 0.5 * length
        elif ratio > 0.75 and length > 0.9 * self.radius:
            self.radius = 2.0 * length
        return ratio > 1e-3
