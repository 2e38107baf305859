"""The sheet of a picture: the figure, its file, whole or none, and ticks of logarithmic axes."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from qcmethod.base.whole import whole

if TYPE_CHECKING:
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

NARROW = 50.0
"""A logarithmic axis that spans less than this factor has labels within a decade, too."""


def sheet(size: tuple[float, float]) -> Figure:
    """An empty figure, inches, that a notebook shows, whichever backend it has."""
    figure: Figure = _shown()(figsize=size, layout="constrained")
    return figure


@cache
def _shown() -> type[Figure]:
    from matplotlib.figure import Figure

    class Sheet(Figure):
        """A figure that shows itself as a picture."""

        def _repr_png_(self) -> bytes:
            file = BytesIO()
            self.savefig(file, format="png", dpi=100)
            return file.getvalue()

    return Sheet


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
