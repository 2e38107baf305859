"""A scorecard as panels: its curves, its surfaces and cracks as points; potentials by colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qcmethod.errors import InputError
from qcmethod.plot.pictures import draws, fills
from qcmethod.plot.sheet import sheet
from qcmethod.studies.scorecard.card import Scorecard
from qcmethod.studies.scorecard.table import Line

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

POINTS = {"surfaces": ("surfaces", "J/m^2"), "brittle": ("cracks", "MPa sqrt(m)")}
POINTS["event"] = POINTS["brittle"]
"""Panel and unit of the numbers that are drawn as points, by the first word of their row."""
WIDTH, HEIGHT, COLUMNS = 5.0, 3.6, 2
"""Inches of a panel, and how many stand side by side."""


@draws(Scorecard)
def panels(card: Scorecard) -> Figure:
    """All panels, two side by side (InputError: nothing to draw)."""
    names = _panels(card)
    rows = -(-len(names) // COLUMNS)
    figure = sheet((WIDTH * min(COLUMNS, len(names)), HEIGHT * rows))
    axes = figure.subplots(rows, min(COLUMNS, len(names)), squeeze=False).ravel()
    for axis, name in zip(axes, names, strict=False):
        _panel(card, axis, name)
    for axis in axes[len(names) :]:
        axis.set_axis_off()
    return figure


@fills(Scorecard)
def fill(card: Scorecard, axis: Axes) -> None:
    """The first panel."""
    _panel(card, axis, _panels(card)[0])


def _panels(card: Scorecard) -> list[str]:
    """The names of the panels, cracks first (InputError)."""
    points = [_kind(line)[0] for line in _points(card)]
    curves = [curve.panel for entry in card.entries for curve in entry.curves]
    found = sorted(dict.fromkeys(points)) + list(dict.fromkeys(curves))
    if not found:
        raise InputError("scorecard", repr(card), "a card with curves, surfaces or cracks")
    return found


def _points(card: Scorecard) -> list[Line]:
    found = [line for line in card.lines if _kind(line)[1] == line.unit]
    return [line for line in found if not line.name.endswith(", cut")]


def _kind(line: Line) -> tuple[str, str]:
    return POINTS.get(line.row.partition(" ")[0], ("", "none"))


def _panel(card: Scorecard, axis: Axes, name: str) -> None:
    axis.set_title(name, fontsize=10)
    points = [line for line in _points(card) if _kind(line)[0] == name]
    if points:
        _fill_points(card, axis, points)
    else:
        _fill_curves(card, axis, name)
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(frameon=False, fontsize=7)


def _fill_curves(card: Scorecard, axis: Axes, name: str) -> None:
    """The curves of a panel; one line in the legend a potential."""
    for number, potential in enumerate(card.potentials):
        of = [e for e in card.entries if e.potential == potential]
        curves = [curve for entry in of for curve in entry.curves if curve.panel == name]
        for first, curve in enumerate(curves):
            label = potential if first == 0 else None
            axis.plot(curve.x, curve.y, color=f"C{number}", lw=1.2, label=label)
            axis.set(xlabel=curve.xlabel, ylabel=curve.ylabel)
            if curve.ticks and number == 0:
                at, names = zip(*curve.ticks, strict=True)
                axis.set_xticks(at, names)


def _fill_points(card: Scorecard, axis: Axes, points: list[Line]) -> None:
    """Numbers one below the other, with their brackets."""
    for number, potential in enumerate(card.potentials):
        shift = 0.12 * (number - 0.5 * (len(card.potentials) - 1))
        for row, line in enumerate(points):
            one = line.numbers[number]
            if one is None:
                continue
            low = one.value - (one.error or 0.0) if one.low is None else one.low
            high = one.value + (one.error or 0.0) if one.high is None else one.high
            axis.plot([low, high], [row + shift] * 2, color=f"C{number}", lw=1.0)
            label = potential if row == 0 else None
            axis.plot(one.value, row + shift, "o", ms=4, color=f"C{number}", label=label)
    axis.set_yticks(range(len(points)), [line.name for line in points], fontsize=7)
    axis.invert_yaxis()
    axis.set_xlabel(points[0].unit)
