"""The continuum half of a coupling: Cauchy-Born cells and, where a flank is open, its surface."""

from __future__ import annotations

from dataclasses import dataclass

from scipy.sparse import csr_array

from qcmethod.base.types import Array
from qcmethod.discretisation.cells import CellState, CellSum
from qcmethod.discretisation.film import FlankState, FlankSum
from qcmethod.discretisation.kinematics import Kinematics


@dataclass(frozen=True)
class ContinuumState:
    """One evaluation: energy (eV), gradient on the nodes (n_k, 3) eV/A, and its parts."""

    energy: float
    gradient: Array
    cells: CellState
    flank: FlankState | None


@dataclass(frozen=True)
class Continuum:
    """Weighted cells and, for a crack, weighted line elements along its flanks."""

    kinematics: Kinematics
    cells: CellSum
    flank: FlankSum | None

    def at(self, u: Array) -> ContinuumState:
        """Evaluate at the corrector u (n_k, 3)."""
        cells = self.cells.at(self.kinematics.deformation(u))
        if self.flank is None:
            return ContinuumState(cells.energy, cells.gradient, cells, None)
        flank = self.flank.at(u)
        energy, gradient = cells.energy + flank.energy, cells.gradient + flank.gradient
        return ContinuumState(energy, gradient, cells, flank)

    def stiffness(self, state: ContinuumState) -> csr_array:
        """E_c'' (3 n_k, 3 n_k) at a state, eV/A^2."""
        K = self.cells.stiffness(state.cells)
        if self.flank is None or state.flank is None:
            return K
        return (K + self.flank.hessian(state.flank)).tocsr()
