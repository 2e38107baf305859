"""The frame of a picture of a core; what is in it: `kinds`, `nye`, `differential`.

One panel looks along the line: x to the right, y up, one circle for each column.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from qcmethod.analysis.structure.resolved import Zone
from qcmethod.base.arguments import number
from qcmethod.base.types import Array, Bools
from qcmethod.plot.panels import spacing
from qcmethod.plot.scene import what_was_solved

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import EllipseCollection

PANEL = (6.0, 5.2)
"""Inches of a picture of one panel."""

WIDEST = 25.0
"""Largest half-width that is chosen, A."""


class Panel(Protocol):
    """What is drawn: the atoms, and how."""

    @property
    def zone(self) -> Zone:
        """The atoms."""

    def draw(self, axis: Axes, inside: Bools) -> None:
        """Fill an axis; inside (m,) are the atoms in its frame."""


def fill_panel(axis: Axes, panel: Panel, width: float | None) -> None:
    """Draw a panel, its frame and its caption into an axis (InputError: width)."""
    half = half_width(panel.zone, width)
    x, y = middle(panel.zone, half)
    panel.draw(axis, (np.abs(panel.zone.y[:, :2] - (x, y)) <= half).all(axis=1))
    axis.set(xlim=(x - half, x + half), ylim=(y - half, y + half), aspect="equal")
    axis.set(xlabel="x (\N{ANGSTROM SIGN})", ylabel="y (\N{ANGSTROM SIGN})")
    axis.set_title(what_was_solved(panel.zone.solution.system), fontsize=9)


def half_width(zone: Zone, width: float | None) -> float:
    """Half-width of a picture, A (InputError: width)."""
    if width is None:
        return min(1.03 * float(np.abs(zone.y[:, :2] - _amid(zone)).max()), WIDEST)
    return number("width", width, "a positive half-width in A", above=0.0)


def middle(zone: Zone, half: float) -> Array:
    """Centre (2,) of a picture, A: the line or tip; below a surface that of the atoms.

    Where these do not fit into the half-width, A, the picture hangs from the surface.
    """
    x, y = _amid(zone)
    if zone.solution.system.problem.ends:
        y = max(y, float(zone.y[:, 1].max()) + zone.lattice.neighbour - half)
    return np.array([x, y])


def _amid(zone: Zone) -> Array:
    """The origin (2,), or below a surface the middle of the atoms, A."""
    if not zone.solution.system.problem.ends:
        return np.zeros(2)
    y = zone.y[:, :2]
    return np.array([0.0, 0.5 * (y[:, 1].min() + y[:, 1].max())])


def circles(
    axis: Axes, zone: Zone, at: Array, size: float = 0.92, **style: Any
) -> EllipseCollection:
    """Circles at positions (n, 3), `size` times as wide as the closest columns are apart."""
    from matplotlib.collections import EllipseCollection

    width = np.full(len(at), size * spacing(zone.solution.system))
    drawn = EllipseCollection(
        width,
        width,
        np.zeros(len(at)),
        units="xy",
        offsets=at[:, :2],
        offset_transform=axis.transData,
        **style,
    )
    axis.add_collection(drawn)
    return drawn
