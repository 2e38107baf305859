"""The directory of a run: it can be killed at any moment and goes on where it was.

    run.json      what is being done: written once; another run's folder is refused
    setup.npz     what it works on, so that the folder can be read without the script
    run.toml      the same call as a file, for people and for `qcmethod resume`
    log.jsonl     a line a step, with a digest
    0007.npz      the state of step 7
    end.json      why the run ended, if it has

The state of a step is written before its line, each file beside its place and then moved there:
whatever is missing from the log is done again, from the same numbers. Nothing that a later run
reads depends on the time or on the process that wrote it.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qcmethod.base.digest import digest
from qcmethod.base.files import path_of, read_sealed, sealed, write_json
from qcmethod.base.types import Facts
from qcmethod.base.version import __version__
from qcmethod.errors import DamagedFileError, FileVersionError, InputError, ResultFileError
from qcmethod.io.container import FORMAT, read_arrays
from qcmethod.io.lines import read_lines, write_lines
from qcmethod.io.older import READ
from qcmethod.io.record import load, rebuilt, save
from qcmethod.potentials.contract import Potential
from qcmethod.studies.recipe import RECIPE

FACTS = ("version", "problem", "potential", "potential_digest", "method", "core", "blend", "mesh")
HINT = "the directory= of a ramp, an arc or an adaptive run"


@dataclass
class Journal:
    """A run on disk: `run` says what makes it this one, `lines` is its log."""

    folder: Path
    kind: str
    run: Facts
    lines: list[Facts] = field(default_factory=list)

    @classmethod
    def claim(cls, folder: str | Path, kind: str, run: Facts) -> Journal:
        """Make the folder of a run, or go on in it.

        Raises InputError, naming what differs, when it holds another run or other files, and
        DamagedFileError for files that were changed.
        """
        path, run = path_of("directory", folder, "a folder"), json.loads(json.dumps(run))
        left = list(path.glob(".*.partial.*"))  # by a process that was killed
        if (path / "run.json").exists():
            found = cls.open(path)
            found._require_same(kind, run)
            _remove(left)
            return found
        ours = {*left, path / RECIPE}
        if path.exists() and (not path.is_dir() or {*path.iterdir()} - ours):
            raise InputError("directory", str(path), f"an empty folder, or that of this {kind}")
        if not path.parent.is_dir():
            hint = f"Path({str(path.parent)!r}).mkdir(parents=True)"
            raise InputError("directory", str(path), "a folder in one that exists", hint)
        if not os.access(path if path.exists() else path.parent, os.W_OK):
            raise InputError("directory", str(path), "a folder that can be written to")
        path.mkdir(exist_ok=True)
        _remove(left)
        write_json(path / "run.json", sealed({"format": FORMAT, "kind": kind, **run}))
        return cls(path, kind, run)

    @classmethod
    def open(cls, folder: str | Path) -> Journal:
        """The run of an existing folder (ResultFileError, DamagedFileError, FileVersionError)."""
        path = Path(folder)
        if not (path / "run.json").is_file():
            raise ResultFileError("directory", str(path), "the folder of a run (run.json)", HINT)
        try:
            run = read_sealed(path / "run.json", HINT)
            known, kind = run.pop("format"), run.pop("kind")
        except (DamagedFileError, KeyError) as error:
            expected = "an undamaged run.json"
            raise DamagedFileError("directory", str(path / "run.json"), expected) from error
        if known not in READ:
            raise _other_version(path, f"format {known}, qcmethod {run.get('version')}")
        return cls(path, kind, run, read_lines(path / "log.jsonl", "directory"))

    def add(self, line: Facts, state: Any) -> None:
        """Keep the state of a step (unless it is None), then its line."""
        number = len(self.lines)
        if state is not None:
            about = {"kind": f"state of a run ({self.kind})", "number": number, **self._facts()}
            save(self._state_file(number), state, about)
        self.lines.append(line)
        write_lines(self.folder / "log.jsonl", self.lines)

    def state(self, number: int, potential: Potential | None = None) -> Any:
        """The state of a step; DamagedFileError, FileVersionError, or another run's state."""
        file = self._state_file(number)
        try:
            about, arrays = read_arrays(file, "directory")
            if (about.get("run"), about.get("number")) != (digest(self.run), number):
                raise ResultFileError("directory", str(file), "an undamaged state of this run")
        except FileVersionError:
            raise
        except ResultFileError as error:
            hint = f"move it and the lines of log.jsonl from step {number} on away: they are redone"
            expected = "an undamaged state of this run"
            raise DamagedFileError("directory", str(file), expected, hint) from error
        return rebuilt(about, arrays, file, potential, "directory")

    def keep(self, name: str, value: Any) -> None:
        """Keep a value under a name, once."""
        file = self.folder / f"{name}.npz"
        if not file.exists():
            save(file, value, {"kind": f"{name} of a run ({self.kind})", **self._facts()})

    def kept(self, name: str, potential: Potential | None = None) -> Any:
        """The value under a name; None where there is none."""
        file = self.folder / f"{name}.npz"
        return load(file, potential, "directory") if file.exists() else None

    def setup(self, potential: Potential | None = None) -> Facts:
        """What the run works on (DamagedFileError: lost, or no step was finished)."""
        found: Facts | None = self.kept("setup", potential)
        if found is None or not self.lines:
            expected = "setup.npz and at least one step in log.jsonl"
            hint = "the call that made the folder, once more: it goes on where it was"
            raise DamagedFileError("directory", str(self.folder), expected, hint)
        return found

    def close(self, end: Facts) -> None:
        """Note how the run ended."""
        write_json(self.folder / "end.json", sealed(end))

    @property
    def end(self) -> Facts | None:
        """How the run ended; None while it has not."""
        file, hint = self.folder / "end.json", "the same call again, without this file"
        try:
            return read_sealed(file, hint) if file.exists() else None
        except DamagedFileError as error:
            raise DamagedFileError("directory", str(file), "an undamaged file", hint) from error

    def _facts(self) -> Facts:
        known = {name: self.run[name] for name in FACTS if name in self.run}
        return {**known, "patch_number": self.run.get("patch_number"), "run": digest(self.run)}

    def _state_file(self, number: int) -> Path:
        return self.folder / f"{number:04d}.npz"

    def _require_same(self, kind: str, run: Facts) -> None:
        """Raise InputError naming what differs from the run of the folder."""
        found, wanted = {"kind": self.kind, **self.run}, {"kind": kind, **run}
        differ = [k for k in {**wanted, **found} if found.get(k) != wanted.get(k)]
        if "version" in differ:
            raise _other_version(self.folder, f"a run of qcmethod {found.get('version')}")
        if differ:
            pairs = "; ".join(f"{k} {found.get(k)!r}, not {wanted.get(k)!r}" for k in differ)
            expected = f"the folder of this {kind}; that run has {pairs}"
            raise InputError("directory", str(self.folder), expected, "another directory=")


def _remove(files: list[Path]) -> None:
    for file in files:
        file.unlink(missing_ok=True)


def _other_version(folder: Path, what: str) -> FileVersionError:
    given = f"{folder}, {what}"
    expected = f"a run of qcmethod {__version__}, format {FORMAT}"
    return FileVersionError("directory", given, expected, "that version, or another directory=")
