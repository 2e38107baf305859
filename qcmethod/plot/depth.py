"""Pictures of an indentation: the force over the depth, and the indenter on its surface."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qcmethod.problems.load import at_load
from qcmethod.studies.ramp.result import RampResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOUR = "#1b7837"
EVENT = "#b2182b"
ABOVE = 0.25
"""Part of the panel that shows the indenter above the surface."""


def curve(axis: Axes, result: RampResult) -> None:
    """Force over depth at the states that followed the load; events are bands."""
    unit = result.follower.system.problem.watch.force_unit
    # an event whose state after is an equilibrium is the first point of the next branch
    axis.plot(result.load, result.force, "o-", color=COLOUR, ms=3.5, lw=1.0)
    for found in result.events:
        axis.axvspan(*sorted((found.before, found.after)), color=EVENT, alpha=0.3, lw=0)
        axis.axvline(found.load, color=EVENT, lw=0.8, label=found.kind)
    axis.set(xlabel="depth (\N{ANGSTROM SIGN})", ylabel=f"force ({unit})")
    if result.events:
        axis.legend(frameon=False, fontsize=8)
    axis.spines[["top", "right"]].set_visible(False)


def outline(axis: Axes, result: RampResult, depth: float, half: float) -> None:
    """The lower side of the indenter at a depth, A, in a panel of half width `half`, A."""
    x, top = np.linspace(-half, half, 801), 2.0 * ABOVE * half
    for one in at_load(result.follower.system.problem, **{result.follower.mode: depth}).external:
        y = one.profile(x)
        on = np.isfinite(y)
        axis.fill_between(x[on], np.minimum(y[on], top), top, color="0.85", lw=0, zorder=0)
        axis.plot(x[on], y[on], color="0.3", lw=1.0)
    axis.set(ylim=(top - 2.0 * half, top))
