"""An ASE calculator as an engine: its range, its floor, and what was found true of it when asked.

Two such engines are one when the classes and plain parameters of their calculators are, and their
energy of one set of atoms: the weights of a network have no other name.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from qcmethod.base.types import Array, Index
from qcmethod.errors import EngineError
from qcmethod.potentials.calculator.held import Held
from qcmethod.potentials.calculator.session import Boxed
from qcmethod.potentials.calculator.weighted import WeightedBoxed
from qcmethod.potentials.can import Can
from qcmethod.potentials.engine import Periodic, Session

STRAIN, COARSE_STRAIN = 1e-3, 1e-2
"""Steps of strains in differences of energies, of a calculator in double and single precision."""


@dataclass(frozen=True, eq=False)
class Ase:
    """A calculator, held.

    Attributes
    ----------
    name : for messages and files
    elements, masses : symbols, and u
    cutoff, reach : A, and how many of them a force feels
    floor : noise of its forces, eV/A; 0 in double precision
    alone : it sees all images of an atom in a small box
    stress : its stress is the slope of its energy, and is used
    weighted : its site energies can be weighted
    identity : what makes it this potential, in plain words and numbers
    """

    held: Held
    name: str
    elements: tuple[str, ...]
    masses: tuple[float, ...]
    cutoff: float
    reach: int = 1
    floor: float = 0.0
    alone: bool = True
    stress: bool = False
    weighted: bool = False
    identity: tuple[object, ...] = ()

    @property
    def can(self) -> Can:
        """Forces, and stress by whatever way; weighted site energies of models that are known."""
        usual = Can.FORCES | Can.STRESS
        return usual | Can.SITE_ENERGY if self.weighted else usual

    @property
    def numbers(self) -> list[object]:
        """Its identity and its elements."""
        return ["calculator", list(self.identity), list(self.elements)]

    @cached_property
    def isolated(self) -> float:
        """Energy of an atom of the first element by itself, eV. Raises EngineError where the
        calculator has none."""
        y = np.zeros((1, 3))
        open_sides = (False, False, False)
        return self.session(y, np.eye(3), open_sides, np.zeros(1, dtype=np.int64)).at(y)[0]

    def session(
        self,
        y: Array,
        cell: Array,
        periodic: Periodic,
        species: Index,
        weights: Array | None = None,
    ) -> Session:
        """Atoms of the calculator; see `Engine`. Raises EngineError for weights that it cannot
        give."""
        symbols = [self.elements[s] for s in species]
        of = (self.held, self.name, symbols, y, cell, periodic, self.cutoff)
        strain = COARSE_STRAIN if self.floor else STRAIN
        if weights is None:
            return Boxed(*of, alone=self.alone, stress=self.stress, strain=strain)
        if not self.weighted:
            raise EngineError(f"{self.name}: the calculator has no weighted site energies")
        return WeightedBoxed(*of, alone=self.alone, weights=weights)
