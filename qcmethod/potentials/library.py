"""The library of published potentials and the one door to it, ``load_potential``.

The cards lie in the folder ``potentials/`` of the repository, which a wheel carries as
``qcmethod/_cards``.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from qcmethod.base.arguments import nearest
from qcmethod.base.door import door
from qcmethod.base.files import path_of
from qcmethod.base.told import remembered
from qcmethod.errors import InputError, PotentialFileError, UnknownPotentialError
from qcmethod.potentials.cards import potential_from_card, read_card
from qcmethod.potentials.contract import Potential
from qcmethod.potentials.several import (
    averaged,
    is_triplets,
    mixed_cards,
    of_table,
    of_triplets,
    several_elements,
)
from qcmethod.potentials.tables.read import read_table
from qcmethod.potentials.tables.told import Told


def cards_folder() -> Path:
    """Folder of the shipped cards: inside the wheel, or next to the package in a checkout."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "_cards", package.parent / "potentials"):
        if folder.is_dir():
            return folder
    raise InputError("potentials", str(package / "_cards"), "the folder of cards", "reinstall")


@door
def list_potentials() -> list[str]:
    """Names of the shipped potentials, sorted."""
    return sorted(path.stem for path in cards_folder().glob("*.toml"))


@door
@remembered("potential", files=["source"])
def load_potential(
    source: str | os.PathLike[str] | Mapping[str, object] | Sequence[str],
    *,
    element: str | None = None,
    elements: Sequence[str] | None = None,
    composition: Mapping[str, float] | None = None,
    style: str | None = None,
    structure: str | None = None,
    lattice_constant: float | None = None,
    symbol: str | None = None,
    mass: float | None = None,
) -> Potential:
    """A potential by name, from a file, or from a card.

    Parameters
    ----------
    source : name of a shipped card (``list_potentials()``), path of a LAMMPS table (eam/alloy,
        eam/fs, adp, eam) or of a TOML card, a card as a dict, or a list of potentials of one form
        that are mixed by its rule
    element : which element of a table with several; not for cards
    elements : several of them, in this order: a crystal is of the first (eam/alloy, eam/fs, and the
        files `.sw` and `.tersoff` of LAMMPS, which hold what triplets of elements do)
    composition : concentrations by element, of the average atom of a random alloy: one element
        with the mean properties of the alloy
    style : "eam/alloy", "eam/fs", "adp" or "eam", when neither the extension nor the header tells
    structure, lattice_constant : "fcc" or "bcc" and A, the crystal that is meant, where the header
        of a table names another one or none; a first guess, as the header's is
    symbol : chemical symbol of the atoms, where a table calls them otherwise ("meta_CuZn")
    mass : atomic mass, u

    Raises
    ------
    UnknownPotentialError : no card and no file of that name; the nearest names are in the message
    PotentialFileError : a table that is truncated, malformed, mis-scaled, of another format, or
        lacks the element
    InputError : a card with a missing, unknown or unusable entry

    Warns with `qcmethod.errors.PotentialWarning` where a table is read but looks wrong.
    """
    for name, given in (("element", element), ("style", style)):
        if not isinstance(given, str | None):
            raise InputError(name, given, "a text, or nothing")
    told = Told(structure, lattice_constant, symbol, mass)
    several = several_elements(elements)
    if element is not None and several is not None:
        raise InputError("elements", several, "nothing, where element= is given")
    if composition is not None:
        named = None if isinstance(source, list | tuple) else several or list(composition)
        whole = load_potential(source, elements=named, style=style)
        return told.of(averaged(whole, composition))
    if isinstance(source, list | tuple):
        if (element, several, style) != (None, None, None):
            raise InputError("elements", elements or element, "nothing: a list names its elements")
        return told.of(mixed_cards(source, lambda one: load_potential(one)))  # type: ignore[arg-type]
    if isinstance(source, Mapping):
        return told.of(_checked(potential_from_card(source), element, style))
    if not isinstance(source, str | os.PathLike):
        expected = "the name of a shipped potential, the path of a file, or a card"
        raise InputError("source", source, expected, "qcmethod.list_potentials() names all")
    path = path_of("source", source, "a potential or of a file")
    with contextlib.suppress(RuntimeError):  # no such user
        path = path.expanduser()
    if path.suffix == ".toml" and path.is_file():
        card = read_card(path)
        return told.of(_checked(potential_from_card(card, path.parent), element, style))
    if path.is_file() and is_triplets(path):
        return told.of(of_triplets(path, several or ([element] if element else None)))
    if path.is_file() and several is not None:
        return told.of(of_table(path, several, style))
    if path.is_file():
        return read_table(path, element, style, told)
    if path.is_dir():
        raise PotentialFileError("source", str(path), "a file; this is a folder")
    names = list_potentials()
    if str(source) in names:
        folder = cards_folder()
        card = read_card(folder / f"{source}.toml")
        return told.of(_checked(potential_from_card(card, folder), element, style))
    raise _missing(path) if is_path(path, str(source)) else _unknown(str(source), names)


def _checked(potential: Potential, element: str | None, style: str | None) -> Potential:
    """A card is about one element and no table; asking otherwise is a mistake worth naming."""
    if element not in (None, potential.element):
        expected = f"{potential.element!r}, the element of {potential.name}, or nothing"
        raise InputError("element", element, expected)
    if style is not None:
        raise InputError("style", style, f"nothing: {potential.name} is a card, not a table")
    return potential


def is_path(path: Path, given: str) -> bool:
    """Whether what was given can only be a path: it has a folder, or a suffix of letters."""
    return path.name != given or path.suffix[1:].isalpha()


def _missing(path: Path) -> UnknownPotentialError:
    """The refusal of a path that leads nowhere, with the nearest names in its folder."""
    folder = path.parent
    if not folder.is_dir():
        return UnknownPotentialError("source", str(path), f"a file; there is no folder {folder}")
    near = nearest(path.name, [one.name for one in folder.iterdir()], 0.6)
    expected = f"a file that exists; there is none of that name in {folder.resolve()}"
    return UnknownPotentialError("source", str(path), expected, near)


def _unknown(source: str, names: list[str]) -> UnknownPotentialError:
    near = [name for name in nearest(source, names, 0.5).split(", ") if name]
    same = [name for name in names if name.lower().startswith(source.lower()[:2])]
    close = list(dict.fromkeys(near + same))[:5]
    return UnknownPotentialError(
        "source",
        source,
        "the name of a shipped potential or the path of an existing file",
        (f"{', '.join(close)}; " if close else "") + "qcmethod.list_potentials() names all",
    )
