"""Files of parameters by triplets of elements, as LAMMPS has them for its angular potentials.

    element 1   element 2   element 3   number ...        element 1 at the vertex

one entry of a fixed number of words each, over as many lines as it takes. A functional form
registers the suffix of its files here; what is read is a table (n, n, n, m) of the m numbers for
the n elements that are asked for, and other entries are left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from qcmethod.base.registry import Registry
from qcmethod.base.types import Array
from qcmethod.errors import PotentialFileError
from qcmethod.potentials.site import Params
from qcmethod.potentials.tables.tokens import parse_number, read_lines


class Format(NamedTuple):
    """A kind of such files: its name, the names of its numbers, and what makes a form of them."""

    name: str
    numbers: tuple[str, ...]
    build: Callable[[Array], Params]


TRIPLETS: Registry[Format] = Registry("suffix", "qcmethod.potentials.forms", Format)
"""The formats by suffix."""


def read_triplets(path: Path, elements: Sequence[str] | None) -> tuple[tuple[str, ...], Params]:
    """The elements and the form of a file; None: all elements that it names.

    Raises PotentialFileError: truncated, malformed, another unit, an element or a triplet that is
    not there, or is there twice.
    """
    kind, lines = TRIPLETS[path.suffix], read_lines(path)
    tag = re.search(r"UNITS:\s*(\w+)", lines[0] if lines else "")
    if tag and tag[1] != "metal":
        raise PotentialFileError(f"{path.name}, UNITS", tag[1], "metal (eV, Angstrom)")
    words = [word for line in lines for word in line.partition("#")[0].split()]
    size = 3 + len(kind.numbers)
    if not words or len(words) % size:
        expected = f"entries of {size} words: three elements, {', '.join(kind.numbers)}"
        raise PotentialFileError(path.name, f"{len(words)} words", expected, "is it truncated?")
    entries = [words[i : i + size] for i in range(0, len(words), size)]
    named = tuple(dict.fromkeys(name for entry in entries for name in entry[:3]))
    chosen = named if elements is None else tuple(elements)
    for one in chosen:
        if one not in named:
            raise PotentialFileError("element", one, f"one of {', '.join(named)} ({path.name})")
    return chosen, kind.build(_table(path.name, kind, chosen, entries))


def _table(file: str, kind: Format, chosen: Sequence[str], entries: list[list[str]]) -> Array:
    """Numbers (n, n, n, m) of all triplets."""
    n = len(chosen)
    table = np.full((n, n, n, len(kind.numbers)), np.nan)
    for entry in entries:
        if not all(name in chosen for name in entry[:3]):
            continue
        at = tuple(chosen.index(name) for name in entry[:3])
        if np.isfinite(table[at]).any():
            raise PotentialFileError(file, " ".join(entry[:3]), "one entry for each triplet")
        for m, (name, word) in enumerate(zip(kind.numbers, entry[3:], strict=True)):
            try:
                table[(*at, m)] = parse_number(word)
            except ValueError as error:
                where = f"{file}, {' '.join(entry[:3])}, {name}"
                raise PotentialFileError(where, word, "a number") from error
    missing = np.argwhere(np.isnan(table[..., 0]))
    if len(missing):
        triplet = " ".join(chosen[i] for i in missing[0])
        raise PotentialFileError(file, f"no entry {triplet}", "one for each triplet of elements")
    return table


def require_positive(table: Array, kind: str, names: Sequence[str], positive: str) -> None:
    """Refuse numbers of pairs, the triplets i, j, j, that must be positive and are not."""
    n = range(len(table))
    pairs = np.array([table[i, j, j] for i in n for j in n])
    for name in positive.split():
        values = pairs[:, list(names).index(name)]
        if not (values > 0.0).all():
            raise PotentialFileError(f"{kind}, {name}", float(values.min()), "a number > 0")
