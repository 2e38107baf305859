"""Headers of the DYNAMO tables: the grid, and what is said about an element.

The symbol on line 4 of setfl is trusted. Z, lattice and lattice constant often are wrong (Z = 1 in
files in wide use) and serve as first guesses only.
"""

from __future__ import annotations

from typing import NamedTuple

from qcmethod.base.types import Array
from qcmethod.potentials.tables.places import rows_off
from qcmethod.potentials.tables.table import Grid, Table
from qcmethod.potentials.tables.tokens import TokenStream, parse_number


class About(NamedTuple):
    """What the header of an element says: Z, mass (u), lattice constant (A), lattice."""

    Z: float
    mass: float
    lattice_constant: float
    structure: str


def grid_header(stream: TokenStream) -> Grid:
    """nrho drho nr dr rc: integers of at least 5, and positive steps and cut-off."""
    words = stream.header("nrho drho nr dr rc", 5)
    try:
        nrho, drho, nr, dr, cutoff = (parse_number(word) for word in words[:5])
    except ValueError:
        raise stream.error(" ".join(words), "the numbers nrho drho nr dr rc") from None
    for name, count in (("nrho", nrho), ("nr", nr)):
        if count != int(count) or count < 5:
            raise stream.error(f"{name} = {count:g}", "an integer of at least 5")
    for name, value in (("drho", drho), ("dr", dr), ("rc", cutoff)):
        if value <= 0.0:
            raise stream.error(f"{name} = {value:g}", "a number > 0")
    return Grid(int(nrho), drho, int(nr), dr, cutoff)


def about_header(stream: TokenStream) -> About:
    """Z, mass, lattice constant and lattice, from the header of an element."""
    words = stream.header("Z mass lattice-constant lattice", 3)
    try:
        Z, mass, a = (parse_number(word) for word in words[:3])
    except ValueError:
        raise stream.error(" ".join(words[:4]), "Z mass lattice-constant lattice") from None
    return About(Z, mass, a, words[3].lower() if len(words) > 3 else "")


def check_counts(stream: TokenStream, F: Array, after: Array, what: str) -> None:
    """Refuse counts with which F does not end where it says, though the total is right."""
    if off := rows_off(F, after):
        given = f"nrho = {len(F)}, while F(n) ends after {len(F) + off} numbers, as {what} tells"
        raise stream.error(given, "counts that fit the columns", "nrho and nr in the header")


def make_table(
    file: str, name: str, grid: Grid, F: Array, rho: Array, rphi: Array, about: About
) -> Table:
    """A Table whose lattice is only kept where it is one of ours and has a sensible constant."""
    known = about.structure in ("fcc", "bcc") and 1.0 < about.lattice_constant < 10.0
    return Table(
        file=file,
        element=name,
        grid=grid,
        F=F,
        rho=rho,
        rphi=rphi,
        mass=about.mass if about.mass > 0.0 else 1.0,
        lattice_constant=about.lattice_constant if known else 0.0,
        structure=about.structure if known else "",
    )
