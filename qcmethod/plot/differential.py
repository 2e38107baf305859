"""Differential displacements: arrows between the columns of the perfect crystal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from qcmethod.analysis.structure.differential import DifferentialDisplacement
from qcmethod.analysis.structure.resolved import Zone
from qcmethod.base.arguments import number
from qcmethod.base.types import Bools
from qcmethod.plot.pictures import fills
from qcmethod.plot.structure import PANEL, circles, fill_panel

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Arrows:
    """Arrows between the columns of the perfect crystal, which are shaded by their height."""

    found: DifferentialDisplacement
    scale: float

    @property
    def zone(self) -> Zone:
        """The atoms."""
        return self.found.zone

    def draw(self, axis: Axes, inside: Bools) -> None:
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
        text = f"{found.component} component; an arrow that joins two columns:"
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


@fills(DifferentialDisplacement, PANEL)
def fill(
    found: DifferentialDisplacement, axis: Axes, width: float | None = None, scale: float = 1.0
) -> None:
    """Fill an axis."""
    scale = number("scale", scale, "a positive factor", "1", above=0.0)
    fill_panel(axis, Arrows(found, scale), width)
