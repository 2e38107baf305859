"""`load`: one door to what was saved: a solution, a ramp, a curve, an adaptive run, a study, a
sweep, a scorecard."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from qcmethod.base.door import door
from qcmethod.base.files import path_of, read_sealed
from qcmethod.errors import FileVersionError, InputError, ResultFileError
from qcmethod.io.container import HINT, foreign
from qcmethod.io.declared import require_declared
from qcmethod.io.record import load as load_record
from qcmethod.potentials.contract import Potential
from qcmethod.studies.adapt.ends import on_disk
from qcmethod.studies.arc.result import ArcResult
from qcmethod.studies.compare.report import Study
from qcmethod.studies.journal import Journal
from qcmethod.studies.ramp.result import RampResult
from qcmethod.studies.scorecard.card import Scorecard
from qcmethod.studies.sweep.report import Sweep

KINDS: dict[str, Callable[[Journal, Potential | None], object]] = {
    "ramp": RampResult.of,
    "arc": ArcResult.of,
    "adapt": on_disk,
    "sweep": lambda journal, potential: Sweep.of(journal),
}
"""How what a run has left in its folder is read, by the kind of run."""

TABLES: dict[str, type[Study] | type[Sweep] | type[Scorecard]] = {
    "study": Study,
    "sweep": Sweep,
    "scorecard": Scorecard,
}
"""Tables in `.json`, by the word of their format."""


@door
def load(path: str | os.PathLike[str], potential: Potential | None = None) -> Any:
    """What was saved, as the object that was saved; nothing is solved again.

    Parameters
    ----------
    path : a `.npz` file of `write` (a Solution, Band, RampResult, ArcResult or AdaptResult); the
        folder of a run (`directory=`), finished or not; a study or a sweep (`.json` or its folder);
        a scorecard (`.json`); or a `.json` file of a result, which holds its numbers alone: they
        come as a dict
    potential : needed for a class of potentials that is not part of the package; given, it must be
        the potential of the file, and takes its place

    Raises
    ------
    ResultFileError : no such file, not one of this package, or of another potential
    DamagedFileError : cut off or changed since it was written
    FileVersionError : of another format
    InputError : a potential that is missing, or no Potential
    """
    source = path_of("path", path, "a file or of the folder of a run", HINT)
    if potential is not None and not isinstance(potential, Potential):
        raise InputError("potential", potential, "a Potential", "qcmethod.load_potential(...)")
    with foreign(source):
        if source.is_dir():
            return _folder(source, potential)
        if not source.exists():
            raise ResultFileError("path", str(path), "a file, or the folder of a run", HINT)
        if source.suffix.lower() == ".json":
            return _table(source)
        return load_record(source, potential)


def _folder(folder: Path, potential: Potential | None) -> Any:
    if (folder / "study.json").exists():
        return Study.read(folder)
    journal = Journal.open(folder)
    if journal.kind not in KINDS:
        given = f"{folder}, a run of the kind {journal.kind!r}"
        raise FileVersionError("path", given, f"one of {sorted(KINDS)}")
    found = KINDS[journal.kind](journal, potential)
    require_declared(type(found), vars(found))
    return found


def _table(source: Path) -> Any:
    """A study, a sweep, a scorecard, or the numbers of a result."""
    values = read_sealed(source, "a .json file of write()")
    for word, cls in TABLES.items():
        if str(values.get("format", "")).startswith(f"qcmethod {word}"):
            return cls.read(source)
    return values
