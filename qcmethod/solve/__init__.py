"""Equilibrium of a coupled system: Newton's method for energies and for force fields, and for what
has no second derivatives steps that learn from forces (`lbfgs`)."""

from __future__ import annotations

import time
from dataclasses import dataclass

from qcmethod.base.arguments import number
from qcmethod.base.blas import one_thread
from qcmethod.base.types import Array
from qcmethod.coupling.energy import State
from qcmethod.coupling.system import System
from qcmethod.errors import InputError
from qcmethod.potentials.can import Can
from qcmethod.potentials.contract import Potential
from qcmethod.solve.energy import solve_energy
from qcmethod.solve.force import solve_forces
from qcmethod.solve.free import FreeSystem, Progress
from qcmethod.solve.lbfgs import solve_without_hessian
from qcmethod.solve.linear import Linear
from qcmethod.solve.stability import Stability, told
from qcmethod.solve.until import Until

__all__ = ["Equilibrium", "Progress", "equilibrium", "require_fmax"]


@dataclass(frozen=True)
class Equilibrium:
    """What a solver returns: the last state, its residual, and what it took; of a force field with
    a Jacobian its stability too."""

    state: State
    fmax: float
    iterations: int
    evaluations: int
    inner: int
    seconds: float
    stability: Stability | None = None


def equilibrium(
    system: System,
    u: Array,
    fmax: float,
    max_iterations: int,
    progress: Progress | None,
    lu: Linear | None = None,
    until: Until | None = None,
    kept: bool = True,
) -> Equilibrium:
    """Solve for zero forces from the corrector u (n_k, 3); see `relax` for the arguments.

    lu : a solver of the elastic stiffness (`Preconditioner`), where one is known
    until : of a corrector (n_k, 3): where to end before an equilibrium, by EnoughError
    kept : False: tangents of cells are exact in every step; a path that runs away takes turns that
        depend on them
    """
    one_thread()
    start = time.perf_counter()
    free = FreeSystem(system, lu=lu, until=until, kept=kept)
    stability = None
    if Can.HESSIAN not in system.problem.crystal.potential.can:
        state, iteration = solve_without_hessian(free, free.at(u), fmax, max_iterations, progress)
    elif system.method.conservative:
        state, iteration = solve_energy(free, free.at(u), fmax, max_iterations, progress)
    else:
        found = solve_forces(free, free.at(u), fmax, max_iterations, progress)
        state, iteration = found.state, found.iterations
        stability = told(free, found.soft, found.left)
    seconds = time.perf_counter() - start
    work = (free.evaluations, free.inner, seconds)
    return Equilibrium(state, free.largest(state), iteration, *work, stability)


def require_fmax(fmax: float, potential: Potential | None = None) -> float:
    """A positive force tolerance, eV/A, not below the floor of a potential's forces (InputError
    otherwise)."""
    fmax = number("fmax", fmax, "a positive force tolerance in eV/A, e.g. 1e-5", above=0.0)
    floor = 0.0 if potential is None else potential.floor
    if fmax < floor:
        expected = f"{floor:.1e} eV/A or more: rounding leaves so much of the forces of its engine"
        raise InputError("fmax", fmax, expected, f"fmax={2.0 * floor:.0e}")
    return fmax
