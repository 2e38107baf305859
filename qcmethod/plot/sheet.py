"""The sheet of a picture: its file, whole or none, and the ticks of its logarithmic axes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qcmethod.base.whole import whole

if TYPE_CHECKING:
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

NARROW = 50.0
"""A logarithmic axis that spans less than this factor has labels within a decade, too."""


def saved(figure: Figure, target: Path, dpi: int = 200) -> Path:
    """Write a figure to a file that is complete or absent; its path."""
    with whole(target) as partial:
        figure.savefig(partial, dpi=dpi)
    return target


def few_ticks(axis: Axis, low: float, high: float) -> None:
    """Labels at 1, 2 and 5 of each decade where an axis from `low` to `high` is narrow, none at
    minor ticks."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    if high < NARROW * low:
        axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())
