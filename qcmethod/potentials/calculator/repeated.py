"""A periodic box, repeated until it holds a neighbourhood.

    E(cell) = E(n cell)/N,    N = n_1 n_2 n_3

for calculators that see the nearest image of an atom alone: in a unit cell they would miss bonds.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from qcmethod.base.types import Array, Index
from qcmethod.potentials.calculator.session import Atoms

Make = Callable[[Array, Array, Index], Atoms]
"""A session of positions (n, 3), a box (3, 3) and species (n,)."""
ROOM = 2.05
"""Cut-offs between the faces of a repeated box."""


class Repeated:
    """A session of atoms (n, 3) in a periodic box, asked as a larger box of their copies."""

    def __init__(self, make: Make, y: Array, cell: Array, species: Index, cutoff: float) -> None:
        heights = 1.0 / np.linalg.norm(np.linalg.inv(cell), axis=0)
        self._n = np.ceil(ROOM * cutoff / heights).astype(int)
        steps = np.stack(np.meshgrid(*map(np.arange, self._n), indexing="ij"), -1)
        self._steps, self._cell = steps.reshape(-1, 3), np.array(cell)
        many = np.tile(species, len(self._steps))
        self._atoms = make(self._copies(y, self._cell), self._n[:, None] * self._cell, many)

    @property
    def copies(self) -> int:
        """N."""
        return len(self._steps)

    def at(self, y: Array, cell: Array | None = None) -> tuple[float, Array]:
        """Energy and gradient of one box; see `Session`."""
        self._cell = self._cell if cell is None else np.array(cell)
        E, g = self._atoms.at(self._copies(y, self._cell), self._n[:, None] * self._cell)
        return E / self.copies, g.reshape(self.copies, len(y), 3).mean(axis=0)

    def energies(self, y: Array) -> Array:
        """Site energies (n,), eV."""
        V = self._atoms.energies(self._copies(y, self._cell))
        mean: Array = V.reshape(self.copies, len(y)).mean(axis=0)
        return mean

    def virial(self) -> Array:
        """dE/d(strain) of one box (3, 3), eV."""
        return self._atoms.virial() / self.copies

    def close(self) -> None:
        """Nothing to give back."""

    def _copies(self, y: Array, cell: Array) -> Array:
        x: Array = (self._steps @ cell)[:, None] + y[None]
        return x.reshape(-1, 3)
