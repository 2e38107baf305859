"""DYNAMO tables of LAMMPS: setfl (``eam/alloy``) and its Finnis-Sinclair variant (``eam/fs``).

setfl   three comment lines; N and N symbols; nrho drho nr dr rc; for each element a header, F(n)
        and rho(r); then r phi(r) for the pairs (1,1), (2,1), (2,2), (3,1) ...
fs      the same with N density columns an element, one for each element that feels it.

Sources: Daw and Baskes 1984, Foiles' DYNAMO, the documentation of pair_style eam of LAMMPS. One
element of the file is read, whose potential energy is that of its pure crystal.
"""

from __future__ import annotations

import re
from pathlib import Path

from qcmethod.errors import InputError, PotentialFileError
from qcmethod.potentials.contract import Potential
from qcmethod.potentials.tables.accepted import accepted
from qcmethod.potentials.tables.funcfl import read_funcfl
from qcmethod.potentials.tables.headers import (
    about_header,
    check_counts,
    grid_header,
    make_table,
)
from qcmethod.potentials.tables.table import Grid, Table
from qcmethod.potentials.tables.tokens import TokenStream, parse_number, read_lines

STYLES = ("eam/alloy", "eam/fs", "eam")

_EXTENSIONS = {
    ".eam.alloy": "eam/alloy",
    ".alloy": "eam/alloy",
    ".setfl": "eam/alloy",
    ".eam.fs": "eam/fs",
    ".fs": "eam/fs",
    ".eam": "eam",
    ".funcfl": "eam",
}


def read_table(path: Path, element: str | None = None, style: str | None = None) -> Potential:
    """One element of a LAMMPS EAM file.

    Parameters
    ----------
    path : the file
    element : symbol of the element; may be left out when the file has one
    style : one of ``STYLES``; by default from the extension, else from the header

    Raises
    ------
    PotentialFileError : truncated, too long, not finite, mis-scaled, another style, or the
        element is not in the file
    InputError : an unknown style
    """
    if style is not None and style not in STYLES:
        raise InputError("style", style, "one of " + ", ".join(STYLES))
    lines = read_lines(path)
    found = _style_of_header(lines)
    if found is None:
        raise PotentialFileError(path.name, "no such header", f"a table of {', '.join(STYLES)}")
    wanted = style or next((s for e, s in _EXTENSIONS.items() if path.name.endswith(e)), None)
    if wanted is not None and (wanted == "eam") != (found == "eam"):
        given = f"the header of {'funcfl (eam)' if found == 'eam' else 'setfl (eam/alloy, eam/fs)'}"
        hint = f"style={found!r}"
        raise PotentialFileError(f"{path.name}, style", given, f"a table of {wanted}", hint)
    tag = re.search(r"UNITS:\s*(\w+)", lines[0])
    if tag and tag.group(1) != "metal":
        raise PotentialFileError(f"{path.name}, UNITS", tag.group(1), "metal (eV, Angstrom)")
    if found == "eam":
        return accepted(read_funcfl(path.name, lines, element))
    return accepted(read_setfl(path.name, lines, element, wanted))


def _style_of_header(lines: list[str]) -> str | None:
    """ "eam" or "eam/alloy" (which may be eam/fs) by the shape of the first lines, or None."""
    for style, skip in (("eam/alloy", 3), ("eam", 1)):
        stream = TokenStream("", lines[:20], skip)
        try:
            first = stream.header("header", 2)
            stream.header("grid", 5)
            if len(first) == 1 + int(first[0]) if skip == 3 else parse_number(first[1]) > 0.0:
                return style
        except (PotentialFileError, ValueError):
            continue
    return None


def read_setfl(file: str, lines: list[str], element: str | None, style: str | None) -> Table:
    """The table of one element; None: the only element, or the style that fits the length."""
    stream = TokenStream(file, lines, 3)
    names = stream.header("N and N symbols", 2)[1:]
    grid = grid_header(stream)
    chosen = _choose(file, names, element)
    fs = _is_fs(stream, len(names), grid, style)
    for i, name in enumerate(names):
        about = about_header(stream)
        F = stream.numbers(f"F(n) of {name}", grid.nrho)
        felt_by = names if fs else [name]
        rhos = [stream.numbers(f"rho(r) of {name} at {b}", grid.nr) for b in felt_by]
        if i == chosen:
            kept = (F, rhos[i if fs else 0], about)
            check_counts(stream, F, rhos[0], f"rho(r) of {name}")
    for i, a in enumerate(names):
        for j, b in enumerate(names[: i + 1]):
            rphi = stream.numbers(f"r phi(r) of {a}-{b}", grid.nr)
            if i == j == chosen:
                F, rho, about = kept
                table = make_table(file, a, grid, F, rho, rphi, about)
    stream.end()
    return table


def _is_fs(stream: TokenStream, n: int, grid: Grid, style: str | None) -> bool:
    """Whether there is a density column for each element that feels it, as the length tells.

    Each element has a header of four words; a file of one element is the same either way.
    """
    left = stream.remaining() - n * (4 + grid.nrho) - grid.nr * (n * (n + 1)) // 2
    by_length = {n * grid.nr: "eam/alloy", n * n * grid.nr: "eam/fs"}.get(left)
    if n > 1 and style and by_length not in (None, style):
        raise stream.error(
            f"the length of {by_length}", f"a table of {style}", f"style={by_length!r}"
        )
    return (style or by_length) == "eam/fs"


def _choose(file: str, names: list[str], element: str | None) -> int:
    """Index of the element asked for."""
    listed = ", ".join(names)
    if element is None:
        if len(names) > 1:
            hint = f"element={names[0]!r}"
            raise PotentialFileError("element", None, f"one of {listed} ({file})", hint)
        return 0
    if element not in names:
        raise PotentialFileError("element", element, f"one of {listed} ({file})")
    return names.index(element)
