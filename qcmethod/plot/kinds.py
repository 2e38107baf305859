"""Atoms by their kind of neighbourhood, where they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qcmethod.analysis.structure.common import KINDS, CommonNeighbours
from qcmethod.analysis.structure.resolved import Zone
from qcmethod.base.types import Bools
from qcmethod.plot.atoms_in_space import draw_grouped
from qcmethod.plot.pictures import fills
from qcmethod.plot.structure import PANEL, circles, fill_panel

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = ("0.78", "#5aae61", "#d6404e", "#3f7fbf", "#e6b422")
"""Of the kinds in `KINDS`: grey, green, red, blue, yellow, as most viewers have them."""


@dataclass(frozen=True)
class Kinds:
    """Atoms where they are, coloured by kind; the legend counts those in the picture."""

    found: CommonNeighbours

    @property
    def zone(self) -> Zone:
        """The atoms."""
        return self.found.zone

    def draw(self, axis: Axes, inside: Bools) -> None:
        """One colour for each kind that occurs."""
        y = self.zone.y
        for kind, colour in zip(KINDS, COLOURS, strict=True):
            on = inside & self.found.of(kind)
            if on.any():
                circles(axis, self.zone, y[on], facecolors=colour, linewidths=0.3, edgecolors="0.2")
                size = {"marker": "o", "s": 36, "edgecolors": "0.2", "linewidths": 0.3}
                axis.scatter([], [], color=colour, label=f"{kind} ({int(on.sum())})", **size)
        if axis.collections:
            axis.legend(loc="upper right", fontsize=8, framealpha=0.9)


@fills(CommonNeighbours, PANEL)
def fill(found: CommonNeighbours, axis: Axes, width: float | None = None) -> None:
    """Fill an axis; in space with the atoms that are not as in the crystal."""
    if found.zone.lattice.dim < 3:
        fill_panel(axis, Kinds(found), width)
        return
    zone = found.zone
    draw_grouped(axis, zone.solution.system, zone.y, found.label, found.coordination)
