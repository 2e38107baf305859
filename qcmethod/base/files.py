"""Names of files, and JSON: written whole or not at all (`whole`).

Results in JSON carry the SHA-256 digest of their content: a changed digit is found when it is read.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qcmethod.base.arguments import number
from qcmethod.base.whole import whole, writing
from qcmethod.errors import DamagedFileError, InputError, ResultFileError

PICTURES = [".pdf", ".png", ".svg"]
MIN_DPI, MAX_DPI = 10, 2400
"""With fewer dots the letters have none."""
LONGEST, LONGEST_PATH = 255, 4095
"""Bytes in the name of a file or a folder, and in a whole path."""


def path_of(name: str, given: object, what: str, hint: str = "") -> Path:
    """A path as a file system can have it (InputError in the name of the argument).

    what : "a file", "a folder", for the message
    """
    if isinstance(given, str | os.PathLike):
        try:
            path = Path(given)
            fits = all(len(os.fsencode(part)) <= LONGEST for part in path.parts)
            fits = fits and len(os.fsencode(path.absolute())) <= LONGEST_PATH
        except (TypeError, ValueError):  # bytes; a character that no file system knows
            fits = False
        if fits and "\0" not in str(path):
            return path
    raise InputError(name, given, f"the name of {what}", hint)


def checked(path: str | Path, suffixes: list[str], hint: str = "") -> Path:
    """The path, if its suffix is known and its folder can be written to (InputError; WriteError
    for a folder that cannot even be looked at).

    hint : what to try instead of a suffix that is not known
    """
    target = path_of("path", path, "a file")
    if target.suffix.lower() not in suffixes:
        raise InputError("path", str(path), f"a suffix out of {', '.join(suffixes)}", hint)
    with writing(target):
        if not target.parent.is_dir():
            hint = f"Path({str(target.parent)!r}).mkdir(parents=True)"
            raise InputError("path", str(path), "a folder that exists", hint)
        if target.is_dir() or not os.access(target.parent, os.W_OK):
            raise InputError("path", str(path), "a file in a folder that can be written to")
    return target


def picture(path: str | Path, dpi: float = 200) -> Path:
    """The path of a picture, checked together with its resolution (InputError)."""
    target = checked(path, PICTURES)
    require_dpi(dpi)
    return target


def require_dpi(dpi: float) -> None:
    """Refuse a resolution that is none (InputError)."""
    number("dpi", dpi, f"dots per inch, {MIN_DPI} to {MAX_DPI}", "200", least=MIN_DPI, most=MAX_DPI)


def write_json(path: str | Path, values: object) -> Path:
    """Write numbers, texts, lists and mappings to a `.json` file, whole or not at all (InputError,
    WriteError).

    A number that is not finite has no place in JSON: say None, or leave it out (ValueError).
    """
    target = checked(path, [".json"])
    with whole(target) as partial:
        partial.write_text(as_json(values))
    return target


def as_json(values: object) -> str:
    """JSON that a person can read; a number that is not finite in it is a mistake (ValueError)."""
    return json.dumps(values, indent=1, allow_nan=False) + "\n"


def sealed(values: Mapping[str, object]) -> dict[str, object]:
    """The mapping with a digest of its content under "sha256"."""
    return {**values, "sha256": _digest(values)}


CHANGED = "another copy, or compute it again: this file was changed after it was written"
"""What is left to do about a damaged file."""


LARGEST_JSON = 2**26
"""Bytes: it takes ten times as much memory."""


def no_number(text: str) -> None:
    """Refuse what is no JSON: NaN and Infinity (ValueError)."""
    raise ValueError(f"{text} is no number of JSON")


def read_sealed(path: Path, hint: str) -> dict[str, Any]:
    """A mapping that was `sealed`; ResultFileError for another file, DamagedFileError if changed.

    hint : what would make such a file
    """
    try:
        size, text = path.stat().st_size, b""
        if size <= LARGEST_JSON:
            text = path.read_bytes()
    except OSError as error:
        raise ResultFileError("path", str(path), "a file that can be read", hint) from error
    if size > LARGEST_JSON:
        expected = f"at most {LARGEST_JSON} bytes of JSON (it has {size})"
        raise ResultFileError("path", str(path), expected, hint)
    try:
        values = json.loads(text, parse_constant=no_number)
    except (ValueError, RecursionError) as error:
        if b"sha256" in text or text.lstrip()[:1] == b"{":
            raise DamagedFileError("path", str(path), "undamaged JSON", CHANGED) from error
        raise ResultFileError("path", str(path), "a result of qcmethod", hint) from error
    if not isinstance(values, dict) or "sha256" not in values:
        raise ResultFileError("path", str(path), "a result of qcmethod with its digest", hint)
    if values.pop("sha256") != _digest(values):
        raise DamagedFileError("path", str(path), "a file whose content has its digest", CHANGED)
    return values


def _digest(values: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
