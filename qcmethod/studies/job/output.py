"""What a job writes: the folder, and files in it by their suffix."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qcmethod.base.files import PICTURES, path_of
from qcmethod.errors import InputError
from qcmethod.io.formats import FORMATS

OWN = re.compile(r"(run|study|end)\.json|(setup|result|reference|\d+)\.npz")
"""Files that a run or a study has in its folder."""


@dataclass(frozen=True)
class Output:
    """Where results go.

    Attributes
    ----------
    folder : of everything that is written, made where it is missing (default: the name of the file
        without its suffix). A run that was killed goes on there
    files : names in that folder; the suffix chooses: .npz everything, .vtu and .pvd meshes for
        ParaView, .xyz atoms for OVITO, .data atoms for LAMMPS, .json and .csv numbers, .png, .pdf
        and .svg pictures
    """

    folder: str = ""
    files: Sequence[str] = ()

    def require(self, task: Callable[..., Any]) -> None:
        """Refuse a file that the result of a task cannot be written to (InputError)."""
        if isinstance(self.files, str):
            raise InputError("[output] files", self.files, "a list of names", f"[{self.files!r}]")
        known = suffixes_of(task)
        for name in self.files:
            path = path_of("[output] files", name, "a file")
            if path.suffix.lower() not in known:
                expected = f"a suffix out of {', '.join(known)}: those of {task.__name__}"
                raise InputError("[output] files", name, expected)
            if "directory" in inspect.signature(task).parameters and OWN.fullmatch(path.name):
                expected = "another name: the steps of the run are kept in such files"
                raise InputError("[output] files", name, expected)

    def made(self, folder: str | Path) -> Path:
        """The folder, made if it is missing (InputError)."""
        path = path_of("[output] folder", folder, "a folder")
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            expected = f"a folder that can be made ({error.strerror})"
            raise InputError("[output] folder", str(path), expected) from error
        return path

    def write(self, result: Any, folder: Path) -> list[Path]:
        """Write a result to the files; their paths."""
        return [write_or_draw(result, folder / name) for name in self.files]


def write_or_draw(result: Any, path: Path, **drawing: Any) -> Path:
    """Write or draw a result, as the suffix says (InputError); drawing : words of `plot`."""
    draw = path.suffix.lower() in PICTURES
    make = getattr(result, "plot" if draw else "write", None)
    if make is None:
        expected = "a whole result: a .npz, the folder of a run, or a study; these are numbers"
        raise InputError("path", type(result).__name__, expected)
    made: Path = make(path, **(drawing if draw else {}))
    return made


def suffixes_of(task: Callable[..., Any]) -> list[str]:
    """Suffixes that the result of a function can be written or drawn to."""
    plain = inspect.unwrap(task)
    result = plain.__globals__[plain.__annotations__["return"]]
    return sorted({form.suffix for form in FORMATS if issubclass(result, form.of)} | {*PICTURES})
