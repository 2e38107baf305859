"""An ASE calculator as an engine: any, with its elements, range and reach.

What makes it this potential is its class, its range, and what it says of a rod of atoms: two
calculators that agree there are one. It is made anew in another process where a function that
makes one was given.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from qcmethod.base.types import Array, Index
from qcmethod.errors import EngineError
from qcmethod.potentials.calculator.repeated import Repeated
from qcmethod.potentials.calculator.session import AGREE, Atoms
from qcmethod.potentials.can import Can
from qcmethod.potentials.engine import Periodic, Session


class Held:
    """A calculator, or the function that makes one when it is first asked for."""

    def __init__(self, given: Any) -> None:
        self.given = given
        self._made: Any = None
        self.small_boxes: bool | None = None  # whether they are right; not known yet

    @property
    def calculator(self) -> Any:
        """The calculator."""
        if self._made is None:
            self._made = self.given if is_calculator(self.given) else self.given()
        return self._made

    def __getstate__(self) -> dict[str, Any]:
        return {"given": self.given, "_made": None, "small_boxes": self.small_boxes}


def is_calculator(given: object) -> bool:
    """Whether it is a calculator of ASE, and not what makes one."""
    made = not isinstance(given, type)
    return made and hasattr(given, "get_property") and hasattr(given, "implemented_properties")


@dataclass(frozen=True)
class Ase:
    """A calculator with what is known of it.

    Attributes
    ----------
    name : for messages and files
    held : the calculator
    elements, masses : symbols, and u
    cutoff, reach : A, and how many of them a force feels
    floor : what rounding leaves of its forces, eV/A
    isolated : energy of an atom of the first element by itself, eV
    numbers : what makes it this potential
    """

    name: str
    held: Held = field(compare=False, repr=False)
    elements: tuple[str, ...]
    masses: tuple[float, ...]
    cutoff: float
    reach: int = 1
    floor: float = 0.0
    isolated: float = 0.0
    numbers: list[object] = field(default_factory=list, repr=False)

    @property
    def can(self) -> Can:
        """Forces, and stress by itself or by differences."""
        return Can.FORCES | Can.STRESS

    def session(
        self,
        y: Array,
        cell: Array,
        periodic: Periodic,
        species: Index,
        weights: Array | None = None,
    ) -> Session:
        """Atoms of the calculator; see `Engine`. Raises EngineError for weights."""
        if weights is not None:
            raise EngineError(f"{self.name}: an ASE calculator weighs no site energies")
        if all(periodic) and not self._trusts_small_boxes(y, cell, species):
            return Repeated(self._maker(periodic), y, cell, species, self.cutoff)
        return self._maker(periodic)(y, cell, species)

    def _maker(self, periodic: Periodic) -> Callable[[Array, Array, Index], Atoms]:
        def make(y: Array, cell: Array, species: Index) -> Atoms:
            held, symbols = self.held.calculator, self.elements
            box = (y, cell, periodic, species)
            return Atoms(held, self.name, symbols, self.cutoff, *box, self.floor)

        return make

    def _trusts_small_boxes(self, y: Array, cell: Array, species: Index) -> bool:
        """Whether a box that is smaller than a neighbourhood has the right energy; asked once."""
        heights = 1.0 / np.linalg.norm(np.linalg.inv(cell), axis=0)
        if heights.min() >= 2.0 * self.cutoff:
            return True
        if self.held.small_boxes is None:
            make = self._maker((True, True, True))
            large = Repeated(make, y, cell, species, self.cutoff)
            try:
                small = make(y, cell, species).at(y)[0]
            except EngineError:
                small = np.inf
            self.held.small_boxes = bool(abs(small - large.at(y)[0]) <= AGREE * len(y))
        return self.held.small_boxes
