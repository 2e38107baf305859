"""The log of a ramp on disk: it can be killed at any moment and goes on where it was.

    run.json       what is being done: written once; another run's folder is refused
    log.jsonl      a line a trial
    0007.npz       the corrector u (n_k, 3) that trial 7 arrived at, A

The state of a trial is written before its line, each file beside its place and then moved there:
whatever is missing from the log is done again, from the same numbers.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from qcmethod.errors import InputError
from qcmethod.files import whole
from qcmethod.loading.plan import Trial

Array = NDArray[np.float64]


class Store:
    """Trials and states of one ramp, in memory and, with a directory, on disk."""

    def __init__(self, directory: str | Path | None, run: dict[str, Any]) -> None:
        self.run: dict[str, Any] = json.loads(json.dumps(run))
        self.trials: list[Trial] = []
        self._states: dict[int, Array] = {}
        self.folder: Path | None = None if directory is None else Path(directory)
        if self.folder is not None:
            self._open(self.folder)

    def add(self, trial: Trial, u: Array | None) -> None:
        """Keep a trial and the state it arrived at."""
        if u is not None:
            self._states[trial.number] = u
            if self.folder is not None:
                with whole(self._state_file(trial.number)) as partial:
                    np.savez(partial, u=u)
        self.trials.append(trial)
        if self.folder is not None:
            with whole(self.folder / "log.jsonl") as partial:
                partial.write_text("".join(json.dumps(asdict(t)) + "\n" for t in self.trials))

    def state(self, number: int) -> Array:
        """The corrector (n_k, 3) that a trial arrived at (InputError where there is none)."""
        if number not in self._states:
            if self.folder is None:
                raise InputError("number", number, "a trial that arrived at a state")
            self._states[number] = self._read_state(self._state_file(number))
        return self._states[number]

    def _open(self, folder: Path) -> None:
        file = folder / "run.json"
        if not file.exists():
            if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
                raise InputError("directory", str(folder), "an empty folder, or that of this ramp")
            if not folder.parent.is_dir():
                hint = f"Path({str(folder.parent)!r}).mkdir(parents=True)"
                raise InputError("directory", str(folder), "a folder in one that exists", hint)
            folder.mkdir(exist_ok=True)
            with whole(file) as partial:
                partial.write_text(json.dumps(self.run, indent=1) + "\n")
            return
        self._require_same(file)
        log = folder / "log.jsonl"
        if log.exists():
            try:
                self.trials = [Trial(**json.loads(line)) for line in log.read_text().splitlines()]
            except (ValueError, TypeError) as error:
                raise InputError("directory", str(log), "an undamaged log") from error

    def _require_same(self, file: Path) -> None:
        """Raise InputError naming what differs from the run of the folder."""
        try:
            found = json.loads(file.read_text())
            differ = [k for k in {**self.run, **found} if found.get(k) != self.run.get(k)]
        except (ValueError, TypeError, AttributeError) as error:
            raise InputError("directory", str(file), "an undamaged run.json") from error
        if differ:
            pairs = "; ".join(f"{k} {found.get(k)!r}, not {self.run.get(k)!r}" for k in differ)
            expected = f"the folder of this ramp; that run has {pairs}"
            raise InputError("directory", str(file.parent), expected, "another directory=")

    def _state_file(self, number: int) -> Path:
        assert self.folder is not None
        return self.folder / f"{number:04d}.npz"

    def _read_state(self, file: Path) -> Array:
        try:
            with np.load(file) as content:
                u: Array = content["u"]
        except (OSError, KeyError, ValueError, EOFError, BadZipFile) as error:
            raise InputError("directory", str(file), "an undamaged state of this ramp") from error
        return u
