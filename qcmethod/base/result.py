"""Results: what is computed once, and then written and drawn by its type.

    result.write("run.json")    qcmethod.io.write_result: a format, by suffix and what it can give
    result.plot("run.png")      qcmethod.plot.drawn:      a picture, by its class

A result imports neither its formats nor its pictures, nor what is read off it: they import it.
These rooms stand above it, and are looked up here, by name, when they are asked for: nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

from qcmethod.base.door import door


def files() -> ModuleType:
    """The room of the files, `qcmethod.io`."""
    return import_module("qcmethod.io")


def pictures() -> ModuleType:
    """The room of the pictures, `qcmethod.plot`."""
    return import_module("qcmethod.plot")


def analyses() -> ModuleType:
    """The room of what is read off a solution, `qcmethod.analysis`."""
    return import_module("qcmethod.analysis")


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

    def _repr_html_(self) -> str:
        """What a notebook shows: the text that `print` gives, its columns aligned."""
        return f"<pre>{escape(str(self))}</pre>"


class Drawn:
    """A result with a picture."""

    @door
    def plot(self, path: str | Path | None = None, *args: Any, **options: Any) -> Any:
        """Draw the result to a `.png`, `.pdf` or `.svg` file, whose path it returns.

        path : None returns the Matplotlib figure, which a notebook shows
        ax : (by its name) an axis to draw into; of several panels the one that matters most
        dpi : (by its name) dots per inch of a file
        options : those of the picture

        Raises InputError (suffix, folder, dpi, both path and ax) before anything is drawn.
        """
        return pictures().drawn(self, path, *args, **options)


class Result(Written, Drawn):
    """A result that is written and drawn."""
