"""A study directory: what is finished stays finished.

    study.json            what defines the study, and its digest
    reference.npz         the reference
    cases/LABEL-DIGEST.json   one finished case each, with the digest of the study and its own
    lock/                 while a process works here: which (`base.lock`); a second one is refused

Every file is written whole (`base.files.whole`). A case file that is damaged, or belongs to
another study, is not believed: the case is computed again.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from qcmethod.base.digest import digest
from qcmethod.base.files import as_json, path_of
from qcmethod.base.lock import Lock, foreign, leaving, taken
from qcmethod.base.types import Facts
from qcmethod.base.whole import clear, whole, writing
from qcmethod.errors import InputError
from qcmethod.studies.compare.case import Case
from qcmethod.studies.compare.reference import Reference
from qcmethod.studies.compare.row import Row
from qcmethod.studies.recipe import RECIPE

FORMAT = "qcmethod study 1"
SAME = 1e-6
"""A reference given again may differ by this from the stored one, A."""


@dataclass(frozen=True, eq=False)
class Store:
    """A study directory; `definition` is everything that defines the study, as JSON has it."""

    folder: Path
    definition: Facts
    lock: Lock | None = None

    @classmethod
    def claim(cls, folder: str | Path, definition: Facts) -> Store:
        """Make the directory, or go on in it, until the end of the `with` block that works in it.

        Raises InputError, naming what differs, when it holds another study, or other files;
        FolderInUseError when another process works there.
        """
        path = path_of("directory", folder, "a directory")
        store = cls(path, json.loads(json.dumps(definition)))
        store._require_place()
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError("directory", str(folder), "one that can be made") from error
        store = replace(store, lock=taken(path))
        with leaving(store):
            store._begin()
        return store

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *error: object) -> None:
        if self.lock is not None:
            self.lock.give_back()

    def _require_place(self) -> None:
        """Raise InputError where this study can neither begin nor go on."""
        folder = self.folder
        if (folder / "study.json").exists():
            found, wanted = self.open(folder).definition, self.definition
            differs = [k for k, v in wanted.items() if digest(found.get(k)) != digest(v)]
            if differs:
                what = ", ".join(_difference(k, found.get(k), wanted[k]) for k in differs)
                expected = f"a directory of this study; that one differs in {what}"
                raise InputError("directory", str(folder), expected, "another directory")
        elif folder.exists() and (
            not folder.is_dir() or foreign(folder, "cases", "study.json", RECIPE)
        ):
            raise InputError("directory", str(folder), "a new or empty directory, or a study's")

    def _begin(self) -> None:
        """Begin, or go on, in a directory in which nobody else works."""
        self._require_place()  # another one may have begun here meanwhile
        if self.lock is not None:
            with writing(self._cases, "what is in the directory is unchanged"):
                self._cases.mkdir(exist_ok=True)
                clear(self.folder)
                clear(self._cases)
        if not (self.folder / "study.json").exists():
            self._write("study.json", {"format": FORMAT, "definition": self.definition})

    @classmethod
    def open(cls, folder: str | Path) -> Store:
        """An existing study directory; InputError when it is none."""
        path = Path(folder)
        try:
            values = json.loads((path / "study.json").read_text())
            if values["format"] != FORMAT:
                raise KeyError(values["format"])
            definition = values["definition"]
            [Case.of(case) for case in definition["cases"]]
            return cls(path, definition)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError("directory", str(folder), "a study directory (study.json)") from error

    @property
    def cases(self) -> tuple[Case, ...]:
        """All cases of the study."""
        return tuple(Case.of(case) for case in self.definition["cases"])

    def reference(self) -> Reference | None:
        """The stored reference, None when there is none or its file is damaged."""
        try:
            return Reference.read(self.folder / "reference.npz")
        except InputError:
            return None

    def keep_reference(self, reference: Reference) -> None:
        """Store the reference; InputError when the study was begun with another one."""
        known = self.reference()
        if known is None:
            reference.write(self.folder / "reference.npz")
        elif known.v.shape != reference.v.shape or np.abs(known.v - reference.v).max() > SAME:
            given = f"{reference.method}, {len(reference.v)} nodes"
            expected = f"the one that {self.folder} was begun with ({known.method}, "
            expected += f"{len(known.v)} nodes, no displacement more than {SAME:g} A from it)"
            raise InputError("reference", given, expected, "another directory")

    def keep(self, row: Row) -> None:
        """Store one finished case."""
        values = row.record()
        values = {"study": digest(self.definition), "row": values, "check": _check(values)}
        self._write(f"cases/{self._name(row.case)}", values)

    def row(self, case: Case) -> Row | None:
        """A finished case; None when it is not there, damaged or of another study."""
        try:
            values = json.loads((self._cases / self._name(case)).read_text())
            known = values["study"] == digest(self.definition)
            if known and values["check"] == _check(values["row"]):
                return replace(Row.of(values["row"]), case=case)
        except (OSError, ValueError, KeyError, TypeError):
            pass
        return None

    def rows(self) -> list[Row]:
        """All finished cases."""
        found = [self.row(case) for case in self.cases]
        return [row for row in found if row is not None]

    @property
    def _cases(self) -> Path:
        return self.folder / "cases"

    def _name(self, case: Case) -> str:
        label = re.sub(r"[^A-Za-z0-9]+", "-", case.label).strip("-") or "case"
        return f"{label}-{digest(case.record())}.json"

    def _write(self, name: str, values: Facts) -> None:
        if self.lock is not None:
            self.lock.require()
        with whole(self.folder / name) as partial:
            partial.write_text(as_json(values))


def _difference(name: str, found: Any, wanted: Any) -> str:
    """What differs, in words."""
    if name == "about" and isinstance(found, dict):
        keys = [k for k, v in wanted.items() if digest(found.get(k)) != digest(v)]
        return ", ".join(f"{k} ({found.get(k)}, not {wanted[k]})" for k in keys)
    if name == "cases":
        return f"cases ({len(found)}, not these {len(wanted)})"
    return f"{name} ({found}, not {wanted})"


def _check(values: object) -> str:
    """A digest of every digit."""
    return digest(json.dumps(values, sort_keys=True))
