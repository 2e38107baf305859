"""Rows of a scorecard: one file in `rows` adds one; what it measures, and with what error.

    ROWS.add_named(Row("lattice", "lattice constant and cohesive energy", measure, order=1.0))

A row is a function of a `Subject`, a potential in a structure, that returns numbers, each with an
error or a bracket and a word for how that was got, and curves for the picture. It uses only what
every potential can, and is one case of a sweep: it fails, and is kept, by itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

from qcmethod.base.registry import Name, Registry
from qcmethod.base.types import Facts
from qcmethod.crystal.crystal import Crystal
from qcmethod.errors import QCError
from qcmethod.io.declared import require_declared
from qcmethod.lattice.miller import Miller, cross, lowest
from qcmethod.potentials.can import Can
from qcmethod.potentials.contract import Potential

LEVELS = ("quick", "full")
"""Seconds a row; minutes a row."""


@dataclass(frozen=True)
class Number:
    """One number of a card.

    Attributes
    ----------
    name, unit : "C11", "GPa"
    value : of this potential
    error : half width about the value, None where `low` and `high` say it
    low, high : a bracket
    how : where error or bracket comes from, in a word or two
    says : what the number means, in a word: "brittle"
    published : of the same potential, from its card
    """

    name: str
    value: float
    unit: str = ""
    error: float | None = None
    low: float | None = None
    high: float | None = None
    how: str = ""
    says: str = ""
    published: float | None = None

    @classmethod
    def of(cls, values: Facts) -> Number:
        """The inverse of `asdict` (TypeError)."""
        require_declared(cls, values)
        return cls(**values)


@dataclass(frozen=True)
class Curve:
    """A line of the picture: which panel, its points (n,) and the names of the axes; `ticks` are
    places on x with names."""

    panel: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    xlabel: str
    ylabel: str
    ticks: tuple[tuple[float, str], ...] = ()

    @classmethod
    def of(cls, values: Facts) -> Curve:
        """The inverse of `asdict` after JSON (TypeError)."""
        lists = {name: tuple(values[name]) for name in ("x", "y")}
        ticks = tuple((float(at), str(name)) for at, name in values["ticks"])
        parts = {**values, **lists, "ticks": ticks}
        require_declared(cls, parts)
        return cls(**parts)


@dataclass(frozen=True)
class Found:
    """What a row found."""

    numbers: tuple[Number, ...]
    curves: tuple[Curve, ...] = ()

    def record(self) -> Facts:
        """For JSON (QCError where a number is none)."""
        for number in self.numbers:
            if not math.isfinite(number.value):
                raise QCError(f"{number.name}: {number.value}, expected a finite number")
        return {
            "numbers": [asdict(number) for number in self.numbers],
            "curves": [asdict(curve) for curve in self.curves],
        }


@dataclass(frozen=True, eq=False)
class Subject:
    """A potential in a structure; `directory`: a folder for ramps, where there is one."""

    potential: Potential
    structure: str
    directory: Path | None = None

    @cached_property
    def crystal(self) -> Crystal:
        """The crystal at rest, its axes along the edges of the cube."""
        made: Crystal = getattr(Crystal, self.structure)(self.potential)
        return made

    def turned(self, plane: Miller, front: Miller) -> Crystal:
        """The same with y normal to a plane, z along a direction in it, and x = y cross z."""
        build = getattr(Crystal, self.structure)
        x, a = lowest(cross(plane, front)), self.crystal.lattice_constant
        made: Crystal = build(self.potential, x, plane, front, a=a)
        return made

    def folder(self, name: str) -> Path | None:
        """A folder for one of several ramps of a row, where there is one."""
        if self.directory is None:
            return None
        self.directory.mkdir(exist_ok=True)
        return self.directory / name

    def published(self, name: str) -> float | None:
        """A value of the potential's card."""
        return self.potential.reference.get(name)

    @property
    def method(self) -> Name:
        """The coupling of cracks and dislocations: of energies where the potential has them."""
        return Name("bgfc" if Can.SITE_ENERGY in self.potential.can else "bqcf")


@dataclass(frozen=True)
class Row:
    """A family of numbers.

    Attributes
    ----------
    name : for `only=`
    about : in words
    measure : what finds them
    structures : in which it makes sense
    level : "quick" or "full"
    order : place on the card
    """

    name: str
    about: str
    measure: Callable[[Subject], Found]
    structures: tuple[str, ...] = ("bcc", "fcc")
    level: str = "quick"
    order: float = 0.0


ROWS: Registry[Row] = Registry("row", "qcmethod.studies.scorecard.rows", Row)


def listed(structure: str, level: str) -> tuple[Row, ...]:
    """The rows of a structure up to a level, in their order."""
    most = LEVELS.index(level)
    found = [r for r in ROWS.values() if structure in r.structures]
    return tuple(sorted((r for r in found if LEVELS.index(r.level) <= most), key=_place))


def _place(row: Row) -> float:
    return row.order
