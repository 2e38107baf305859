"""The beginning of a run on disk: what a folder is for is written once, and compared ever after.

    run.json      {"format": 2, "kind": "ramp", "version": ..., "loads": ..., ..., "sha256": ...}

Two runs are the same if it says the same of both; another one is refused, naming what differs.
"""

from __future__ import annotations

import os
from pathlib import Path

from qcmethod.base.files import read_sealed, sealed, write_json
from qcmethod.base.lock import foreign
from qcmethod.base.types import Facts
from qcmethod.base.version import __version__
from qcmethod.errors import DamagedFileError, FileVersionError, InputError, ResultFileError
from qcmethod.io.container import FORMAT
from qcmethod.io.older import READ
from qcmethod.studies.identity import differences
from qcmethod.studies.recipe import RECIPE

RUN = "run.json"
HINT = "the directory= of a ramp, an arc or an adaptive run"


def is_run(path: Path) -> bool:
    """Whether a folder says what it is for."""
    return (path / RUN).exists()


def write_run(path: Path, kind: str, run: Facts) -> None:
    """Say what a folder is for (WriteError)."""
    write_json(path / RUN, sealed({"format": FORMAT, "kind": kind, **run}))


def read_run(path: Path) -> tuple[str, Facts]:
    """The kind of a run and what makes it this one (ResultFileError, DamagedFileError,
    FileVersionError)."""
    file = path / RUN
    if not file.is_file():
        raise ResultFileError("directory", str(path), f"the folder of a run ({RUN})", HINT)
    try:
        run = read_sealed(file, HINT)
        known, kind = run.pop("format"), run.pop("kind")
    except (DamagedFileError, KeyError) as error:
        raise DamagedFileError("directory", str(file), f"an undamaged {RUN}") from error
    if known not in READ:
        raise _other_version(path, f"format {known}, qcmethod {run.get('version')}")
    return kind, run


def require_place(path: Path, kind: str) -> None:
    """Raise InputError where a run can neither begin nor go on."""
    if is_run(path):
        return
    taken = path.exists() and (not path.is_dir() or foreign(path, RECIPE))
    if taken and not is_run(path):  # unless another process has just begun here
        raise InputError("directory", str(path), f"an empty folder, or that of this {kind}")
    if not path.parent.is_dir():
        hint = f"Path({str(path.parent)!r}).mkdir(parents=True)"
        raise InputError("directory", str(path), "a folder in one that exists", hint)
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise InputError("directory", str(path), "a folder that can be written to")


def require_same(path: Path, found: tuple[str, Facts], wanted: tuple[str, Facts]) -> None:
    """Raise InputError naming what differs between the run of a folder and the one asked for, and
    FileVersionError for one of another version."""
    kind, own = wanted[0], found[1].get("version")
    if own != wanted[1].get("version"):
        raise _other_version(path, f"a run of qcmethod {own}")
    one, other = ({"kind": which, **run} for which, run in (found, wanted))
    if differ := differences(one, other):
        expected = f"the folder of this {kind}; that run was asked for {'; '.join(differ)}"
        raise InputError("directory", str(path), expected, "another directory=")


def _other_version(folder: Path, what: str) -> FileVersionError:
    given = f"{folder}, {what}"
    expected = f"a run of qcmethod {__version__}, format {FORMAT}"
    return FileVersionError("directory", given, expected, "that version, or another directory=")
