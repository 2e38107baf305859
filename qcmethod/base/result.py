"""Results: what is computed once, and then written and drawn by its type.

    result.write("run.json")    qcmethod.io.write_result: a format, by suffix and what it can give
    result.plot("run.png")      qcmethod.plot.draw:       a picture, by its class

A result imports neither its formats nor its pictures: they import it. Both rooms stand above it,
and are looked up here, by name, when a result is asked to be written or drawn: nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

from qcmethod.base.door import door
from qcmethod.base.files import PICTURES, checked


def files() -> ModuleType:
    """The room of the files, `qcmethod.io`."""
    return import_module("qcmethod.io")


def pictures() -> ModuleType:
    """The room of the pictures, `qcmethod.plot`."""
    return import_module("qcmethod.plot")


class Written:
    """A result with a file format.

    Attributes
    ----------
    sealed : whether its numbers in JSON carry a digest: what `qcmethod.load` reads back
    instead : by suffix that it does not know, what to try; {} is the name that was asked for
    """

    sealed: ClassVar[bool] = False
    instead: ClassVar[Mapping[str, str]] = {}

    @door
    def write(self, path: str | Path, *args: Any, **options: Any) -> Path:
        """Write the result to a file that is complete or absent; the suffix chooses the format.

        Raises InputError for a suffix that it does not know, naming all that it does, and for a
        folder that is none.
        """
        written: Path = files().write_result(self, path, *args, **options)
        return written


class Drawn:
    """A result with a picture."""

    @door
    def plot(self, path: str | Path, *args: Any, **options: Any) -> Path:
        """Draw the result to a `.png`, `.pdf` or `.svg` file (InputError)."""
        drawn: Path = pictures().draw(self, checked(path, PICTURES), *args, **options)
        return drawn


class Result(Written, Drawn):
    """A result that is written and drawn."""
