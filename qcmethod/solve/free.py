"""The free directions of a system: its forces, Jacobian and preconditioner as flat vectors.

    M = K_CB(reference crystal) on the mesh, factorised once

is spectrally close to the Hessian of every method once the mesh is graded, and so makes the inner
Krylov iterations independent of the extent. `iterate` is the outer loop of Newton's method that
energies and force fields share; it converges when max_k |f_k| <= fmax over the free nodes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn, Protocol

import numpy as np
from scipy.sparse.linalg import LinearOperator

from qcmethod.base.types import Array
from qcmethod.coupling.energy import State
from qcmethod.coupling.system import System
from qcmethod.discretisation.cells import Tangents
from qcmethod.errors import ConvergenceError, InvertedCellError, OffTableError
from qcmethod.potentials.can import Can
from qcmethod.solve.linear import Linear
from qcmethod.solve.preconditioner import Preconditioner
from qcmethod.solve.until import EnoughError, Until

Progress = Callable[[int, float, float | None], None]

ROUNDING = 1e-11
"""Residual forces below this, eV/A, are rounding of sums over many bonds."""

KEPT = 1e-3
"""Cells that have been strained by less keep their tangent between steps of Newton's method."""
FAST = 0.2
"""They do while a whole step leaves less than this part of the forces: near a soft direction even
a small error of the tangent makes the convergence linear, and slow."""

MAX_STRAIN = 0.04
"""No cell is strained more than this in one step, a tenth of an Angstrom a bond: the solver stays
in the basin it starts in, while the core as a whole may move freely."""


class FreeSystem:
    """A system restricted to its free directions, with counters of the work done.

    `like` lends its preconditioner, its end, its counts and its name in messages: a twin with the
    same mesh and beta. `lu`: a solver of the elastic stiffness, where one is known; `until`: where
    to end before an equilibrium; `kept`: whether steps may keep tangents.
    """

    def __init__(
        self,
        system: System,
        like: FreeSystem | None = None,
        lu: Linear | None = None,
        until: Until | None = None,
        kept: bool = True,
    ) -> None:
        self.system = system
        self.name: str = system.method.name if like is None else f"{like.name}, energy descent"
        self.index = np.flatnonzero(system.free.ravel())
        self.lu: Linear = like.lu if like is not None else lu or Preconditioner(system)
        self.until: Until | None = until if like is None else like.until
        self.kept: bool = kept if like is None else like.kept
        self.evaluations: int = 0 if like is None else like.evaluations
        self.inner: int = 0 if like is None else like.inner
        self._asks = Can.HESSIAN not in system.problem.crystal.potential.can
        self._known: Tangents | None = None

    def at(self, u: Array) -> State:
        """Evaluate the model at the corrector u (n_k, 3)."""
        self.evaluations += 1
        return self.system.model.at(u)

    def moved(self, u: Array, step: Array) -> Array:
        """u + step, the step given on the free directions (n,)."""
        return u + self.nodal(step)

    def force(self, state: State) -> Array:
        """Forces in the free directions (n,), eV/A."""
        return state.forces.ravel()[self.index]

    def strain(self, step: Array) -> float:
        """Largest gradient of a step in any cell."""
        G = self.system.body.cells.row_gradients(self.nodal(step))
        return float(np.sqrt((G**2).sum(axis=(1, 2)).max()))

    def largest(self, state: State) -> float:
        """Largest force on a node, free components only, eV/A."""
        return largest_force(self.system, state)

    def worst_node(self, state: State) -> int:
        """The node that feels it."""
        return worst_node(self.system, state)

    def jacobian(self, state: State, within: float = 0.0) -> LinearOperator:
        """-df/du in the free directions.

        within : for a step of Newton's method: cells that have been strained by less since keep the
            tangent of an earlier step
        """
        model, known = self.system.model, self._known if within and self.kept else None
        tangents = model.continuum.tangents(state.continuum, known, within)
        self._known = tangents
        H, n = model.stiffness(state, tangents), len(self.index)

        def product(v: Array) -> Array:
            self.inner += 1
            self.evaluations += self._asks  # by differences: another evaluation
            return H.matvec(self.nodal(v).ravel())[self.index]

        return LinearOperator((n, n), matvec=product, dtype=np.float64)

    def require_more(self, state: State, iteration: int) -> None:
        """EnoughError where a state is as far as it was asked for."""
        if self.until is not None and self.until(state.u):
            raise EnoughError(state.u, iteration, self.evaluations, self.inner)

    def nodal(self, v: Array) -> Array:
        """A vector (n,) on the free directions as nodal vectors (n_k, 3), zero elsewhere."""
        full = np.zeros(self.system.free.shape)
        full.ravel()[self.index] = v
        return full


class Forced(Protocol):
    """What has forces, as a State and a Solution do."""

    @property
    def forces(self) -> Array:
        """(n_k, 3), eV/A."""


def largest_force(system: System, state: Forced) -> float:
    """Largest force on a node, free components only, eV/A."""
    return float(np.sqrt(_squares(system, state).max(initial=0.0)))


def worst_node(system: System, state: Forced) -> int:
    """The node that feels it."""
    return int(np.argmax(_squares(system, state)))


def _squares(system: System, state: Forced) -> Array:
    f = np.where(system.free, state.forces, 0.0)
    return (f**2).sum(axis=1)


def iterate(
    free: FreeSystem,
    step: Callable[[FreeSystem, State], State | None],
    state: State,
    iteration: int,
    fmax: float,
    max_iterations: int,
    progress: Progress | None,
) -> tuple[State, int]:
    """Newton steps until the forces are below fmax; ConvergenceError where they end earlier."""
    while (largest := free.largest(state)) > fmax:
        if progress:
            progress(iteration, largest, state.energy)
        if iteration >= max_iterations:
            refuse(free, state, fmax, f"after {iteration} iterations", iteration)
        free.require_more(state, iteration)
        new = step(free, state)
        if new is None:
            refuse(free, state, fmax, f"no step reduces it at {iteration}", iteration)
        state, iteration = new, iteration + 1
    if progress:
        progress(iteration, largest, state.energy)
    return state, iteration


def refuse(free: FreeSystem, state: State, fmax: float, why: str, iterations: int = 0) -> NoReturn:
    """Raise ConvergenceError that says where the largest residual is, and what to try."""
    node, system = free.worst_node(state), free.system
    where = system.body.x_k[node]
    hint = "smaller load steps (start from u= of a nearby load), a larger core, or a larger fmax"
    if not system.method.all_atoms and system.problem.distance(where[None])[0] > system.core:
        hint = "a smaller load or a larger core: a dislocation may have left the core"
    if free.largest(state) < ROUNDING:
        hint = f"fmax of {10.0 * free.largest(state):.0e} or more: what is left is rounding"
    raise ConvergenceError(
        f"relax({free.name}): residual {free.largest(state):.3e} eV/A at node {node}, x = "
        f"{np.round(where, 2).tolist()} A, expected {fmax:.1e}: {why}. Try {hint}.",
        best=state,
        iterations=iterations,
    )


def tried(free: FreeSystem, u: Array) -> State | None:
    """Evaluate a trial state; None where the potential or the continuum refuses it."""
    try:
        state = free.at(u)
    except (OffTableError, InvertedCellError):
        return None
    return state if np.isfinite(state.forces).all() else None
