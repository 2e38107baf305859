"""A picture of a continuation: the load over the position of the tip, the energy over the load."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from qcmethod.base.types import Array
from qcmethod.plot.pictures import draws, fills
from qcmethod.plot.sheet import sheet
from qcmethod.problems.load import LOADS
from qcmethod.studies.arc.result import ArcResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STABLE, UNSTABLE, FOLD = "#2166ac", "#b2182b", "#1a1a1a"
MARK = {"upper": "v", "lower": "^"}


@draws(ArcResult)
def draw(result: ArcResult) -> Figure:
    """The load over the tip, the energy over the load; see `ArcResult.plot`."""
    energies = [p.energy for p in result.points if p.energy is not None]
    n = 2 if energies else 1
    figure = sheet((4.6 * n, 4.2))
    axes = figure.subplots(1, n, squeeze=False)[0]
    fill(result, axes[0])
    if energies:
        draw_curve(axes[1], result, result.K, flattened(result.K, np.array(energies)))
        axes[1].set(xlabel=_load(result), ylabel="excess energy, less a parabola (eV)")
    run = result.run
    figure.suptitle(f"{run['problem']}, {run['potential']}, {run['method']}", fontsize=11)
    return figure


@fills(ArcResult)
def fill(result: ArcResult, axis: Axes) -> None:
    """The load over the tip."""
    draw_curve(axis, result, result.tip, result.K)
    axis.set(xlabel="tip (\N{ANGSTROM SIGN})", ylabel=_load(result))
    axis.legend(frameon=False, fontsize=8, loc="upper left")


def _load(result: ArcResult) -> str:
    load = LOADS[result.run["mode"]]
    return f"${load.symbol}$ ({load.latex})"


def draw_curve(axis: Axes, result: ArcResult, x: Array, y: Array) -> None:
    """A curve x, y (n,) over the points of a result: unstable pieces are dashed."""
    points = result.points
    labels = {True: "stable", False: "unstable"}
    first = 0
    kinds = [all(p.stable for p in pair if not p.fold) for pair in pairwise(points)]
    for at, kind in enumerate(kinds):
        if at + 1 < len(kinds) and kinds[at + 1] == kind:
            continue
        piece = slice(first, at + 2)
        style = "-" if kind else "--"
        colour = STABLE if kind else UNSTABLE
        axis.plot(x[piece], y[piece], style, color=colour, lw=1.6, label=labels.pop(kind, None))
        first = at + 1
    for name, marker in MARK.items():
        on = [p.number for p in points if p.fold == name]
        if on:
            axis.plot(x[on], y[on], marker, color=FOLD, ms=5, ls="", label=f"{name} fold")
    axis.spines[["top", "right"]].set_visible(False)


def flattened(K: Array, energy: Array) -> Array:
    """Energies (n,) less the parabola in the load that fits them best, eV."""
    if len(K) < 4:
        return energy - energy.min(initial=np.inf)
    fit = np.polynomial.Polynomial.fit(K, energy, 2)
    rest: Array = energy - fit(K)
    return rest
