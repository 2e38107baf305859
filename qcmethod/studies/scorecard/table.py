"""A card as an aligned table of plain text: a line a number, two columns a potential.

quantity          unit   W-Zhou-2004              published   error from
lattice constant  A      3.16484946 +- 3e-12      3.164849    pressure left
K_e (110)[1-10]   ...    2.606 [2.606, 2.606]                 with and without step
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qcmethod.base.table import aligned

if TYPE_CHECKING:
    from qcmethod.studies.scorecard.card import Entry, Scorecard
    from qcmethod.studies.scorecard.row import Number

MOST, LEAST = 7, 4
"""Digits of a value."""


@dataclass(frozen=True)
class Line:
    """A name and a unit, the row it is of, and the number of each potential (None: it has none)."""

    name: str
    unit: str
    row: str
    numbers: tuple[Number | None, ...]

    @property
    def how(self) -> str:
        """Where the error comes from."""
        return next((one.how for one in self.numbers if one is not None), "")


def lines(card: Scorecard) -> tuple[Line, ...]:
    """One line a name, in the order of the rows and of their numbers."""
    rows = list(dict.fromkeys(entry.row for entry in card.entries))
    found = []
    for row in rows:
        of = {entry.potential: entry for entry in card.entries if entry.row == row}
        names = dict.fromkeys((n.name, n.unit) for entry in of.values() for n in entry.numbers)
        for name, unit in names:
            numbers = tuple(_named(of.get(one), name) for one in card.potentials)
            found.append(Line(name, unit, row, numbers))
    return tuple(found)


def _named(entry: Entry | None, name: str) -> Number | None:
    numbers = () if entry is None else entry.numbers
    return next((one for one in numbers if one.name == name), None)


def head(card: Scorecard) -> list[str]:
    """The names of the columns."""
    columns = [cell for name in card.potentials for cell in (name, "published")]
    return ["quantity", "unit", *columns, "error from"]


def cells(line: Line) -> list[str]:
    """A line as texts."""
    found = [line.name, line.unit]
    for one in line.numbers:
        found += ["-", ""] if one is None else [text(one), published(one)]
    return [*found, line.how]


def render(card: Scorecard) -> str:
    """The card as text."""
    table = [head(card), *map(cells, card.lines)]
    empty = {c for c in range(len(table[0])) if not any(line[c] for line in table[1:])}
    table = [[cell for c, cell in enumerate(line) if c not in empty] for line in table]
    shown = aligned(table, left=range(len(table[0]))) if len(table) > 1 else []
    return "\n".join([title(card), *shown, *reasons(card)])


def title(card: Scorecard) -> str:
    """What was asked, in a line."""
    return f"scorecard of {card.structure}, {card.level}: {', '.join(card.potentials)}"


def reasons(card: Scorecard) -> list[str]:
    """What failed, a line each."""
    return [f"failed: {e.potential}, {e.row}: {e.reason}" for e in card.failed]


def text(one: Number) -> str:
    """Value, error or bracket, and what they say."""
    half = one.error
    if half is None and one.low is not None and one.high is not None:
        half = max(one.high - one.value, one.value - one.low)
    n = _digits(one.value, half)
    shown = f"{one.value:.{n}g}"
    if one.error is not None:
        form = ".0e" if 0.0 < one.error < 1e-3 else ".2g"
        shown += f" +- {one.error:{form}}"
    elif one.low is not None and one.high is not None:
        shown += f" [{one.low:.{n}g}, {one.high:.{n}g}]"
    return f"{shown} {one.says}".rstrip()


def published(one: Number) -> str:
    """The published value, empty where there is none."""
    return "" if one.published is None else f"{one.published:.{MOST}g}"


def _digits(value: float, half: float | None) -> int:
    """Digits down to one behind the first of the error, few or many as they may be."""
    if not (half and value):
        return MOST
    wanted = math.floor(math.log10(abs(value))) - math.floor(math.log10(half)) + 2
    return min(MOST, max(LEAST, wanted))
