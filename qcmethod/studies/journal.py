"""The directory of a run: it can be killed at any moment and goes on where it was.

    run.json      what is being done: written once; another run's folder is refused
    setup.npz     what it works on, so that the folder can be read without the script
    run.toml      the same call as a file, for people and for `qcmethod resume`
    log.jsonl     a line a step, with a digest
    0007.npz      the state of step 7
    end.json      why the run ended, if it has, and after how many steps
    lock/         while a process works here: which (`base.lock`); a second one is refused

The state of a step is written before its line, each file beside its place and then moved there:
whatever is missing from the log is done again, from the same numbers. Nothing that a later run
reads depends on the time or on the process that wrote it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qcmethod.base.digest import digest
from qcmethod.base.files import path_of, read_sealed, sealed, write_json
from qcmethod.base.lock import Lock, leaving, taken
from qcmethod.base.types import Facts
from qcmethod.base.whole import clear, writing
from qcmethod.errors import (
    DamagedFileError,
    FileVersionError,
    ResultFileError,
    WriteError,
)
from qcmethod.io.container import foreign, read_arrays
from qcmethod.io.lines import read_lines, write_lines
from qcmethod.io.record import load, rebuilt, save
from qcmethod.io.sound import require_tables
from qcmethod.potentials.contract import Potential
from qcmethod.studies.begin import is_run, read_run, require_place, require_same, write_run

FACTS = ("version", "problem", "potential", "potential_digest", "method", "core", "blend", "mesh")
NAMED = ("problem", "potential", "method")
"""Facts that every run names, and its pictures and tables show."""
LOG, END = "log.jsonl", "end.json"


@dataclass
class Journal:
    """A run on disk: `run` says what makes it this one, `lines` is its log."""

    folder: Path
    kind: str
    run: Facts
    lines: list[Facts] = field(default_factory=list)
    lock: Lock | None = None

    @classmethod
    def claim(cls, folder: str | Path, kind: str, run: Facts) -> Journal:
        """Make the folder of a run, or go on in it.

        Raises InputError, naming what differs, when it holds another run or other files, and
        DamagedFileError for files that were changed.
        """
        path, run = path_of("directory", folder, "a folder"), json.loads(json.dumps(run))
        with writing(path, "nothing was begun"):
            require_place(path, kind)
            if is_run(path):  # another run's is refused whoever works there
                require_same(path, read_run(path), (kind, run))
            else:
                path.mkdir(exist_ok=True)
        found = cls(path, kind, run, lock=taken(path))
        with leaving(found):
            found._begin()
        return found

    def _begin(self) -> None:
        """Begin, or go on, in a folder in which nobody else works."""
        require_place(self.folder, self.kind)  # another one may have begun here meanwhile
        if self.lock is not None:
            clear(self.folder)
        if is_run(self.folder):
            require_same(self.folder, read_run(self.folder), (self.kind, self.run))
            self.lines = read_lines(self.folder / LOG, "directory")
        else:
            write_run(self.folder, self.kind, self.run)

    @classmethod
    def open(cls, folder: str | Path) -> Journal:
        """The run of an existing folder, to read (ResultFileError, DamagedFileError,
        FileVersionError); whoever works there goes on."""
        path = Path(folder)
        return cls(path, *read_run(path), read_lines(path / LOG, "directory"))

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *error: object) -> None:
        if self.lock is not None:
            self.lock.give_back()

    def add(self, line: Facts, state: Any) -> None:
        """Keep the state of a step (unless it is None), then its line."""
        number = len(self.lines)
        if state is not None:
            about = {"kind": f"state of a run ({self.kind})", "number": number, **self._facts()}
            self._write(save, self._state_file(number), state, about)
        self._write(write_lines, self.folder / LOG, [*self.lines, line])
        self.lines.append(line)

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
            about = {"kind": f"{name} of a run ({self.kind})", **self._facts()}
            self._write(save, file, value, about)

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
        with foreign(self.folder / "setup.npz", "directory"):
            require_tables(found.get("made"))
        return found

    def close(self, end: Facts) -> None:
        """Note how the run ended."""
        end = sealed({**end, "steps": len(self.lines)})
        self._write(write_json, self.folder / END, end)

    @property
    def end(self) -> Facts | None:
        """How the run ended; None while it has not (DamagedFileError: steps are missing)."""
        file, hint = self.folder / END, "the same call again, without this file"
        if not file.exists():
            return None
        try:
            end = read_sealed(file, hint)
        except DamagedFileError as error:
            raise DamagedFileError("directory", str(file), "an undamaged file", hint) from error
        here, steps = len(self.lines), end.get("steps", len(self.lines))
        if steps != here:
            log = str(self.folder / LOG)
            expected = f"an undamaged log of {steps} lines, as {END} says (it has {here})"
            hint = f"the same call again, without {END}: it does the missing steps again"
            raise DamagedFileError("directory", log, expected, hint)
        return end

    def _facts(self) -> Facts:
        known = {name: self.run[name] for name in FACTS if name in self.run}
        return {**known, "patch_number": self.run.get("patch_number"), "run": digest(self.run)}

    def _state_file(self, number: int) -> Path:
        return self.folder / f"{number:04d}.npz"

    def _write(self, write: Callable[..., object], file: Path, *what: object) -> None:
        """Write a file while the folder is this process's (FolderInUseError, WriteError)."""
        if self.lock is not None:
            self.lock.require()
        try:
            write(file, *what)
        except WriteError as error:
            complete = f"the {self.kind} is complete up to step {len(self.lines) - 1}"
            complete = complete if self.lines else "no step was finished"
            hint = f"{error.hint}; the same call goes on from there"
            raise WriteError(str(file), error.cause, complete, hint) from error
