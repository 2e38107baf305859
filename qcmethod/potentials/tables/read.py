"""The one reader of LAMMPS tables of EAM and ADP: which style a file has, or what else it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from qcmethod.errors import InputError, PotentialFileError
from qcmethod.potentials.contract import Potential
from qcmethod.potentials.forms.alloy import SplineAlloy
from qcmethod.potentials.tables.accepted import accepted
from qcmethod.potentials.tables.alloy import read_alloy
from qcmethod.potentials.tables.formats import foreign, on_grid_line
from qcmethod.potentials.tables.funcfl import read_funcfl
from qcmethod.potentials.tables.headers import About
from qcmethod.potentials.tables.setfl import read_setfl
from qcmethod.potentials.tables.tokens import TokenStream, parse_number, read_lines
from qcmethod.potentials.tables.told import Told

STYLES = ("eam/alloy", "eam/fs", "adp", "eam")

_EXTENSIONS = {
    ".eam.alloy": "eam/alloy",
    ".alloy": "eam/alloy",
    ".setfl": "eam/alloy",
    ".eam.fs": "eam/fs",
    ".fs": "eam/fs",
    ".adp": "adp",
}
"""The header alone tells eam (funcfl) from the others, whatever a file is called."""


def read_table(
    path: Path, element: str | None = None, style: str | None = None, told: Told | None = None
) -> Potential:
    """One element of a LAMMPS file of EAM or ADP.

    Parameters
    ----------
    path : the file
    element : symbol of the element; may be left out when the file has one
    style : one of ``STYLES``; by default from the header, and eam/fs and adp from the extension or
        length
    told : what is known better than the header says

    Raises
    ------
    PotentialFileError : truncated, too long, not finite, malformed, mis-scaled, another style or
        format, or the element is not in the file
    InputError : an unknown style
    """
    told = told or Told()
    if style is not None and style not in STYLES:
        raise InputError("style", style, "one of " + ", ".join(STYLES))
    lines = read_lines(path)
    found, grid = _style_of_header(lines)
    expected = f"a table of {', '.join(STYLES)}"
    if found is None:
        raise PotentialFileError(path.name, foreign(path, lines) or "no such header", expected)
    if found != "eam" and (what := on_grid_line(path, grid, style)):
        raise PotentialFileError(path.name, what, expected)
    if style is not None and (style == "eam") != (found == "eam"):
        setfl = "setfl (eam/alloy, eam/fs, adp)"
        given = f"the header of {'funcfl (eam)' if found == 'eam' else setfl}"
        hint = f"style={found!r}"
        raise PotentialFileError(f"{path.name}, style", given, f"a table of {style}", hint)
    tag = re.search(r"UNITS:\s*(\w+)", lines[0])
    if tag and tag.group(1) != "metal":
        raise PotentialFileError(f"{path.name}, UNITS", tag.group(1), "metal (eV, Angstrom)")
    if found == "eam":
        return accepted(read_funcfl(path.name, lines, element, told), told)
    named = next((s for end, s in _EXTENSIONS.items() if path.name.endswith(end)), "")
    return accepted(read_setfl(path.name, lines, element, style, told, named), told)


def alloy_table(
    path: Path, elements: Sequence[str] | None, style: str | None
) -> tuple[tuple[str, ...], SplineAlloy, About]:
    """Several elements of a table of eam/alloy or eam/fs, and what it says of the first.

    Raises PotentialFileError, InputError: as `read_table`.
    """
    if style not in (None, "eam/alloy", "eam/fs"):
        raise InputError("style", style, "eam/alloy or eam/fs, which have several elements")
    lines = read_lines(path)
    found, grid = _style_of_header(lines)
    if found != "eam/alloy" or (what := on_grid_line(path, grid, style)):
        given = (foreign(path, lines) or "no such header") if found != "eam/alloy" else what
        raise PotentialFileError(path.name, given, "a table of eam/alloy or eam/fs")
    named = next((s for end, s in _EXTENSIONS.items() if path.name.endswith(end)), "")
    return read_alloy(path.name, lines, elements, style, named)


def _style_of_header(lines: list[str]) -> tuple[str | None, list[str]]:
    """ "eam" or "eam/alloy" (which may be eam/fs) by the shape of the first lines, or None; and the
    words of the grid line."""
    for style, skip in (("eam/alloy", 3), ("eam", 1)):
        stream = TokenStream("", lines[:20], skip)
        try:
            first = stream.header("header", 2)
            grid = stream.header("grid", 5)
            if len(first) == 1 + int(first[0]) if skip == 3 else parse_number(first[1]) >= 0.0:
                return style, grid
        except (PotentialFileError, ValueError):
            continue
    return None, []
