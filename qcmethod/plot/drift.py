"""A picture of undamped runs: the ledger L - L(0) above, the kinetic energy below, over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qcmethod.analysis.conservation.drift import Drift
from qcmethod.plot.pictures import draws, fills
from qcmethod.plot.sheet import sheet
from qcmethod.plot.styles import styles

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@draws(Drift)
def draw(first: Drift, *others: Drift) -> Figure:
    """A run, and others with it."""
    figure = sheet((6.4, 5.2))
    upper, lower = figure.subplots(2, 1, sharex=True)
    fill(first, upper, *others)
    upper.set_xlabel("")
    colours = styles(run.method for run in (first, *others))
    for run in (first, *others):
        colour = colours[run.method][0]
        lower.plot(1e-3 * run.time, 1e3 * run.kinetic, color=colour, lw=0.9, label=run.method)
    lower.set_ylabel("kinetic energy $T$ (meV)")
    lower.set_xlabel("time (ps)")
    lower.legend(frameon=False, fontsize=9)
    figure.suptitle("Undamped runs: the energy that the coupling adds or takes", fontsize=11)
    return figure


@fills(Drift)
def fill(first: Drift, axis: Axes, *others: Drift) -> None:
    """The ledger over time."""
    colours = styles(run.method for run in (first, *others))
    for run in (first, *others):
        label = f"{run.method}: T + {run.ledger}"
        colour = colours[run.method][0]
        axis.plot(1e-3 * run.time, 1e3 * run.total, color=colour, linewidth=1.3, label=label)
    axis.axhline(0.0, color="0.6", linewidth=0.6, zorder=0)
    axis.set(xlabel="time (ps)", ylabel="$L - L(0)$ (meV)")
    axis.legend(frameon=False, fontsize=9)
