"""Engines: codes outside of this package that give energies and forces of atoms in a box.

    E = sum_l w_l V_l(y),    dE/dy,    dE/d(strain)

A `Potential` has an engine in the place of a form (`Potential.of_engine`). Sums over sites and the
cells of the continuum ask it for *sessions*: atoms in a box that are evaluated again and again, so
that what an engine makes once (neighbour lists, tables, an instance of a program) is kept. What the
engine can (`Can`) decides what a method may: forces alone serve `atomistic`, `qcf` and `bqcf`.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np

from qcmethod.base.stored import stored
from qcmethod.base.types import Array, Index
from qcmethod.potentials.can import Can

Periodic = tuple[bool, bool, bool]
"""Which of the three vectors of a box are periods."""


class Session(Protocol):
    """Atoms in a box; one thread asks at a time."""

    def at(self, y: Array, cell: Array | None = None) -> tuple[float, Array]:
        """Energy (eV; sum_l w_l V_l where it was made with weights) and its gradient (n, 3), eV/A,
        at the positions y (n, 3), A.

        cell : (3, 3) new vectors of the box in its rows, A; None: as before. Raises OffTableError
        where the energy is no number there, EngineError where the engine has failed.
        """

    def energies(self, y: Array) -> Array:
        """Site energies V (n,), eV, without weights. Raises EngineError where there are none."""

    def virial(self) -> Array:
        """dE/d(strain) (3, 3), symmetric, eV, at the last positions. Raises EngineError."""

    def close(self) -> None:
        """Give back what it holds; it is not asked again."""


class Engine(Protocol):
    """An interatomic potential that is not a form of this package."""

    @property
    def name(self) -> str:
        """For messages and output files."""

    @property
    def elements(self) -> tuple[str, ...]:
        """Chemical symbols; a species is an index into them."""

    @property
    def masses(self) -> tuple[float, ...]:
        """Of the elements, u."""

    @property
    def cutoff(self) -> float:
        """Range of the neighbours of a site, A."""

    @property
    def reach(self) -> int:
        """How many cut-offs away the atoms are that a force feels."""

    @property
    def floor(self) -> float:
        """What rounding leaves of its forces, eV/A; 0 in double precision."""

    @property
    def can(self) -> Can:
        """What it provides."""

    @property
    def isolated(self) -> float:
        """Energy of an atom of the first element by itself, eV."""

    @property
    def numbers(self) -> list[object]:
        """What makes it this potential: two engines are one when these are."""

    def session(
        self,
        y: Array,
        cell: Array,
        periodic: Periodic,
        species: Index,
        weights: Array | None = None,
    ) -> Session:
        """Atoms of some species (n,) at y (n, 3), A, in a box with the vectors `cell` (3, 3), A, in
        its rows, of which only the periods matter. weights (n,) : see `Session.at`."""


@stored
class EngineParams(NamedTuple):
    """The range of an engine, in the place of the numbers of a form: no kernel knows this type."""

    cutoff: float
    r_min: float = 0.0
    n_max: float = np.inf
