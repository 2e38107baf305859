"""The continuum half of a coupling: Cauchy-Born cells, and the film of free surfaces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from scipy.sparse import csr_array

from qcmethod.base.types import Action, Array
from qcmethod.crystal.face import FaceEnergy
from qcmethod.crystal.stretched_surface import SurfaceEnergy
from qcmethod.discretisation.body import Body
from qcmethod.discretisation.cells import CellState, CellSum, Tangents
from qcmethod.discretisation.film import FilmState, FilmSum
from qcmethod.discretisation.membrane import MembraneState, MembraneSum


class Film(Protocol):
    """Elements along free surfaces: `FilmSum` in the plane, `MembraneSum` in space."""

    def at(self, u: Array) -> Any:
        """Evaluate at the corrector u (n_k, 3): `energy`, eV, and `gradient` (n_k, 3), eV/A."""

    def hessian(self, state: Any) -> csr_array:
        """E_f'' (3 n_k, 3 n_k) at a state of its own, eV/A^2."""


@dataclass(frozen=True, eq=False)
class ContinuumState:
    """One evaluation: energy (eV), gradient on the nodes (n_k, 3) eV/A, and its parts."""

    energy: float
    gradient: Array
    cells: CellState
    film: FilmState | MembraneState | None


@dataclass(frozen=True)
class Continuum:
    """Weighted cells and weighted line elements, in space triangles, along free surfaces."""

    cells: CellSum
    film: Film | None

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


def film_of(body: Body, y0_k: Array, surface: SurfaceEnergy, beta_k: Array) -> Film:
    """The elements of the free surfaces of a body with its nodes predicted at y0_k (n_k, 3), A,
    weighted by beta at the nodes (n_k,)."""
    if isinstance(surface, FaceEnergy):
        return MembraneSum.build(body, y0_k, surface, beta_k)
    return FilmSum.build(body, y0_k, surface, beta_k)
