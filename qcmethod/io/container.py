"""Arrays and a text in one sealed `.npz` file: what is read is what was written, or it is refused.

    zip archive of "about" (JSON) and the arrays | comment: "qcmethod sha256 " + digest

The digest is that of all bytes before it: it detects damage, and is no signature of who wrote the
file. NumPy reads such a file as any other `.npz`.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
from numpy.typing import NDArray

from qcmethod.base.files import CHANGED, no_number
from qcmethod.base.types import Facts
from qcmethod.base.version import __version__
from qcmethod.errors import (
    DamagedFileError,
    FileVersionError,
    InputError,
    QCError,
    ResultFileError,
)
from qcmethod.io.older import READ
from qcmethod.io.unpack import limit, unpacked

FORMAT = READ[-1]
"""Number of the format that is written."""
MARK, DIGITS = b"qcmethod sha256 ", 64
RESERVED = ("about", "file", "allow_pickle")
"""Names that no array can have: the text's own, and arguments of `numpy.savez_compressed`."""
LONGEST_TEXT = 2**24
"""Letters of the text of a file: it says what the arrays are, and holds few numbers."""
HEADER = 2**12
"""Bytes of the header of an array, and more."""
SHORT = 300
"""Letters of an error of another package, in one of ours."""
HINT = "a file that qcmethod wrote, e.g. Solution.write('state.npz')"

Arrays = dict[str, NDArray[Any]]


def write_arrays(path: Path, about: Mapping[str, object], arrays: Arrays) -> None:
    """Write a sealed file; `about` gets the format and the version of the package.

    Whatever is written can be read: arrays that shrink by more than a reader believes stay as they
    are. Raises InputError for a text beyond what is read.
    """
    text = json.dumps({"format": FORMAT, "qcmethod": __version__, **about}, allow_nan=False)
    if len(text) > LONGEST_TEXT:
        expected = f"one whose description has at most {LONGEST_TEXT} letters"
        raise InputError("result", f"a result with {len(text)}", expected, "fewer steps in a run")
    named: dict[str, Any] = {"about": np.array(text), **arrays}
    np.savez_compressed(path, **named)
    if sum(array.nbytes + HEADER for array in named.values()) > limit(path.stat().st_size):
        np.savez(path, **named)
    _seal(path)


def read_arrays(path: str | Path, name: str = "path") -> tuple[Facts, Arrays]:
    """The text and the arrays of a file.

    name : of the argument, for messages

    Raises
    ------
    ResultFileError : no such file, or one that qcmethod did not write
    DamagedFileError : cut off, changed since it was written, or without an entry
    FileVersionError : of another format
    """
    if not isinstance(path, str | os.PathLike):
        raise ResultFileError(name, path, "the name of a file", HINT)
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise ResultFileError(name, str(path), "a .npz file that can be read", HINT) from error
    _require_whole(content, name, str(path))
    with foreign(path, name):
        arrays = unpacked(content)
        about = _text(arrays.pop("about"))
        known, version = about["format"], about["qcmethod"]
    if known not in READ:
        given = f"{path}, format {known} of qcmethod {version}"
        expected = f"format {FORMAT}, which qcmethod {__version__} reads"
        raise FileVersionError(name, given, expected, f"pip install qcmethod=={version}")
    return about, arrays


@contextmanager
def foreign(path: str | Path, name: str = "path") -> Iterator[None]:
    """What a file that somebody else made does to its reader, as a DamagedFileError: its digest
    detects damage and is no signature, so anything may be in it."""
    try:
        yield
    except QCError:
        raise
    except Exception as error:
        found = " ".join(f"{type(error).__name__}: {error}".split())[:SHORT]
        expected = f"a file with all its entries ({found})"
        raise DamagedFileError(name, str(path), expected, CHANGED) from error


def _text(about: NDArray[Any]) -> Facts:
    """The text of a file (ValueError: too long, or no JSON; TypeError)."""
    if about.dtype.kind != "U" or about.ndim or about.nbytes > 4 * LONGEST_TEXT:
        raise ValueError(f"about is no text of at most {LONGEST_TEXT} letters")
    found = json.loads(about.item(), parse_constant=no_number)
    if not isinstance(found, dict):
        raise TypeError("about says nothing by name")
    return found


def _seal(path: Path) -> None:
    """Put the digest of a zip archive into its comment; never makes a file."""
    with path.open("r+b") as file, ZipFile(file, "a") as archive:
        archive.comment = MARK + b"0" * DIGITS
    with path.open("r+b") as file:
        content = file.read()[:-DIGITS]
        file.seek(len(content))
        file.write(hashlib.sha256(content).hexdigest().encode())


def _require_whole(content: bytes, name: str, path: str) -> None:
    body, digest = content[:-DIGITS], content[-DIGITS:]
    if body.endswith(MARK):
        if hashlib.sha256(body).hexdigest().encode() != digest:
            raise DamagedFileError(name, path, "a file whose content has its digest", CHANGED)
        return
    begins = content[:4] == b"PK\x03\x04"[: len(content)]
    if begins and (len(content) < 64 or b"about.npy" in content[:64]):
        raise DamagedFileError(name, path, "a whole file: this one was cut off or changed", CHANGED)
    raise ResultFileError(name, path, "a result of qcmethod", HINT)
