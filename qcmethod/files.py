"""Files are written whole or not at all: a temporary file beside the target, then a rename."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from numbers import Real
from pathlib import Path
from typing import Any

from qcmethod.errors import InputError

PICTURES = [".pdf", ".png", ".svg"]
MAX_DPI = 2400


def checked(path: str | Path, suffixes: list[str]) -> Path:
    """The path, if its suffix is known and its folder can be written to (InputError)."""
    if not isinstance(path, str | os.PathLike):
        raise InputError("path", path, "the name of a file")
    target = Path(path)
    if target.suffix.lower() not in suffixes:
        raise InputError("path", str(path), f"a suffix out of {', '.join(suffixes)}")
    if not target.parent.is_dir():
        hint = f"Path({str(target.parent)!r}).mkdir(parents=True)"
        raise InputError("path", str(path), "a folder that exists", hint)
    if target.is_dir() or not os.access(target.parent, os.W_OK):
        raise InputError("path", str(path), "a file in a folder that can be written to")
    return target


def picture(path: str | Path, dpi: float = 200) -> Path:
    """The path of a picture, checked together with its resolution (InputError)."""
    target = checked(path, PICTURES)
    if not (isinstance(dpi, Real) and 0.0 < float(dpi) <= MAX_DPI):
        raise InputError("dpi", dpi, f"dots per inch, up to {MAX_DPI}", "200")
    return target


def write_json(path: str | Path, values: Any) -> Path:
    """Write numbers, texts, lists and mappings to a `.json` file, whole or not at all (InputError).

    A number that is not finite has no place in JSON: say None, or leave it out (ValueError).
    """
    target = checked(path, [".json"])
    with whole(target) as partial:
        partial.write_text(json.dumps(values, indent=1, allow_nan=False) + "\n")
    return target


@contextmanager
def whole(target: Path) -> Iterator[Path]:
    """A temporary path beside the target, moved there on success and removed on failure."""
    partial = target.with_name(f".{target.stem}.{os.getpid()}.partial{target.suffix.lower()}")
    try:
        yield partial
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)
