"""Energy of an undamped run: kept by an energy method, not by a force method.

    m_k d2u_k/dt2 = f_k,      L(t) = T + E (energy methods),   T + E_twin (force methods)

T is the kinetic energy of the repatoms. A force field has no energy of its own; its ledger is its
conservative twin, the energy with the same blending whose ghost force is frozen where the run
starts: the two have the same forces there. Between them

    dL/dt = (f - f_twin) . du/dt,

so L - L(0) is the work that the non-conservative part of the forces has done. Velocity Verlet
(ASE's) conserves a true energy up to an oscillation of order dt^2 (Hairer, Lubich and Wanner 2003,
Acta Numerica 12, 399): what is left then is the coupling.
"""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from ase import units
from ase.md.verlet import VelocityVerlet
from numpy.typing import ArrayLike

from qcmethod.base.arguments import as_numbers, number, seed_of, whole_number
from qcmethod.base.door import door
from qcmethod.base.result import Drawn
from qcmethod.base.types import Array
from qcmethod.coupling.system import System
from qcmethod.errors import (
    ConvergenceError,
    InputError,
    InvertedCellError,
    NoEnergyError,
    OffTableError,
)
from qcmethod.potentials.can import Can
from qcmethod.solve.corrector import corrector_of
from qcmethod.solve.relax import relax
from qcmethod.solve.repatoms import Repatoms, repatoms
from qcmethod.solve.solution import Solution

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False)
class Drift(Drawn):
    """What `drift` recorded; all arrays (n,).

    Attributes
    ----------
    method, kind : name of the coupling, "energy" or "force"
    dt : time step, fs
    time : fs
    kinetic : T, eV
    potential : E - E(0) of the method itself or, for a force method, of its twin, eV
    ledger : name of the energy that was taken
    u : (n_k, 3) corrector at the end, A
    """

    method: str
    kind: str
    dt: float
    time: Array
    kinetic: Array
    potential: Array
    ledger: str
    u: Array

    @property
    def total(self) -> Array:
        """L - L(0), eV: the ledger relative to its start."""
        total: Array = self.kinetic + self.potential
        return total - total[0]

    @property
    def slope(self) -> float:
        """Secular drift: slope of the straight line through L(t), eV/ps."""
        return float(np.polyfit(1e-3 * self.time, self.total, 1)[0])

    @property
    def oscillation(self) -> float:
        """Standard deviation of L about that line, eV."""
        line = np.polyval(np.polyfit(self.time, self.total, 1), self.time)
        return float(np.std(self.total - line))

    @property
    def excursion(self) -> float:
        """Largest |L - L(0)|, eV."""
        return float(np.abs(self.total).max())

    def __repr__(self) -> str:
        return (
            f"Drift({self.method}, {self.time[-1]:g} fs, T(0)={self.kinetic[0]:.3g} eV, "
            f"slope={self.slope:.2e} eV/ps, excursion={self.excursion:.2e} eV)"
        )

    @door
    def plot(
        self,
        path: str | Path | None = None,
        *others: Drift,
        ax: Axes | None = None,
        dpi: int = 200,
    ) -> Any:
        """Draw L - L(0) and T over time, of this run and of others.

        path, ax : a file, None for the Matplotlib figure, or an axis for L - L(0) (`Drawn`)
        """
        return super().plot(path, *others, ax=ax, dpi=dpi)


@door
def drift(
    system: System,
    u: ArrayLike | Solution | None = None,
    *,
    steps: int = 2000,
    dt: float = 2.0,
    kick: float | ArrayLike = 10.0,
    seed: int = 0,
    every: int = 10,
) -> Drift:
    """Run a system without damping and record its energy, or that of its conservative twin.

    Parameters
    ----------
    u : (n_k, 3) corrector to start from, A, or a Solution (default: relaxed to 1e-6 eV/A)
    steps : of velocity Verlet
    dt : time step, fs (in units of A sqrt(u/eV) = 10.18 fs)
    kick : temperature of the Maxwell-Boltzmann velocities at the start, K, or the velocities
        themselves (n_k, 3), A/fs. Half of the temperature is potential energy soon after
    seed : of the random velocities
    every : steps between two records

    Raises
    ------
    InputError : an argument that cannot be used
    ConvergenceError : the run left the range of the potential (a large kick or step, or a force
        field that heated it up); `best` holds the Drift until then
    """
    _check(steps=steps, dt=dt, every=every, seed=seed)
    start = relax(system, 1e-6).u if u is None else corrector_of(system, u)
    atoms = repatoms(system, start)
    _kick(atoms, system, kick, seed)
    ledger = _ledger(system, start)
    rows: list[tuple[float, float, float]] = []
    run = VelocityVerlet(atoms, timestep=dt * units.fs)
    origin = ledger.model.at(start).energy or 0.0

    def record() -> None:
        energy = ledger.model.at(atoms.u).energy or 0.0
        rows.append((run.nsteps * dt, float(atoms.get_kinetic_energy()), energy - origin))

    def found() -> Drift:
        time, kinetic, potential = np.array(rows).T
        method = system.method
        own = "E" if method.conservative else f"E of {ledger.method.name}, frozen at the start"
        return Drift(method.name, method.kind, float(dt), time, kinetic, potential, own, atoms.u)

    run.attach(record, interval=every)
    try:
        run.run(steps)
    except (OffTableError, InvertedCellError) as error:
        message = f"drift({system.method.name}): left the potential's range after {run.nsteps} "
        why = str(error).partition(" Try")[0].rstrip(".")
        message += f"steps of {dt:g} fs: {why}. Try a smaller kick or a smaller dt."
        raise ConvergenceError(message, found() if rows else None, run.nsteps) from error
    return found()


def _ledger(system: System, start: Array) -> System:
    """The twin (NoEnergyError: its energy is a weighted sum that the potential cannot give)."""
    potential = system.problem.crystal.potential
    if not system.method.all_atoms and Can.SITE_ENERGY not in potential.can:
        expected = f"expected weighted site energies, for its ledger: {potential.name} gives none"
        raise NoEnergyError(f"drift: {system.method.name}: {expected}. Try: method='atomistic'")
    return system.conservative_twin(start)


def _kick(atoms: Repatoms, system: System, kick: float | ArrayLike, seed: int) -> None:
    """Velocities of the free repatoms: thermal, or given by node."""
    if isinstance(kick, Real):
        expected = "a temperature in K above 0, or velocities in A/fs"
        T = number("kick", kick, expected, above=0.0)
        normal = np.random.default_rng(seed).standard_normal((len(atoms), 3))
        atoms.set_momenta(normal * np.sqrt(atoms.get_masses() * units.kB * T)[:, None])
        return
    velocity = as_numbers("kick", kick, "a temperature in K, or velocities (n_k, 3)")
    if velocity.shape != system.zero.shape or not np.isfinite(velocity).all():
        expected = f"a temperature in K, or finite velocities {system.zero.shape} in A/fs"
        raise InputError("kick", f"array of shape {velocity.shape}", expected)
    atoms.set_velocities(velocity[atoms.arrays["node"]] / units.fs)


def _check(steps: int, dt: float, every: int, seed: int) -> None:
    """Positive whole numbers, a positive time step, a seed (InputError)."""
    seed_of(seed)
    for name, value in (("steps", steps), ("every", every)):
        whole_number(name, value, "a whole number, 1 or more", least=1)
    if every > steps:
        raise InputError("every", every, f"at most steps={steps}")
    number("dt", dt, "a positive time step in fs, e.g. 2", above=0.0, below=1e4)
