"""One gradient of a patch test: evaluate the system there and judge its forces.

The plain energy with the same blending, neither corrected by a frozen force nor reconstructed,
tells what there was to find.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from qcmethod.analysis.patch.figures import PatchRow, figures
from qcmethod.analysis.patch.rounding import rounding_error
from qcmethod.base.types import Array
from qcmethod.coupling.ghost import ghost_force
from qcmethod.coupling.system import System
from qcmethod.potentials.can import Can


def row_at(system: System, name: str, tolerance: float) -> tuple[PatchRow, Array]:
    """What the forces (n_k, 3) of a pristine system at its gradient amount to."""
    state = system.model.at(system.zero)
    f = np.where(system.free, state.forces, 0.0)
    rounding = rounding_error(system, system.problem.predictor.F)
    energy_error = None if state.energy is None else _energy_error(system, state.energy)
    plain = _uncorrected(system, f)
    return _judged(system, name, f, rounding, tolerance, plain, energy_error), f


def row_at_predictor(system: System, tolerance: float) -> tuple[PatchRow, Array]:
    """The same at the predictor of the problem itself, defect and all."""
    f = ghost_force(system, system.zero)
    plain = None
    if _has_plain(system):
        missing = system.force_model.at(system.zero).forces - _plain_forces(system)
        plain = float(np.linalg.norm(np.where(system.free, missing, 0.0), axis=1).max())
    none = np.zeros(len(f))
    return _judged(system, "predictor", f, none, tolerance, plain, None), f


def _judged(
    system: System,
    name: str,
    f: Array,
    rounding: Array,
    tolerance: float,
    uncorrected: float | None,
    energy_error: float | None,
) -> PatchRow:
    """A row: the figures of f and whether they pass."""
    body, free = system.body, np.asarray(system.free.any(axis=1))
    sized = figures(f, body, free, system.weights.beta_k)
    return PatchRow(
        **vars(sized),
        name=name,
        F=system.problem.predictor.F,
        energy_error=energy_error,
        rounding=float(rounding[free].max(initial=0.0)),
        passes=bool((np.linalg.norm(f, axis=1) <= tolerance + rounding).all()),
        uncorrected=uncorrected,
    )


def _energy_error(system: System, energy: float) -> float:
    """|E(F)/n - W(F)| over the n sites that the mesh covers, eV, from the excess energy."""
    if system.method.all_atoms:  # the surface of the cluster is not the crystal's
        return abs(energy) / system.represented
    sites = float(system.body.cells.volume.sum())
    return abs(energy + (system.represented - sites) * system.reference_energy) / sites


def _has_plain(system: System) -> bool:
    """Whether there is an interface, and an energy of it: an engine may give forces alone."""
    return system.method.coupled and Can.SITE_ENERGY in system.problem.crystal.potential.can


def _plain_forces(system: System) -> Array:
    """Forces (n_k, 3) of the energy with this beta, uncorrected and not reconstructed, eV/A."""
    if system.method.reconstruct:
        plain = replace(system.method, reconstruct=None)
        system = replace(system, partition=system.partition.by(plain))
    return system.energy_model.at(system.zero).forces - system.g


def _uncorrected(system: System, f: Array) -> float | None:
    """Worst ghost force of the plain energy with the same beta: what the test could have found.

    None where the method has no interface, or the potential no site energies.
    """
    if not _has_plain(system):
        return None
    own = system.method.conservative and not system.method.reconstruct
    plain = f - system.g if own else _plain_forces(system)
    return float(np.linalg.norm(np.where(system.free, plain, 0.0), axis=1).max())
