"""The cases of a folder: each a file, written by the worker that computed it.

    cases/KEY.json    what became of a case, with the digest of the file
    cases/KEY.npz     the result itself, where the function returned one that is kept whole
    runs/KEY/         a folder of the case's own, for a function that takes `directory`

What a worker has finished is on disk before anybody else hears of it: neither the death of the
process that gave out the cases nor that of a scheduler loses it, and a worker that is given a case
once more finds it there. A file that is damaged is not believed: the case is computed again.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qcmethod.base.files import read_sealed, sealed, write_json
from qcmethod.errors import InputError
from qcmethod.io.formats import formats_of
from qcmethod.studies.begin import is_run
from qcmethod.studies.sweep.cases import key_of
from qcmethod.studies.sweep.outcome import Outcome

CASES, RUNS, WHOLE = "cases", "runs", ".npz"


@dataclass(frozen=True)
class Place:
    """The folder of a sweep, as workers see it: they hold no lock, their files are their own."""

    folder: Path

    @property
    def cases(self) -> Path:
        """Where the cases are."""
        return self.folder / CASES

    @property
    def here(self) -> bool:
        """Whether this machine sees the folder."""
        return is_run(self.folder) and self.cases.is_dir()

    def own(self, key: str) -> Path:
        """The folder of one case, in one that exists."""
        (self.folder / RUNS).mkdir(exist_ok=True)
        return self.folder / RUNS / key

    def outcome(self, key: str) -> Outcome | None:
        """What became of a case; None where it is not there, or damaged."""
        try:
            found = Outcome.of(read_sealed(self._file(key, ".json"), ""))
        except (InputError, TypeError):
            return None
        return found if key_of(found.case) == key else None

    def keep(self, outcome: Outcome, found: Any = None) -> None:
        """Keep a finished case; first its result, if that is whole (WriteError)."""
        key = key_of(outcome.case)
        if found is not None:
            found.write(self._file(key, WHOLE))
        write_json(self._file(key, ".json"), sealed(outcome.record()))

    def result(self, key: str) -> Path | None:
        """The file of a result that is kept whole."""
        file = self._file(key, WHOLE)
        return file if file.exists() else None

    def _file(self, key: str, suffix: str) -> Path:
        return self.cases / f"{key}{suffix}"


def is_whole(found: Any) -> bool:
    """Whether a result is kept as it is, and not by its numbers alone."""
    return WHOLE in formats_of(found)
