"""A log of JSON lines, each with the digest of what it says: a digit that was changed is found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from qcmethod.errors import DamagedFileError
from qcmethod.files import whole
from qcmethod.identity import digest

Line = dict[str, Any]


def write_lines(log: Path, lines: list[Line]) -> None:
    """Write a log, whole or not at all."""
    with whole(log) as partial:
        partial.write_text("".join(json.dumps(_signed(line)) + "\n" for line in lines))


def read_lines(log: Path, name: str) -> list[Line]:
    """The lines of a log, none if there is no file; `name` is that of the argument.

    Raises DamagedFileError where a line is not what was written.
    """
    if not log.exists():
        return []
    try:
        return [_checked(json.loads(text)) for text in log.read_bytes().decode().splitlines()]
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise DamagedFileError(name, str(log), "an undamaged log") from error


def _signed(line: Line) -> Line:
    return {**line, "check": digest(json.dumps(line, sort_keys=True))}


def _checked(line: Line) -> Line:
    if line.pop("check") != _signed(line)["check"]:
        raise ValueError("a line was changed")
    return line
