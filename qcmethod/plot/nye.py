"""A component of the Nye tensor, on the atoms where they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from qcmethod.analysis.structure.nye import NyeTensor
from qcmethod.analysis.structure.resolved import Zone
from qcmethod.base.types import Bools
from qcmethod.plot.pictures import fills
from qcmethod.plot.structure import PANEL, circles, fill_panel

if TYPE_CHECKING:
    from matplotlib.axes import Axes


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

    def draw(self, axis: Axes, inside: Bools) -> None:
        """A scale that is symmetric about zero."""
        value = self.found.component(self.component)
        top = max(float(np.abs(value).max()), 1e-6)
        style: dict[str, Any] = {"cmap": "RdBu_r", "linewidths": 0.3, "edgecolors": "0.4"}
        drawn = circles(axis, self.zone, self.zone.y, array=value, clim=(-top, top), **style)
        symbol = rf"Nye tensor $\alpha_{{{self.component}}}$ (1/$\mathrm{{\AA}}$)"
        axis.figure.colorbar(drawn, ax=axis, shrink=0.85, label=symbol)


@fills(NyeTensor, PANEL)
def fill(found: NyeTensor, axis: Axes, component: str = "zx", width: float | None = None) -> None:
    """Fill an axis."""
    fill_panel(axis, Density(found, component), width)
