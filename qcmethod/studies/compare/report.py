"""What a study found: a row a case, and the study as a value that prints, draws and is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from qcmethod.errors import InputError
from qcmethod.studies.compare.case import Case


@dataclass(frozen=True)
class Row:
    """The numbers of one case; None where there is none, all of them where it failed.

    Attributes
    ----------
    case : method, core, blend, extent, options
    reason : why it failed, None if it did not
    repatoms, dof : nodes that carry the displacement, free components of displacement
    error : energy norm of the error, relative (`studies.compare.measure`)
    absolute : the same, not divided, A^(dim/2)
    gradient, displacement : largest error of the displacement gradient, and of the displacement
        (A), about the defect
    energy, energy_error : comparable energy and its error, eV per period (`analysis.corrector`)
    iterations, evaluations, products : Newton steps, force evaluations, Jacobian products
    seconds, cpu_seconds : wall time of the solver, and processor time of its thread, which other
        cases side by side do not stretch
    setup_seconds : wall time of mesh, weights and frozen forces before it
    fmax : largest residual force, eV/A
    ghost_strained, ghost_predictor : worst ghost force on perfect, strained crystal
        (`System.patch_number`), and at the predictor of the problem, eV/A
    stability : inf <E''v, v>/<K v, v> of an energy method (`studies.compare.stability`)
    twin_stability : of a force method, that of its conservative twin at the solution
    """

    case: Case
    reason: str | None = None
    repatoms: int | None = None
    dof: int | None = None
    error: float | None = None
    absolute: float | None = None
    gradient: float | None = None
    displacement: float | None = None
    energy: float | None = None
    energy_error: float | None = None
    iterations: int | None = None
    evaluations: int | None = None
    products: int | None = None
    seconds: float | None = None
    cpu_seconds: float | None = None
    setup_seconds: float | None = None
    fmax: float | None = None
    ghost_strained: float | None = None
    ghost_predictor: float | None = None
    stability: float | None = None
    twin_stability: float | None = None

    @property
    def failed(self) -> bool:
        """Whether there is a reason instead of numbers."""
        return self.reason is not None

    def as_dict(self) -> dict[str, Any]:
        """For JSON; floats survive exactly."""
        return {**vars(self), "case": self.case.as_dict()}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Row:
        """The inverse of `as_dict`; TypeError or KeyError for anything else."""
        return cls(**{**values, "case": Case(**values["case"])})


NUMBERS = tuple(f.name for f in fields(Row) if f.name not in ("case", "reason"))


@dataclass(frozen=True, repr=False)
class Study:
    """Methods side by side on one problem; print it for the table.

    Attributes
    ----------
    about : what was studied: problem, potential, loads, extent, fmax, near, ...
    reference : what the errors refer to: method, core, blend, extent, energy, nodes, seconds
    rows : one `Row` a finished case, in the order of the cases
    missing : cases that were not run because the study was interrupted
    """

    about: dict[str, Any]
    reference: dict[str, Any]
    rows: tuple[Row, ...]
    missing: tuple[Case, ...] = ()

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

    def curve(self, label: str, x: str = "repatoms", y: str = "error") -> tuple[Any, Any]:
        """Two columns (n,), (n,) of one curve in the order of its repatoms, where both are > 0.

        Raises InputError for a column that is none of `NUMBERS`.
        """
        for name in (x, y):
            if name not in NUMBERS:
                raise InputError("x, y", name, f"columns out of {', '.join(NUMBERS)}")
        rows = [row for row in self.rows if row.case.label == label and not row.failed]
        rows.sort(key=lambda row: row.repatoms or 0)
        pairs = [(getattr(row, x), getattr(row, y)) for row in rows]
        kept = [(a, b) for a, b in pairs if a and b and a > 0 and b > 0]
        array = np.array(kept, dtype=np.float64).reshape(-1, 2)
        return array[:, 0], array[:, 1]

    def rate(self, label: str, x: str = "repatoms", y: str = "error") -> float | None:
        """Slope of log y against log x, fitted to the larger half or, if that is more, to the last
        three points; None where there is one point or none.
        """
        a, b = self.curve(label, x, y)
        largest = max(3, (len(a) + 1) // 2)
        a, b = a[-largest:], b[-largest:]
        if len(a) < 2 or a.max() == a.min():
            return None
        return float(np.polyfit(np.log(a), np.log(b), 1)[0])

    def table(self) -> str:
        """One aligned table in plain text."""
        from qcmethod.studies.compare.table import render

        return render(self)

    def plot(
        self, path: str | Path, *, y: str = "error", x: Sequence[str] = ("repatoms", "seconds")
    ) -> Path:
        """Draw column `y` against the columns `x`, log-log with fitted rates.

        `path` is a `.png`, `.pdf` or `.svg`. Raises InputError (suffix, folder, column, nothing to
        draw).
        """
        from qcmethod.plot.compare import draw

        return draw(self, path, y, tuple(x))

    def write(self, path: str | Path) -> Path:
        """Write everything as `.json` (`Study.read` gets it back) or the rows as `.csv`."""
        from qcmethod.studies.compare.files import write

        return write(self, path)

    @classmethod
    def read(cls, path: str | Path) -> Study:
        """A study from a `.json` file or from a study directory, finished or not.

        Raises InputError when it is missing, damaged or something else.
        """
        from qcmethod.studies.compare.files import read

        return read(path)
