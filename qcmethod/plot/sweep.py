"""A column of a sweep against another one: a curve for each combination of the other arguments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from qcmethod.base.arguments import is_number, nearest
from qcmethod.errors import InputError
from qcmethod.plot.pictures import fills
from qcmethod.studies.sweep.report import Sweep

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 12
"""Curves that have a line in the legend."""


@fills(Sweep, size=(6.0, 4.2))
def fill(sweep: Sweep, axis: Axes, y: str | None, x: str | None) -> None:
    """The curves; cases without a number, and those that failed, are left out."""
    columns = sweep.columns()
    varying = [name for name in sweep.arguments if len({str(v) for v in columns[name]}) > 1]
    x = _column("x", x, columns, varying)
    y = _column("y", y, columns, [name for name in columns if name not in sweep.arguments])
    others = [name for name in varying if name not in (x, y)]
    curves: dict[str, list[tuple[float, float]]] = {}
    for row in range(len(sweep.rows)):
        at, value = columns[x][row], columns[y][row]
        if is_number(at) and is_number(value):
            label = ", ".join(f"{name} {columns[name][row]}" for name in others)
            curves.setdefault(label, []).append((float(at), float(value)))
    for label, points in curves.items():
        axis.plot(*zip(*sorted(points), strict=True), "o-", markersize=4.0, label=label)
    if 1 < len(curves) <= MOST:
        axis.legend(frameon=False, fontsize=8)
    axis.set(xlabel=x, ylabel=y)


def _column(
    name: str, given: str | None, columns: dict[str, list[Any]], likely: Sequence[str]
) -> str:
    """A column with numbers: the one that was asked for, or the first likely one (InputError)."""
    numeric = [key for key, column in columns.items() if any(map(is_number, column))]
    if given is not None and given not in numeric:
        expected = f"a column of numbers: {', '.join(numeric)}"
        raise InputError(name, given, expected, nearest(given, numeric))
    found = given or next((key for key in likely if key in numeric), None)
    if found is None:
        raise InputError(name, None, "a column of numbers: this sweep has none that varies")
    return found
