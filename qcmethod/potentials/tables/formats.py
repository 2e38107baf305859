"""Files of potentials that are no table of EAM or ADP, told by their names and first lines.

Archives of potentials hold some hundred of them: eam/cd shares the head of setfl and goes on after
it, eam/he has six numbers on its grid line (F does not begin at density 0, so that reading it
as eam/alloy is wrong by electronvolts), MEAM comes as a library and a file of parameters.
"""

from __future__ import annotations

import re
from pathlib import Path

_BY_NAME = {
    ".cdeam": "an eam/cd table (concentration-dependent EAM)",
    ".he": "an eam/he table (F begins below density 0)",
    ".meam": "a MEAM file",
    ".msmeam": "a MEAM file",
    ".spline": "a MEAM spline file",
    ".tersoff": "a Tersoff file",
    ".sw": "a Stillinger-Weber file",
    ".snapcoeff": "a SNAP file",
    ".snapparam": "a SNAP file",
    ".reax": "a ReaxFF file",
    ".poly": "a polymorphic table",
    ".bop": "a BOP file",
}
_BY_MAGIC = {
    b"\x1f\x8b": "a gzip archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"PK\x03\x04": "a zip archive",
    b"\xff\xfe": "text in UTF-16",
    b"\xfe\xff": "text in UTF-16",
    b"%PDF": "a PDF file",
    b"<!DOCTYPE": "a web page",
    b"<html": "a web page",
}
_MEAM = re.compile(
    r"^\s*(?:elt\s+lat\b|'\w+'\s+'(?:fcc|bcc|hcp|dia|dim|sc|b1|l12|c11)'|\w+\s*\([^)]*\)\s*=|"
    r"(?:rc|delr|augt1|erose_form|ialloy|emb_lin_neg|bkgd_dyn|mixture_ref_t)\s*=)",
    re.IGNORECASE | re.MULTILINE,
)


def archive(head: bytes) -> str:
    """What a file is whose first bytes are no text of a table; "" where they may be."""
    return next((what for magic, what in _BY_MAGIC.items() if head.startswith(magic)), "")


def foreign(path: Path, lines: list[str]) -> str:
    """What a file is that has no header of a table; "" where nothing tells."""
    if _MEAM.search("\n".join(line.partition("#")[0] for line in lines[:60])):
        return "a MEAM file"
    return _BY_NAME.get(path.suffix.lower(), "")


def on_grid_line(path: Path, words: list[str], style: str | None) -> str:
    """What a file with the head of setfl is, by its name and its grid line; "" for EAM.

    LAMMPS ignores what follows the five numbers in eam/alloy, and so does style="eam/alloy".
    """
    if style is not None:
        return ""
    if path.suffix.lower() in (".cdeam", ".he"):
        return _BY_NAME[path.suffix.lower()]
    numbers = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eEdD][+-]?\d+)?")
    six = len(words) > 5 and numbers.fullmatch(words[5]) is not None
    return _BY_NAME[".he"] if six else ""


def after_the_end(left: int, n: int, first: str) -> str:
    """What a file with the columns of setfl is that goes on with `left` numbers; "" for none.

    n : elements; first : the first number that is left
    """
    return _BY_NAME[".cdeam"] if n == 2 and first == str(left - 1) else ""
