"""A scorecard: a value that prints, draws, is written and is read."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from qcmethod.base.arguments import nearest
from qcmethod.base.door import door
from qcmethod.base.files import path_of, read_sealed
from qcmethod.base.result import Result
from qcmethod.base.types import Facts
from qcmethod.errors import InputError
from qcmethod.io.declared import require_declared
from qcmethod.studies.scorecard.page import page
from qcmethod.studies.scorecard.row import Curve, Number
from qcmethod.studies.scorecard.table import Line, lines, render

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FORMAT = "qcmethod scorecard 1"
HINT = "a .json file of Scorecard.write"


@dataclass(frozen=True)
class Entry:
    """One row of one potential.

    Attributes
    ----------
    potential, row : names
    numbers, curves : what it found; none where it failed
    reason : why it failed, None if it did not
    seconds : wall time
    """

    potential: str
    row: str
    numbers: tuple[Number, ...] = ()
    curves: tuple[Curve, ...] = ()
    reason: str | None = None
    seconds: float = 0.0

    @property
    def failed(self) -> bool:
        """Whether there is a reason instead of numbers."""
        return self.reason is not None

    @classmethod
    def made(
        cls, potential: str, row: str, found: Facts, reason: str | None, seconds: float
    ) -> Entry:
        """From what a row recorded (`Found.record`), which is empty where it failed."""
        numbers = tuple(Number.of(one) for one in found.get("numbers", ()))
        curves = tuple(Curve.of(one) for one in found.get("curves", ()))
        entry = cls(potential, row, numbers, curves, reason, seconds)
        require_declared(cls, vars(entry))
        return entry


@door
@dataclass(frozen=True, repr=False)
class Scorecard(Result):
    """Numbers of potentials for fracture and plasticity; print it for the table.

    Attributes
    ----------
    structure, level : what was asked
    version : of the package
    potentials : their names, in the order of the columns
    entries : one `Entry` a row and potential
    """

    structure: str
    level: str
    version: str
    potentials: tuple[str, ...]
    entries: tuple[Entry, ...]
    sealed: ClassVar[bool] = True

    def __repr__(self) -> str:
        failed = f", {len(self.failed)} failed" if self.failed else ""
        what = f"{self.structure}, {self.level}: {', '.join(self.potentials)}"
        return f"Scorecard({what}; {len(self.lines)} numbers{failed})"

    def __str__(self) -> str:
        return self.table()

    @property
    def failed(self) -> tuple[Entry, ...]:
        """Entries with a reason instead of numbers."""
        return tuple(entry for entry in self.entries if entry.failed)

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines of the table: a name, and the number of each potential that has it."""
        return lines(self)

    @door
    def number(self, name: str, potential: str | None = None) -> Number:
        """A number by its name, of a potential (default: the first one) (InputError)."""
        of = self.potentials[0] if potential is None else potential
        if of not in self.potentials:
            raise InputError("potential", of, f"one of {', '.join(self.potentials)}")
        known = {n.name: n for e in self.entries if e.potential == of for n in e.numbers}
        if name not in known:
            raise InputError("name", name, f"one of {', '.join(known)}", nearest(name, known))
        return known[name]

    @door
    def table(self) -> str:
        """One aligned table in plain text; what failed below it."""
        return render(self)

    @door
    def page(self) -> str:
        """The table and the picture as one HTML text that needs no other file."""
        return page(self)

    @door
    def columns(self) -> dict[str, list[Any]]:
        """All numbers, one a line, for the `.csv` file."""
        flat = [(entry, one) for entry in self.entries for one in entry.numbers]
        found: dict[str, list[Any]] = {
            "potential": [entry.potential for entry, _ in flat],
            "row": [entry.row for entry, _ in flat],
        }
        return found | {
            name: [getattr(one, name) for _, one in flat] for name in Number.__dataclass_fields__
        }

    @door
    def plot(
        self, path: str | Path | None = None, dpi: int = 150, *, ax: Axes | None = None
    ) -> Any:
        """Draw the numbers and curves in panels: a file, an axis or a figure (`Drawn`)."""
        return super().plot(path, ax=ax, dpi=dpi)

    @door
    def record(self) -> dict[str, object]:
        """Everything, for the `.json` file; floats survive exactly."""
        return {
            "format": FORMAT,
            "structure": self.structure,
            "level": self.level,
            "version": self.version,
            "potentials": list(self.potentials),
            "entries": [asdict(entry) for entry in self.entries],
        }

    @classmethod
    @door
    def read(cls, path: str | Path) -> Scorecard:
        """A card from its `.json` file (InputError: missing, damaged or something else)."""
        source = path_of("path", path, "a scorecard", HINT)
        values = read_sealed(source, HINT)
        try:
            if values["format"] != FORMAT:
                raise InputError("path", str(path), f"a file of format {FORMAT!r}", HINT)
            names = ("potential", "row", "reason", "seconds")
            entries = tuple(
                Entry.made(found=one, **{name: one[name] for name in names})
                for one in values["entries"]
            )
            about = {name: values[name] for name in ("structure", "level", "version")}
            card = cls(potentials=tuple(values["potentials"]), entries=entries, **about)
            require_declared(cls, vars(card))
            return card
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            if isinstance(error, InputError):
                raise
            raise InputError("path", str(path), "a scorecard", HINT) from error
