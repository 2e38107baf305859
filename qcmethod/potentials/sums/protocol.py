"""What models ask of a sum over sites, whatever computes it: a form of this package or an engine.

E = sum_l w_l (V_l - V0_l),    dE/dy,    E'' v
"""

from __future__ import annotations

from typing import Any, Protocol

from scipy.sparse import csr_array

from qcmethod.base.types import Action, Array


class Sum(Protocol):
    """A weighted sum over sites, of a form or of an engine; see `sums.sites`."""

    @property
    def w(self) -> Array:
        """The weights (n,)."""

    def at(self, y: Array) -> SumState:
        """Energy and gradient at y (n, 3), A. Raises OffTableError, EngineError."""

    def energies(self, y: Array) -> Array:
        """Site energies (n,), eV."""

    def virials(self, y: Array) -> Array:
        """Virials of single atoms (n, 3, 3), eV."""

    def hessian(self, state: Any) -> Action:
        """The map v (n, 3) -> E'' v (n, 3) at a state."""

    def hessian_matrix(self, state: Any) -> csr_array:
        """E'' (3 n, 3 n) at a state, eV/A^2."""

    def renewed(self) -> Sum:
        """The same sum with a list, or a session, of its own."""


class SumState(Protocol):
    """One evaluation of a sum."""

    @property
    def energy(self) -> float:
        """eV."""

    @property
    def gradient(self) -> Array:
        """(n, 3), eV/A."""

    @property
    def y(self) -> Array:
        """The positions (n, 3), A."""
