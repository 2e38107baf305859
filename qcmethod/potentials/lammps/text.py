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
import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path

from qcmethod.base.arguments import nearest
from qcmethod.base.told import whole_path
from qcmethod.errors import InputError, PotentialFileError
from qcmethod.potentials.lammps import library

LONG_RANGED = re.compile(r"coul|long|msm|ewald|reax|comb|dipole|smtbq|ctip|streitz|eff|amoeba|spin")
"""Of names of styles: they need charges, moments, or sums without a cut-off."""
HYBRID = ("hybrid", "hybrid/overlay", "hybrid/scaled")
SPECIAL = re.compile(r"[\s$&#']|^$")
LARGEST = 2**28
"""Bytes of a potential file."""


def words(text: str) -> list[str]:
    """The words of a line as LAMMPS takes it apart: quoted ones may have spaces (InputError)."""
    try:
        return shlex.split(text)
    except ValueError as error:
        raise InputError("coeff", text, "quotes that are closed") from error


def joined(parts: Iterable[str]) -> str:
    """A line of words, quoted where LAMMPS would take one apart or put something in its place."""
    return " ".join(f'"{word}"' if SPECIAL.search(word) else word for word in parts)


def checked_style(style: object) -> str:
    """The text after `pair_style`, files with whole paths (InputError): styles that are built in
    and short-ranged."""
    if not isinstance(style, str) or not style.isprintable() or not words(style):
        raise InputError("style", style, "the words after pair_style, e.g. 'eam/alloy'")
    for name in style_names(style):
        if name not in library.styles():
            near = nearest(name, library.styles())
            expected = f"pair styles of this LAMMPS: {', '.join(sorted(library.styles()))}"
            raise InputError("style", name, expected, near)
        if LONG_RANGED.search(name):
            expected = "a style with a cut-off and without charges: an atom sees finitely many"
            raise InputError(
                "style", name, expected, "eam/alloy, sw, tersoff, meam, snap, uf3, pod"
            )
    return with_whole_paths(style)


def style_names(style: str) -> list[str]:
    """The styles in a text: the first word, and of a hybrid its parts: each begins with the name of
    a style, and words that are none belong to the part before, as LAMMPS has it."""
    first, *rest = words(style)
    if first not in HYBRID:
        return [first]
    if first == "hybrid/scaled":  # factor, style, ...
        rest = rest[1:]
    return [*rest[:1], *(word for word in rest[1:] if word in library.styles())] or [first]


def checked_coeff(coeff: object) -> tuple[str, ...]:
    """The lines after `pair_coeff`, one or more, files with whole paths (InputError)."""
    lines = [coeff] if isinstance(coeff, str) else coeff
    expected = "the words after pair_coeff, e.g. '* * W.snapcoeff W.snapparam W', or a list of such"
    if not isinstance(lines, Sequence) or not lines:
        raise InputError("coeff", coeff, expected)
    for line in lines:
        if not (isinstance(line, str) and line.isprintable() and len(words(line)) >= 2):
            raise InputError("coeff", line, expected)
    return tuple(with_whole_paths(line) for line in lines)


def with_whole_paths(line: str) -> str:
    """A line in which each word that names a file is its whole path (PotentialFileError: a word
    with the suffix of a file that is nowhere, or a folder)."""
    return joined(_path(word) for word in words(line))


def with_own_paths(line: object) -> object:
    """A line as a recipe tells it: files of the user by whole paths, those of LAMMPS by name."""
    if not isinstance(line, str):
        return line
    return joined(whole_path(word) if _may_be_a_file(word) else word for word in words(line))


def files_of(lines: Iterable[str]) -> list[Path]:
    """The files that lines with whole paths name, in their order."""
    paths = [Path(word) for line in lines for word in words(line)]
    return list(dict.fromkeys(path for path in paths if path.is_absolute()))


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
        if _may_be_a_file(word) and file.is_file():
            return str(file.resolve())
    if any(c.isalpha() for c in Path(word).suffix[1:]) or Path(word).is_absolute():
        names = [one.name for one in library.shipped().glob("*")]
        expected = "a file that exists, by path or by its name in the folder of LAMMPS"
        raise PotentialFileError("coeff", word, expected, nearest(word, names))
    return word


def _may_be_a_file(word: str) -> bool:
    """Not a number, a style, or an element without a suffix."""
    if _is_number(word) or word in library.styles():
        return False
    return "/" in word or len(Path(word).suffix) > 1 or len(word) > 3


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True
