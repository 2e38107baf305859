"""From a state near a saddle to the saddle: Newton's method, and what the pivots say of it.

    H p = f,   H = -df/du,      u <- u + p,      |p| limited by the strain of a cell

Newton's method finds saddles as it finds minima: whichever is near. H is indefinite there, and is
eliminated without pivoting (`jacobian`), so that the number of its negative pivots is that of the
unstable directions. A barrier has one (Murrell and Laidler 1968, Trans. Faraday Soc. 64, 371).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from qcmethod.base.types import Array
from qcmethod.coupling.energy import State
from qcmethod.coupling.system import System
from qcmethod.errors import InvertedCellError, OffTableError
from qcmethod.solve.free import MAX_STRAIN, FreeSystem, tried
from qcmethod.solve.jacobian import factorise
from qcmethod.solve.linear import elimination_order

ITERATIONS = 30


@dataclass(frozen=True, eq=False)
class Stationary:
    """An equilibrium u (n_k, 3), A, its energy, eV, and the number of its unstable directions."""

    u: Array
    energy: float | None
    unstable: int
    iterations: int
    evaluations: int


def stationary_near(system: System, u: Array, fmax: float) -> Stationary | None:
    """The equilibrium, stable or not, that Newton's method finds from u (n_k, 3); None: none."""
    free = FreeSystem(system)
    order = elimination_order(system, free.index)
    state = tried(free, u)
    for iteration in range(ITERATIONS + 1):
        if state is None:
            return None
        model = replace(system.model, sites=system.model.sites.renewed())
        try:
            factors = factorise(model, model.at(state.u), free.index, order)
        except (OffTableError, InvertedCellError, RuntimeError):  # a pivot that is zero
            return None
        if free.largest(state) <= fmax:
            work = (iteration, free.evaluations)
            return Stationary(state.u, state.energy, factors.negative, *work)
        state = _moved(free, state, factors.solve(free.force(state)))
    return None


def _moved(free: FreeSystem, state: State, step: Array) -> State | None:
    """The state after a step that is cut where a cell would be strained too much."""
    if not np.isfinite(step).all():
        return None
    strain = free.strain(step)
    return tried(free, free.moved(state.u, step * min(1.0, MAX_STRAIN / max(strain, 1e-300))))
