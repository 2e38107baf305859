"""What a sweep found: a value that prints, draws, is written and is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from qcmethod.base.arguments import nearest, whole_number
from qcmethod.base.door import door
from qcmethod.base.files import path_of, read_sealed
from qcmethod.base.result import Result
from qcmethod.base.types import Facts
from qcmethod.errors import InputError
from qcmethod.io.declared import require_declared
from qcmethod.io.record import load
from qcmethod.potentials.contract import Potential
from qcmethod.studies.journal import Journal
from qcmethod.studies.sweep.cases import as_said, key_of
from qcmethod.studies.sweep.outcome import Outcome
from qcmethod.studies.sweep.place import Place
from qcmethod.studies.sweep.table import render

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FORMAT = "qcmethod sweep 1"
LIST = "cases.json"
"""All cases of a folder."""
HINT = "a .json file of Sweep.write, or the directory= of a sweep"


@door
@dataclass(frozen=True, repr=False)
class Sweep(Result):
    """One function over many cases; print it for the table.

    Attributes
    ----------
    about : the function, the version of the package
    rows : one `Outcome` a finished case, in the order of the cases
    missing : cases that are not finished
    place : the folder of the cases, if there is one
    found : results that are kept whole in memory, by the number of their row
    """

    about: Facts = field(hash=False)
    rows: tuple[Outcome, ...]
    missing: tuple[Facts, ...] = field(default=(), hash=False)
    place: Place | None = field(default=None, compare=False)
    found: Mapping[int, Any] = field(default_factory=dict, compare=False)
    sealed: ClassVar[bool] = True

    def __repr__(self) -> str:
        done = f"{len(self.rows)} cases, {len(self.failed)} failed, {len(self.missing)} missing"
        return f"Sweep({self.about.get('function')}: {done})"

    def __str__(self) -> str:
        return self.table()

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """Rows with a reason instead of numbers; `trace` is their traceback."""
        return tuple(row for row in self.rows if row.failed)

    @property
    def arguments(self) -> tuple[str, ...]:
        """Names of the arguments of the cases."""
        return tuple(dict.fromkeys(name for row in self.rows for name in row.case))

    @property
    def values(self) -> tuple[str, ...]:
        """Names of what the function returned."""
        return tuple(dict.fromkeys(name for row in self.rows for name in row.values))

    @door
    def column(self, name: str) -> list[Any]:
        """One column, an entry a row: an argument, a value (None where a case failed), or
        "seconds", "cpu_seconds", "worker", "reason" (InputError)."""
        known = self.columns()
        if not (isinstance(name, str) and name in known):
            raise InputError("name", name, f"one of {', '.join(known)}", nearest(name, known))
        return known[name]

    @door
    def columns(self) -> dict[str, list[Any]]:
        """All columns by name, for the `.csv` file; a value that an argument has the name of gets
        a stroke behind it."""
        found = {k: [as_said(row.case.get(k)) for row in self.rows] for k in self.arguments}
        for name in self.values:
            column = [as_said(row.values.get(name)) for row in self.rows]
            found[f"{name}'" if name in found else name] = column
        for name in ("seconds", "cpu_seconds", "worker", "reason"):
            found.setdefault(name, [getattr(row, name) for row in self.rows])
        return found

    @door
    def table(self) -> str:
        """One aligned table in plain text; what failed, and what is missing, below it."""
        return render(self)

    @door
    def joined(self, *others: Sweep) -> Sweep:
        """One table of several sweeps of a function: the parts of an array of jobs. A case that is
        in several counts once, one that somebody has finished is not missing.

        Whole results stay with their sweeps. Raises InputError for another function or version.
        """
        parts = (self, *others)
        for other in others:
            if not isinstance(other, Sweep) or other.about != self.about:
                raise InputError("others", other, f"sweeps of {self.about['function']}, too")
        rows = {key_of(row.case): row for part in reversed(parts) for row in reversed(part.rows)}
        left = {key_of(case): case for part in parts for case in part.missing}
        missing = tuple(case for key, case in left.items() if key not in rows)
        return Sweep(self.about, tuple(reversed(rows.values())), missing)

    @door
    def result(self, number: int, potential: Potential | None = None) -> Any:
        """What the function returned for the case of row `number`, if it is kept whole.

        potential : for one whose class is not of this package; see `qcmethod.load`

        Raises InputError for a row that is none, one that failed, or that has numbers alone.
        """
        rows = range(len(self.rows))
        number = whole_number("number", number, f"a row, 0 to {len(rows) - 1}", most=len(rows) - 1)
        if number in self.found:
            return self.found[number]
        key = key_of(self.rows[number].case)
        file = None if self.place is None else self.place.result(key)
        if file is None:
            expected = "a row whose case returned a result that is kept whole: a Solution, a ramp"
            raise InputError("number", number, expected, "the numbers are in its values")
        return load(file, potential)

    @door
    def plot(
        self,
        path: str | Path | None = None,
        *,
        y: str | None = None,
        x: str | None = None,
        ax: Axes | None = None,
        dpi: int = 200,
    ) -> Any:
        """Draw a column of numbers against another one, a curve for each of the other arguments.

        `path` is a `.png`, `.pdf` or `.svg`; None returns the Matplotlib figure. By default `x` is
        the first argument that varies, `y` the first value. Raises InputError (suffix, folder,
        column, nothing to draw).
        """
        return super().plot(path, y, x, ax=ax, dpi=dpi)

    @door
    def write(self, path: str | Path) -> Path:
        """Write everything but whole results as `.json` (`Sweep.read`), or the table as `.csv`."""
        return super().write(path)

    @door
    def record(self) -> dict[str, object]:
        """Everything, for the `.json` file; floats survive exactly."""
        rows = [row.record() for row in self.rows]
        return {"format": FORMAT, "about": self.about, "rows": rows, "missing": list(self.missing)}

    @classmethod
    @door
    def of(cls, journal: Journal) -> Sweep:
        """What is finished in the folder of a sweep (DamagedFileError)."""
        place = Place(journal.folder)
        cases = read_sealed(journal.folder / LIST, HINT)["cases"]
        found = [(case, place.outcome(key_of(case))) for case in cases]
        rows = tuple(row for _, row in found if row is not None)
        return cls(journal.run, rows, tuple(case for case, row in found if row is None), place)

    @classmethod
    @door
    def read(cls, path: str | Path) -> Sweep:
        """A sweep from a `.json` file, or from its folder, finished or not.

        Raises InputError when it is missing, damaged or something else.
        """
        source = path_of("path", path, "a sweep", HINT)
        if source.is_dir():
            return cls.of(Journal.open(source))
        try:
            values = read_sealed(source, HINT)
            if values["format"] != FORMAT:
                raise InputError("path", str(path), f"a file of format {FORMAT!r}", HINT)
            rows = tuple(Outcome.of(row) for row in values["rows"])
            found = cls(values["about"], rows, tuple(values["missing"]))
            require_declared(cls, vars(found))
            return found
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            if isinstance(error, InputError):
                raise
            raise InputError("path", str(path), "a sweep", HINT) from error
