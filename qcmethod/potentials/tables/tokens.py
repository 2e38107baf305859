"""Numbers of a potential file, as a stream of tokens over lines.

Programs break these tables over lines as they please, so only the headers are read by line. What
is accepted as a number: ``.5558E+01``, ``-0.0``, ``1.5E-0002``, Fortran's ``2.2d0`` and
``1.5-103`` (an exponent too long for its letter). What is not: nan, inf and everything else.
"""

from __future__ import annotations

import contextlib
import math
import re
from pathlib import Path

import numpy as np

from qcmethod.base.types import Array
from qcmethod.errors import PotentialFileError
from qcmethod.potentials.tables.formats import archive

LARGEST = 1e9
"""Bytes; the largest table in wide use has 2e7."""
_NUMBER = re.compile(r"([+-]?(?:\d+(?:\.\d*)?|\.\d+))(?:[eEdD]([+-]?\d+)|([+-]\d+))?")
_ENDLESS = re.compile(r"[+-]?(?:inf|infinity|nan)", re.IGNORECASE)
_PLAIN = re.compile(r"[-+.eE0-9 ]*")  # np.array would also take 1_0 and nan


def parse_number(token: str) -> float:
    """The value of a decimal number in C or Fortran notation; ValueError for anything else."""
    match = _NUMBER.fullmatch(token)
    if match is None or not token.isascii():
        raise ValueError(f"not a number: {token!r}")
    mantissa, exponent, bare = match.groups()
    value = float(f"{mantissa}e{exponent or bare or 0}")
    if not math.isfinite(value):
        raise ValueError(f"too large: {token!r}")
    return value


def read_lines(path: Path) -> list[str]:
    """Lines of a text file in Latin-1 with any line ending; PotentialFileError if unreadable."""
    try:
        if not path.is_file() or path.stat().st_size > LARGEST:
            raise PotentialFileError("source", str(path), f"a file of at most {LARGEST:.0e} bytes")
        content = path.read_bytes()
    except OSError as error:
        expected = f"a readable file ({error.strerror})"
        raise PotentialFileError("source", str(path), expected) from error
    if what := archive(content[:16]):
        raise PotentialFileError(path.name, what, "the table itself, as text")
    text = content.removeprefix(b"\xef\xbb\xbf").decode("latin-1")
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


class TokenStream:
    """Tokens of a file's lines behind its comment lines; what follows a # is a comment too."""

    def __init__(self, name: str, lines: list[str], skip: int, *, by_lines: bool = False) -> None:
        """``name`` of the file for messages; ``skip`` comment lines at its head are left out.

        by_lines : what is left of the line on which a block of numbers ends is left out
        """
        self.name, self.by_lines = name, by_lines
        self._tokens: list[str] = []
        self._first: list[int] = []  # index of the first token of each line that has any
        self._line: list[int] = []  # its number in the file
        for number, line in enumerate(lines[skip:], start=skip + 1):
            words = line.partition("#")[0].split()
            if words:
                self._first.append(len(self._tokens))
                self._line.append(number)
                self._tokens += words
        self._at = 0

    def line_number(self) -> int:
        """Number in the file of the line that the next token stands on."""
        k = int(np.searchsorted(self._first, self._at, side="right")) - 1
        return self._line[k] if self._line else 0

    def remaining(self) -> int:
        """How many tokens have not been read."""
        return len(self._tokens) - self._at

    @property
    def widest(self) -> int:
        """The most tokens that stand on a line."""
        return int(np.diff([*self._first, len(self._tokens)]).max(initial=0))

    def next_word(self) -> str:
        """The next token, "" at the end."""
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def header(self, what: str, least: int) -> list[str]:
        """The rest of the current line, at least ``least`` tokens."""
        k = int(np.searchsorted(self._first, self._at, side="right"))
        end = self._first[k] if k < len(self._first) else len(self._tokens)
        words = self._tokens[self._at : end]
        if len(words) < least:
            raise self.error(" ".join(words) or "the end of the file", f"{what}")
        self._at = end
        return words

    def numbers(self, what: str, count: int, *, spare: bool = False) -> Array:
        """The next ``count`` numbers, over as many lines as it takes.

        spare : rows may hold INF or NaN, for there are some that are never used
        """
        words = self._tokens[self._at : self._at + count]
        values = self._values(words, what, count, spare)
        if len(words) < count:
            found = f"{len(words)} numbers and the end of the file"
            raise self.error(found, f"{count} numbers: {what}", "the file is truncated")
        self._at += count
        if self.by_lines:
            k = int(np.searchsorted(self._first, self._at))
            self._at = self._first[k] if k < len(self._first) else len(self._tokens)
        return values

    def _values(self, words: list[str], what: str, count: int, spare: bool) -> Array:
        if _PLAIN.fullmatch(" ".join(words)):
            with contextlib.suppress(ValueError):  # the slow way says which token
                values = np.array(words, dtype=float)
                if np.all(np.isfinite(values)):
                    return values
        values = np.empty(len(words))
        for i, word in enumerate(words):
            try:
                endless = spare and _ENDLESS.fullmatch(word)
                values[i] = float(word) if endless else parse_number(word)
            except ValueError:
                self._at += i
                expected = f"number {i + 1} of the {count} of {what}"
                hint = "is the table as long as its header says?"
                raise self.error(word, expected, hint) from None
        return values

    def end(self) -> None:
        """Refuse numbers after the last block."""
        if self.remaining():
            given = f"{self.remaining()} more numbers"
            raise self.error(
                given, "the end of the file", "do nr, nrho and the style fit the file?"
            )

    def error(self, given: object, expected: str, hint: str = "") -> PotentialFileError:
        """A PotentialFileError that names this file and line."""
        where = f"{self.name}, line {self.line_number()}"
        return PotentialFileError(where, given, expected, hint)
