"""The trials of a ramp and the states they arrived at, in memory or in the folder of a run.

On disk a trial is a line of the log and a file with its corrector (`studies.run`); states are
read when they are asked for.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from qcmethod.base.stored import stored
from qcmethod.base.types import Array
from qcmethod.errors import DamagedFileError, InputError
from qcmethod.io import codec
from qcmethod.io.lines import damaged, first_wrong
from qcmethod.studies.ramp.plan import Trial
from qcmethod.studies.run import Journal


@stored
class Store:
    """Trials and states of one ramp, in memory and, with a directory, on disk."""

    def __init__(self, directory: str | Path | None, run: dict[str, Any]) -> None:
        self.run: dict[str, Any] = json.loads(json.dumps(run))
        self.trials: list[Trial] = []
        self._states: dict[int, Array] = {}
        self.journal: Journal | None = None
        if directory is not None:
            self._use(Journal.claim(directory, "ramp", run))

    @classmethod
    def of(cls, journal: Journal) -> Store:
        """The trials of a run on disk."""
        store = cls(None, journal.run)
        store._use(journal)
        return store

    @property
    def folder(self) -> Path | None:
        """Where the run is kept, if it is on disk."""
        return None if self.journal is None else self.journal.folder

    def keep_setup(self, setup: dict[str, Any]) -> None:
        """Keep what the run works on, so that its folder can be read without the script."""
        if self.journal is not None:
            self.journal.keep("setup", setup)

    def add(self, trial: Trial, u: Array | None) -> None:
        """Keep a trial and the state it arrived at."""
        if u is not None:
            self._states[trial.number] = u
        self.trials.append(trial)
        if self.journal is not None:
            self.journal.add(asdict(trial), None if u is None else {"u": u})

    def state(self, number: int) -> Array:
        """The corrector (n_k, 3) that a trial arrived at (InputError where there is none)."""
        if number not in self._states:
            if self.journal is None:
                raise InputError("number", number, "a trial that arrived at a state")
            self._states[number] = self.journal.state(number)["u"]
        return self._states[number]

    def _use(self, journal: Journal) -> None:
        self.journal = journal
        try:
            self.trials = [Trial(**line) for line in journal.lines]
            if [trial.number for trial in self.trials] != list(range(len(self.trials))):
                raise ValueError("a line is missing")
        except (TypeError, ValueError) as error:
            log, expected = journal.folder / "log.jsonl", "an undamaged log of a ramp"
            raise damaged(log, "directory", expected, first_wrong(journal.lines)) from error


def _parts(store: Store) -> dict[str, Any]:
    states = {}
    for trial in store.trials:
        try:
            states[str(trial.number)] = store.state(trial.number)
        except DamagedFileError:
            raise
        except InputError:  # it arrived nowhere
            continue
    return {"run": store.run, "trials": store.trials, "states": states}


def _build(parts: dict[str, Any]) -> Store:
    store = Store(None, parts["run"])
    store.trials = parts["trials"]
    store._states = {int(number): u for number, u in parts["states"].items()}
    return store


codec.register(Store, _parts, _build)
