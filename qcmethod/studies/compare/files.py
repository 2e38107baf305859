"""Studies as files: `.json` holds everything and is read back, `.csv` holds the rows."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from typing import Any

from qcmethod.base.files import checked, read_sealed, sealed, whole
from qcmethod.errors import FileVersionError, InputError
from qcmethod.studies.compare.case import Case
from qcmethod.studies.compare.report import NUMBERS, Row, Study

FORMAT = "qcmethod study 1"
_LENGTHS = ("label", "method", "core", "blend", "extent")


def write(study: Study, path: str | Path) -> Path:
    """Write a study; InputError for another suffix or a missing folder, before anything else."""
    target = checked(path, [".csv", ".json"])
    with whole(target) as partial:
        if target.suffix.lower() == ".json":
            dump(partial, sealed(as_dict(study)))
        else:
            _write_csv(partial, study)
    return target


def read(path: str | Path) -> Study:
    """See `Study.read`."""
    hint = "a .json file of Study.write, or a study directory"
    if not isinstance(path, str | os.PathLike):
        raise InputError("path", path, "the name of a study", hint)
    source = Path(path)
    if source.is_dir():
        from qcmethod.studies.compare.store import Store

        return Store.open(source).study()
    try:
        values = read_sealed(source, hint)
        if values["format"] != FORMAT:
            raise FileVersionError("path", str(path), f"a file of format {FORMAT!r}", hint)
        return Study(
            values["about"],
            values["reference"],
            tuple(Row.from_dict(row) for row in values["rows"]),
            tuple(Case(**case) for case in values["missing"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError("path", str(path), "a study", hint) from error


def as_dict(study: Study) -> dict[str, Any]:
    """Everything, for JSON."""
    return {
        "format": FORMAT,
        "about": study.about,
        "reference": study.reference,
        "rows": [row.as_dict() for row in study.rows],
        "missing": [case.as_dict() for case in study.missing],
    }


def dump(path: Path, values: Any) -> None:
    """Write JSON that a person can read; a nan in it is a mistake (ValueError)."""
    path.write_text(json.dumps(values, indent=1, allow_nan=False) + "\n")


def _write_csv(path: Path, study: Study) -> None:
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow([*_LENGTHS, "options", *NUMBERS, "reason"])
        for row in study.rows:
            case = row.case.as_dict()
            options = json.dumps(case["options"], sort_keys=True)
            numbers = [getattr(row, name) for name in NUMBERS]
            table.writerow([*(case[k] for k in _LENGTHS), options, *numbers, row.reason])
