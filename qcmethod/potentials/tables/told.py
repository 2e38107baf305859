"""What a caller knows better than the header of a table: lattice, constant, symbol and mass."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from qcmethod.base.arguments import number, word
from qcmethod.errors import InputError
from qcmethod.potentials.contract import Potential

LIGHTEST, HEAVIEST = 1e-3, 1e3
"""u; an atom is in between."""


@dataclass(frozen=True)
class Told:
    """Each None where the header is believed; checked when made (InputError)."""

    structure: str | None = None
    lattice_constant: float | None = None
    symbol: str | None = None
    mass: float | None = None

    def __post_init__(self) -> None:
        from ase.data import chemical_symbols

        if self.structure is not None:
            word("structure", self.structure, ("fcc", "bcc"))
        if self.lattice_constant is not None:
            expected = "a lattice constant, 1 to 10 A"
            number("lattice_constant", self.lattice_constant, expected, least=1.0, most=10.0)
        known = isinstance(self.symbol, str) and self.symbol in chemical_symbols
        if self.symbol is not None and not known:
            raise InputError("symbol", self.symbol, "a chemical symbol", '"X" for none')
        if self.mass is not None:
            expected = f"a mass from {LIGHTEST:g} to {HEAVIEST:g} u"
            number("mass", self.mass, expected, least=LIGHTEST, most=HEAVIEST)

    def of(self, potential: Potential) -> Potential:
        """The potential with what was told in place of what its card or header says."""
        given: dict[str, Any] = {
            "structure": self.structure,
            "lattice_constant": self.lattice_constant,
            "element": self.symbol,
            "mass": self.mass,
        }
        told = {name: value for name, value in given.items() if value is not None}
        return replace(potential, **told) if told else potential
