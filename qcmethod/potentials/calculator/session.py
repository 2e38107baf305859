"""Atoms of a calculator, moved in place and evaluated again.

    g = -f,    X = V sigma,    or    X_ab = dE/d e_ab by differences of energies
    f'(0) = (8 (f(h) - f(-h)) - (f(2h) - f(-2h)))/(12 h)

Energies are those that the forces belong to (`free_energy` in ASE's words, where there is one). A
calculator without stress, or whose stress is not the slope of its energy, is asked for the energies
of strained cells, to fourth order in the strain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.spatial import cKDTree

from qcmethod.base.types import Array
from qcmethod.errors import EngineError, OffTableError
from qcmethod.potentials.calculator.box import Box
from qcmethod.potentials.calculator.held import Held
from qcmethod.potentials.engine import Periodic

if TYPE_CHECKING:
    from ase import Atoms

CLOSEST, LOOKED = 0.4, 0.15
"""Atoms are nowhere closer than this, A; they are looked at again once one has moved by so much."""
VOIGT = ((0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1))
STENCIL = ((1.0, 8.0 / 12.0), (-1.0, -8.0 / 12.0), (2.0, -1.0 / 12.0), (-2.0, 1.0 / 12.0))


class Boxed:
    """A session of `potentials.engine`: atoms with chemical symbols in a box.

    cutoff : A, for the room around them
    alone : the calculator sees all images of an atom: no copies
    stress : the calculator's stress is used; else strained cells, by steps of `strain`
    """

    def __init__(
        self,
        held: Held,
        name: str,
        symbols: list[str],
        y: Array,
        cell: Array,
        periodic: Periodic,
        cutoff: float,
        alone: bool = True,
        stress: bool = False,
        strain: float = 1e-3,
        weights: Array | None = None,
    ) -> None:
        self.held, self.name, self.symbols, self.cutoff = held, name, symbols, cutoff
        self._cell, self._periodic = np.array(cell, dtype=np.float64), periodic
        self._alone, self._stress, self._strain = alone, stress, strain
        self._energy = "free_energy" if "free_energy" in held.properties else "energy"
        self.weights = np.ones(len(y)) if weights is None else weights
        self._looked: Array | None = None
        self._y = y
        self._require_finite(y)
        self._lay(y)

    def at(self, y: Array, cell: Array | None = None) -> tuple[float, Array]:
        """Energy (eV) and gradient (n, 3), eV/A; see `Session`."""
        self._put(y, cell)
        found = self._asked("forces", self._energy)  # forces first: energies come with them
        m = self.box.n_copies
        f = np.asarray(found["forces"], dtype=np.float64).reshape(m, len(y), 3)
        return self._value(found[self._energy]) / m, -f.mean(axis=0)

    def energies(self, y: Array) -> Array:
        """Site energies (n,), eV (EngineError: the calculator has none)."""
        if "energies" not in self.held.properties:
            raise EngineError(f"{self.name}: the calculator gives no energies of single atoms")
        self._put(y, None)
        V = np.asarray(self._asked("energies")["energies"], dtype=np.float64)
        return V[: len(y)].copy()

    def virial(self) -> Array:
        """dE/d(strain) (3, 3), symmetric, eV, at the last positions."""
        if not all(self._periodic):
            raise EngineError(f"{self.name}: atoms with open sides have no stress")
        if not self._stress:
            return self._slope_of_strain()
        found = self._asked("stress")["stress"]
        volume = abs(float(np.linalg.det(self.box.cell)))
        return symmetric(found) * volume

    def trusted(self) -> None:
        """From here on the calculator's own stress is used."""
        self._stress = True

    def close(self) -> None:
        """The calculator is its owner's: nothing is given back."""

    def _slope_of_strain(self) -> Array:
        X, y, cell = np.zeros((3, 3)), self._y, self._cell
        for a, b in VOIGT:
            e = np.zeros((3, 3))
            e[a, b] += 0.5
            e[b, a] += 0.5
            for step, share in STENCIL:
                D = np.eye(3) + step * self._strain * e
                self._put(y @ D.T, cell @ D.T)
                E = self._value(self._asked(self._energy)[self._energy]) / self.box.n_copies
                X[a, b] += share * E / self._strain
            X[b, a] = X[a, b]
        self._put(y, cell)
        return X

    def _put(self, y: Array, cell: Array | None) -> None:
        """Positions, and a box where it is another one or its room is used up."""
        self._require_finite(y)
        self._require_apart(y)
        self._y = y
        if cell is not None and not np.array_equal(cell, self._cell):
            self._cell = np.array(cell, dtype=np.float64)
            self._lay(y)
        elif not self.box.holds(y, self.cutoff):
            self._lay(y)
        else:
            self._atoms.set_positions(self.box.filled(y))

    def _lay(self, y: Array) -> None:
        from ase import Atoms

        self.box = box = Box.of(y, self._cell, self._periodic, self.cutoff, self._alone)
        symbols = self.symbols * box.n_copies
        self._atoms: Atoms = Atoms(symbols, box.filled(y), cell=box.whole, pbc=self._periodic)

    def _asked(self, *names: str) -> dict[str, Any]:
        return self.held.asked(self._atoms, names, self.name)

    @staticmethod
    def _value(energy: Any) -> float:
        return float(np.asarray(energy, dtype=np.float64).reshape(()))

    def _require_finite(self, y: Array) -> None:
        if not np.isfinite(y).all():
            raise OffTableError(f"{self.name}: positions that are no numbers")

    def _require_apart(self, y: Array) -> None:
        if self._looked is not None and np.abs(y - self._looked).max(initial=0.0) < LOOKED:
            return
        if len(cKDTree(y).query_pairs(CLOSEST, output_type="ndarray")):
            raise OffTableError(f"{self.name}: atoms on top of one another")
        self._looked = y.copy()


def symmetric(stress: Any) -> Array:
    """A stress (3, 3) of ASE's six components, or of nine, eV/A^3."""
    s = np.asarray(stress, dtype=np.float64)
    if s.shape == (6,):
        s = s[[[0, 5, 4], [5, 1, 3], [4, 3, 2]]]
    both: Array = 0.5 * (s + s.T)
    return both
