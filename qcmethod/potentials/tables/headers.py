"""Headers of the DYNAMO tables: the grid, and what is said about an element.

The symbol on line 4 of setfl is trusted. Z, lattice and lattice constant often are wrong (Z = 1 in
files in wide use) and serve as first guesses only.
"""

from __future__ import annotations

from typing import NamedTuple

from qcmethod.base.said import say
from qcmethod.base.types import Array
from qcmethod.errors import PotentialFileError, PotentialWarning
from qcmethod.potentials.tables.places import rows_off
from qcmethod.potentials.tables.table import Grid, Table
from qcmethod.potentials.tables.tokens import TokenStream, parse_number
from qcmethod.potentials.tables.told import HEAVIEST, LIGHTEST, Told


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
    if abs(Z) > 1e3:
        raise stream.error(f"Z = {Z:g}", "the number of an element")
    if mass < 0.0 or 0.0 < mass < LIGHTEST or mass > HEAVIEST:
        raise stream.error(f"a mass of {mass:g}", f"{LIGHTEST:g} to {HEAVIEST:g} u, or 0 for none")
    if a > 1e3 or 0.0 < abs(a) < 1e-3:
        raise stream.error(f"a lattice constant of {a:g}", "a length in A, or 0 for none")
    return About(Z, mass, a, words[3].lower() if len(words) > 3 else "")


def _mass(file: str, name: str, about: About, told: Told) -> float:
    """The header's mass, u; where it is 0 that of the element, with a warning."""
    if about.mass > 0.0:
        return about.mass
    from ase.data import atomic_masses, atomic_numbers

    number = atomic_numbers.get(told.symbol or name, 0)
    if number == 0:
        raise PotentialFileError(f"{file}, {name}, mass", 0.0, "a mass > 0, u", "mass=, or symbol=")
    mass = float(atomic_masses[number])
    text = f"{file}, {name}: the header says mass 0; {mass:g} u is taken. Try: mass="
    say(text, PotentialWarning)
    return mass


def check_counts(stream: TokenStream, F: Array, after: Array, what: str) -> None:
    """Refuse counts with which F does not end where it says, though the total is right."""
    if off := rows_off(F, after):
        given = f"nrho = {len(F)}, while F(n) ends after {len(F) + off} numbers, as {what} tells"
        raise stream.error(given, "counts that fit the columns", "nrho and nr in the header")


def make_table(
    file: str,
    name: str,
    grid: Grid,
    F: Array,
    rho: Array,
    rphi: Array,
    about: About,
    told: Told,
    angular: tuple[Array, Array] | None = None,
) -> Table:
    """A Table whose lattice is only kept where it is one of ours and has a sensible constant.

    What is told goes before what the header says.
    """
    if told.structure is not None:
        about = about._replace(structure=told.structure)
    if told.lattice_constant is not None:
        about = about._replace(lattice_constant=told.lattice_constant)
    known = about.structure in ("fcc", "bcc") and 1.0 < about.lattice_constant < 10.0
    if about.structure in ("fcc", "bcc") and told.structure and not known:
        known, about = True, about._replace(lattice_constant=0.0)  # its own minimum
    return Table(
        file=file,
        element=name,
        grid=grid,
        F=F,
        rho=rho,
        rphi=rphi,
        mass=told.mass if told.mass is not None else _mass(file, name, about, told),
        lattice_constant=about.lattice_constant if known else 0.0,
        structure=about.structure if known else "",
        angular=angular,
    )
