"""What a user writes after `pair_style` and `pair_coeff`, checked before LAMMPS reads it.

    "snap",  "* * W.snapcoeff W.snapparam W"
    "hybrid/overlay zbl 4 4.8 snap",  ["1 1 zbl 74 74", "* * snap W.snapcoeff W.snapparam W"]

Files are given by path, or by the name that they have in the folder of LAMMPS; each becomes a whole
path and a digest of its content. What has no cut-off, needs charges, or counts in other units than
eV and A is refused here by name.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

from qcmethod.base.arguments import nearest
from qcmethod.base.told import whole_path
from qcmethod.errors import InputError, PotentialFileError
from qcmethod.potentials.lammps import library

LONG_RANGED = re.compile(r"coul|long|msm|ewald|reax|comb|dipole|smtbq|ctip|streitz|eff|amoeba|spin")
"""Of names of styles: they need charges, moments, or sums without a cut-off."""
HYBRID = ("hybrid", "hybrid/overlay", "hybrid/scaled")
LARGEST = 2**28
"""Bytes of a potential file."""


def checked_style(style: object) -> str:
    """The text after `pair_style` (InputError): built in, and short-ranged."""
    if not isinstance(style, str) or not style.split() or not style.isprintable():
        raise InputError("style", style, "the words after pair_style, e.g. 'eam/alloy'")
    names = style_names(style)
    for name in names:
        if name not in library.styles():
            near = nearest(name, library.styles())
            expected = f"pair styles of this LAMMPS: {', '.join(sorted(library.styles()))}"
            raise InputError("style", name, expected, near)
        if LONG_RANGED.search(name):
            expected = "a style with a cut-off and without charges: an atom sees finitely many"
            raise InputError(
                "style", name, expected, "eam/alloy, sw, tersoff, meam, snap, uf3, pod"
            )
    return " ".join(style.split())


def style_names(style: str) -> list[str]:
    """The styles in a text: the first word, and of a hybrid one every word that is a style."""
    first, *rest = style.split()
    if first not in HYBRID:
        return [first]
    return [word for word in rest if word in library.styles() or _is_name(word)]


def _is_name(word: str) -> bool:
    return bool(re.fullmatch(r"[a-z][a-z0-9_/]*[a-z/][a-z0-9_/]*", word)) and word not in ("none",)


def checked_coeff(coeff: object) -> tuple[str, ...]:
    """The lines after `pair_coeff`, one or more (InputError)."""
    lines = [coeff] if isinstance(coeff, str) else coeff
    expected = "the words after pair_coeff, e.g. '* * W.snapcoeff W.snapparam W', or a list of such"
    if not isinstance(lines, Sequence) or not lines:
        raise InputError("coeff", coeff, expected)
    for line in lines:
        if not (isinstance(line, str) and line.isprintable() and len(line.split()) >= 2):
            raise InputError("coeff", line, expected)
    return tuple(" ".join(line.split()) for line in lines)


def with_whole_paths(line: str) -> str:
    """A line in which each word that names a file is its whole path (PotentialFileError: a word
    with the suffix of a file that is nowhere)."""
    return " ".join(_path(word) for word in line.split())


def with_own_paths(line: object) -> object:
    """A line as a recipe tells it: files of the user by whole paths, those of LAMMPS by name."""
    if not isinstance(line, str):
        return line
    return " ".join(whole_path(word) if _looks_like_a_file(word) else word for word in line.split())


def files_of(lines: Sequence[str]) -> list[Path]:
    """The files that lines with whole paths name, in their order."""
    words = [word for line in lines for word in line.split()]
    return list(dict.fromkeys(Path(word) for word in words if Path(word).is_absolute()))


def content_digest(file: Path) -> str:
    """Digest (16 hex digits) of a file (PotentialFileError)."""
    try:
        if file.stat().st_size <= LARGEST:
            return hashlib.sha256(file.read_bytes()).hexdigest()[:16]
    except OSError as error:
        raise PotentialFileError("coeff", str(file), "a readable file") from error
    raise PotentialFileError("coeff", str(file), f"a file of at most {LARGEST} bytes")


def require_metal(file: Path) -> None:
    """Refuse a file that says in its first line that it counts in other units than metal."""
    with open(file, "rb") as stream:
        first = stream.readline(2000).decode("utf-8", "replace")
    tag = re.search(r"UNITS:\s*(\S+)", first)
    if tag and tag[1].lower() != "metal":
        expected = "a file in the units metal of LAMMPS: eV and A"
        raise PotentialFileError("coeff", f"{file.name} with UNITS: {tag[1]}", expected)


def _path(word: str) -> str:
    for file in (Path(word).expanduser(), library.shipped() / word):
        if _looks_like_a_file(word) and file.is_file():
            return str(file.resolve())
    if any(c.isalpha() for c in Path(word).suffix[1:]) and not _is_number(word):
        names = [one.name for one in library.shipped().glob("*")]
        expected = "a file that exists, by path or by its name in the folder of LAMMPS"
        raise PotentialFileError("coeff", word, expected, nearest(word, names))
    return word


def _looks_like_a_file(word: str) -> bool:
    return "/" in word or (bool(Path(word).suffix[1:]) and not _is_number(word))


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True
