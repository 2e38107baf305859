"""A log of JSON lines, each with the digest of what it says: a digit that was changed is found."""

from __future__ import annotations

import json
from pathlib import Path

from qcmethod.base.digest import digest
from qcmethod.base.types import Facts
from qcmethod.base.whole import whole
from qcmethod.errors import DamagedFileError


def write_lines(log: Path, lines: list[Facts]) -> None:
    """Write a log, whole or not at all."""
    with whole(log) as partial:
        partial.write_text("".join(json.dumps(_signed(line)) + "\n" for line in lines))


def read_lines(log: Path, name: str) -> list[Facts]:
    """The lines of a log, none if there is no file; `name` is that of the argument.

    Raises DamagedFileError where a line is not what was written.
    """
    if not log.exists():
        return []
    lines: list[Facts] = []
    try:
        for text in log.read_bytes().splitlines():
            lines.append(_checked(json.loads(text)))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise damaged(log, name, "an undamaged log", len(lines) + 1) from error
    return lines


def first_wrong(lines: list[Facts]) -> int:
    """The first line, from 1, that does not have the number of its place."""
    wrong = (i for i, line in enumerate(lines) if line.get("number") != i)
    return next(wrong, 0) + 1


def damaged(log: Path, name: str, expected: str, number: int) -> DamagedFileError:
    """The error of a log whose line `number`, from 1, is not what was written there."""
    hint = (
        f"move line {number} and all that follow away, and end.json if there is one: the same call "
        "does these steps again"
    )
    return DamagedFileError(
        name, str(log), f"{expected} (line {number} is not what was written)", hint
    )


def _signed(line: Facts) -> Facts:
    return {**line, "check": digest(json.dumps(line, sort_keys=True))}


def _checked(line: Facts) -> Facts:
    if line.pop("check") != _signed(line)["check"]:
        raise ValueError("a line was changed")
    return line
