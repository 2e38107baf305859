"""What pictures of a core show: atoms by kind, the Nye tensor, differential displacements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qcmethod.analysis.structure.common import KINDS, CommonNeighbours
from qcmethod.analysis.structure.differential import DifferentialDisplacement
from qcmethod.analysis.structure.nye import NyeTensor
from qcmethod.analysis.structure.resolved import Zone
from qcmethod.base.arguments import number
from qcmethod.plot.structure import circles

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

    def draw(self, axis: Any, inside: NDArray[np.bool_]) -> None:
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


@dataclass(frozen=True)
class Density:
    """A component of the Nye tensor on the atoms where they are."""

    found: NyeTensor
    component: str

    def __post_init__(self) -> None:
        self.found.component(self.component)

    @property
    def zone(self) -> Zone:
        """The atoms."""
        return self.found.zone

    def draw(self, axis: Any, inside: NDArray[np.bool_]) -> None:
        """A scale that is symmetric about zero."""
        value = self.found.component(self.component)
        top = max(float(np.abs(value).max()), 1e-6)
        style: dict[str, Any] = {"cmap": "RdBu_r", "linewidths": 0.3, "edgecolors": "0.4"}
        drawn = circles(axis, self.zone, self.zone.y, array=value, clim=(-top, top), **style)
        symbol = rf"Nye tensor $\alpha_{{{self.component}}}$ (1/$\mathrm{{\AA}}$)"
        axis.figure.colorbar(drawn, ax=axis, shrink=0.85, label=symbol)


@dataclass(frozen=True)
class Arrows:
    """Arrows between the columns of the perfect crystal, which are shaded by their height."""

    found: DifferentialDisplacement
    scale: float = 1.0

    def __post_init__(self) -> None:
        number("scale", self.scale, "a positive factor", "1", above=0.0)

    @property
    def zone(self) -> Zone:
        """The atoms."""
        return self.found.zone

    def draw(self, axis: Any, inside: NDArray[np.bool_]) -> None:
        """An arrow points to the column that has moved further along the direction."""
        found, x = self.found, self.zone.x
        start, step = x[found.i, :2], x[found.j, :2] - x[found.i, :2]
        share = found.value / found.full
        height = np.mod(x[:, 2] / self.zone.period + 1e-6, 1.0)
        style: dict[str, Any] = {
            "cmap": "Greys",
            "clim": (0.0, 1.2),
            "edgecolors": "0.2",
            "linewidths": 0.5,
        }
        circles(axis, self.zone, x, size=0.4, array=height, **style)
        seen = np.abs(share) * self.scale > 0.04
        arrow = (share[:, None] * self.scale * step)[seen]
        at = (start + 0.5 * step)[seen]
        how = {"angles": "xy", "scale_units": "xy", "scale": 1.0, "pivot": "mid"}
        head = {"headwidth": 4.5, "headlength": 4.5, "headaxislength": 4.0, "minlength": 0.0}
        thick = {"width": 0.28, "units": "xy", "color": "#b2182b", "zorder": 3}
        axis.quiver(*at.T, *arrow.T, **how, **head, **thick)
        text = f"{found.component} component; from column to column:"
        axis.text(
            0.02,
            0.98,
            f"{text} {found.full / self.scale:.3f} \N{ANGSTROM SIGN}\nshade: height along z",
            transform=axis.transAxes,
            va="top",
            fontsize=8,
            bbox={"facecolor": "white", "alpha": 0.85, "linewidth": 0.0, "pad": 2.0},
            zorder=4,
        )
