"""What a study found: a value that prints, draws, is written and is read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypedDict

import numpy as np

from qcmethod.base.amounts import listed
from qcmethod.base.arguments import nearest
from qcmethod.base.door import door
from qcmethod.base.files import path_of, read_sealed
from qcmethod.base.result import Result
from qcmethod.base.told import Reproducible
from qcmethod.base.toml import Tables
from qcmethod.base.types import Facts
from qcmethod.errors import FileVersionError, InputError
from qcmethod.io.declared import require_declared
from qcmethod.studies.compare.case import Case
from qcmethod.studies.compare.row import NUMBERS, Row
from qcmethod.studies.compare.store import FORMAT, Store
from qcmethod.studies.compare.table import render
from qcmethod.studies.recipe import kept_recipe

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LENGTHS = ("label", "method", "core", "blend", "extent")
"""What a table says of a case."""
HINT = "a .json file of Study.write, or a study directory"


@door
@dataclass(frozen=True, repr=False)
class Study(Result, Reproducible):
    """Methods side by side on one problem; print it for the table.

    Attributes
    ----------
    about : what was studied: problem, potential, loads, extent, fmax, near, ...
    reference : what the errors refer to: method, core, blend, extent, energy, nodes, seconds
    rows : one `Row` a finished case, in the order of the cases
    missing : cases that were not run because the study was interrupted
    made : the call, for `recipe()`; not known of a `.json` file
    """

    about: Facts = field(hash=False)
    reference: Facts = field(hash=False)
    rows: tuple[Row, ...]
    missing: tuple[Case, ...] = ()
    made: Tables | None = field(default=None, compare=False)
    sealed: ClassVar[bool] = True

    def __repr__(self) -> str:
        done = f"{len(self.rows)} cases, {len(self.failed)} failed, {len(self.missing)} missing"
        return f"Study({self.about.get('problem')}, {', '.join(self.labels)}: {done})"

    def __str__(self) -> str:
        return self.table()

    @property
    def labels(self) -> tuple[str, ...]:
        """The curves, in the order given."""
        return tuple(dict.fromkeys(row.case.label for row in self.rows))

    @property
    def failed(self) -> tuple[Row, ...]:
        """Rows with a reason instead of numbers."""
        return tuple(row for row in self.rows if row.failed)

    @door
    def curve(self, label: str, x: str = "repatoms", y: str = "error") -> tuple[Any, Any]:
        """Two columns (n,), (n,) of one curve in the order of its repatoms, where both are > 0.

        Raises InputError for a label of no curve, and a column that is none of `NUMBERS`.
        """
        if not isinstance(label, str):
            raise InputError("label", label, f"the name of a curve: {', '.join(self.labels)}")
        for name in (x, y):
            if not (isinstance(name, str) and name in NUMBERS):
                expected = f"columns out of {', '.join(NUMBERS)}"
                raise InputError("x, y", name, expected, nearest(name, NUMBERS))
        rows = [row for row in self.rows if row.case.label == label and not row.failed]
        rows.sort(key=lambda row: row.repatoms or 0)
        pairs = [(getattr(row, x), getattr(row, y)) for row in rows]
        kept = [(a, b) for a, b in pairs if a and b and a > 0 and b > 0]
        array = np.array(kept, dtype=np.float64).reshape(-1, 2)
        return array[:, 0], array[:, 1]

    @door
    def rate(self, label: str, x: str = "repatoms", y: str = "error") -> float | None:
        """Slope of log y against log x, fitted to the larger half or, if that is more, to the last
        three points; None where there is one point or none. Raises what `curve` does.
        """
        a, b = self.curve(label, x, y)
        largest = max(3, (len(a) + 1) // 2)
        a, b = a[-largest:], b[-largest:]
        if len(a) < 2 or a.max() == a.min():
            return None
        return float(np.polyfit(np.log(a), np.log(b), 1)[0])

    @door
    def table(self) -> str:
        """One aligned table in plain text."""
        return render(self)

    @door
    def plot(
        self,
        path: str | Path | None = None,
        *,
        y: str = "error",
        x: Sequence[str] = ("repatoms", "seconds"),
        ax: Axes | None = None,
        dpi: int = 200,
    ) -> Any:
        """Draw column `y` against the columns `x`, log-log with fitted rates.

        `path` is a `.png`, `.pdf` or `.svg`; None returns the Matplotlib figure. `ax` takes the
        panel of the first of `x`. Raises InputError (suffix, folder, column, nothing to draw).
        """
        columns = tuple(listed("x", x, "names of columns", '["repatoms"]'))
        return super().plot(path, y, columns, ax=ax, dpi=dpi)

    @door
    def write(self, path: str | Path) -> Path:
        """Write everything as `.json` (`Study.read` gets it back) or the rows as `.csv`."""
        return super().write(path)

    @door
    def record(self) -> dict[str, object]:
        """Everything, for the `.json` file; floats survive exactly."""
        return {
            "format": FORMAT,
            "about": self.about,
            "reference": self.reference,
            "rows": [row.record() for row in self.rows],
            "missing": [case.record() for case in self.missing],
        }

    @door
    def columns(self) -> dict[str, list[Any]]:
        """The rows as columns, for the `.csv` file; the options of a case as JSON."""
        cases = [row.case.record() for row in self.rows]
        options = [json.dumps(case["options"], sort_keys=True) for case in cases]
        return {
            **{name: [case[name] for case in cases] for name in LENGTHS},
            "options": options,
            **{name: [getattr(row, name) for row in self.rows] for name in NUMBERS},
            "reason": [row.reason for row in self.rows],
        }

    @classmethod
    @door
    def of(cls, store: Store) -> Study:
        """What is finished in a study directory; InputError when not even the reference is."""
        reference = store.reference()
        if reference is None:
            hint = "the same call of compare, which computes it"
            raise InputError("directory", str(store.folder), "a study that has its reference", hint)
        found = [(case, store.row(case)) for case in store.cases]
        return cls(
            store.definition["about"],
            reference.record(),
            tuple(row for _, row in found if row is not None),
            tuple(case for case, row in found if row is None),
            kept_recipe(store.folder),
        )

    @classmethod
    @door
    def read(cls, path: str | Path) -> Study:
        """A study from a `.json` file or from a study directory, finished or not.

        Raises InputError when it is missing, damaged or something else.
        """
        source = path_of("path", path, "a study", HINT)
        if source.is_dir():
            return cls.of(Store.open(source))
        try:
            values = read_sealed(source, HINT)
            if values["format"] != FORMAT:
                raise FileVersionError("path", str(path), f"a file of format {FORMAT!r}", HINT)
            rows = tuple(Row.of(row) for row in values["rows"])
            missing = tuple(Case.of(case) for case in values["missing"])
            require_declared(About, values["about"])
            require_declared(Referred, values["reference"])
            return cls(values["about"], values["reference"], rows, missing)
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            if isinstance(error, InputError):
                raise
            raise InputError("path", str(path), "a study", HINT) from error


class About(TypedDict):
    """What the table of a study says of its problem."""

    problem: str
    crystal: str
    potential: str
    loads: dict[str, float]
    fmax: float
    near: float
    within: float | None
    singular: bool


class Referred(TypedDict):
    """And of its reference."""

    method: str
    core: float
    blend: float
    extent: float
    repatoms: int
    energy: float | None
