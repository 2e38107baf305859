"""Weighted site energies of models that have them: one weighted backward pass.

    E = sum_l w_l V_l,      dE/dy

A sum of site energies with weights is a scalar like the energy itself, so the backward pass of a
model gives its gradient at the price of one more call. What a package calls its site energies is
known by one file of `models`, registered under the name of the package.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from qcmethod.base.registry import Registry
from qcmethod.base.types import Array
from qcmethod.errors import EngineError, OffTableError
from qcmethod.potentials.calculator.held import said
from qcmethod.potentials.calculator.session import Boxed

if TYPE_CHECKING:
    from ase import Atoms

Weighted = Callable[[Any, "Atoms", Array], tuple[Array, Array]]
"""From a calculator, atoms (n) and weights (n,): site energies V (n,), eV, and the gradient (n, 3)
of sum_l w_l V_l, eV/A."""

WEIGHTED: Registry[Weighted] = Registry("model", "qcmethod.potentials.calculator.models")


def weighted_of(calculator: object) -> Weighted | None:
    """How the site energies of a calculator are weighted; None where that is not known."""
    package = type(calculator).__module__.split(".")[0]
    return WEIGHTED.get(package)


class WeightedBoxed(Boxed):
    """A session whose energy is sum_l w_l V_l, weights (n,)."""

    def at(self, y: Array, cell: Array | None = None) -> tuple[float, Array]:
        """Energy and gradient; see `Session`."""
        self._put(y, cell)
        V, g = self._evaluated(np.tile(self.weights, self.box.n_copies))
        m = self.box.n_copies
        return float(self.weights @ V[: len(y)]), g.reshape(m, len(y), 3).mean(axis=0)

    def energies(self, y: Array) -> Array:
        """Site energies (n,), eV, without weights."""
        self._put(y, None)
        return self._evaluated(np.tile(self.weights, self.box.n_copies))[0][: len(y)]

    def virial(self) -> Array:
        """Raises EngineError: weighted atoms are no cell."""
        raise EngineError(f"{self.name}: weighted atoms have no stress")

    def _evaluated(self, w: Array) -> tuple[Array, Array]:
        how = weighted_of(self.held.calculator)
        assert how is not None
        with self.held.lock:
            try:
                V, g = how(self.held.calculator, self._atoms, w)
            except Exception as error:
                raise EngineError(f"{self.name}: the model failed: {said(error)}") from error
        if not (np.isfinite(V).all() and np.isfinite(g).all()):
            raise OffTableError(f"{self.name}: the model gives energies that are no numbers")
        return V, g
