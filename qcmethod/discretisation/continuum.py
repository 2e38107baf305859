"""The continuum half of a coupling: Cauchy-Born cells, and the film of free surfaces."""

from __future__ import annotations

from dataclasses import dataclass

from scipy.sparse import csr_array

from qcmethod.base.types import Action, Array
from qcmethod.discretisation.cells import CellState, CellSum, Tangents
from qcmethod.discretisation.film import FilmState, FilmSum


@dataclass(frozen=True, eq=False)
class ContinuumState:
    """One evaluation: energy (eV), gradient on the nodes (n_k, 3) eV/A, and its parts."""

    energy: float
    gradient: Array
    cells: CellState
    film: FilmState | None


@dataclass(frozen=True)
class Continuum:
    """Weighted cells and weighted line elements along free surfaces."""

    cells: CellSum
    film: FilmSum | None

    def at(self, u: Array) -> ContinuumState:
        """Evaluate at the corrector u (n_k, 3)."""
        cells = self.cells.at(u)
        if self.film is None:
            return ContinuumState(cells.energy, cells.gradient, cells, None)
        film = self.film.at(u)
        energy, gradient = cells.energy + film.energy, cells.gradient + film.gradient
        return ContinuumState(energy, gradient, cells, film)

    def tangents(
        self, state: ContinuumState, known: Tangents | None = None, within: float = 0.0
    ) -> Tangents:
        """The tangents of the cells at a state, those of gradients within some distance as they are
        known."""
        return self.cells.tangents(state.cells, known, within)

    def hessian(self, state: ContinuumState, tangents: Tangents) -> Action:
        """The map v (n_k, 3) -> E_c'' v (n_k, 3) with these tangents of the cells."""
        if self.film is None or state.film is None:
            return lambda v: self.cells.product(tangents, v)
        K = self.film.hessian(state.film)
        return lambda v: self.cells.product(tangents, v) + (K @ v.ravel()).reshape(v.shape)

    def stiffness(self, state: ContinuumState) -> csr_array:
        """E_c'' (3 n_k, 3 n_k) at a state, eV/A^2."""
        K = self.cells.stiffness(state.cells)
        if self.film is None or state.film is None:
            return K
        return (K + self.film.hessian(state.film)).tocsr()
