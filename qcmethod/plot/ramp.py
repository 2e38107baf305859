"""A picture of a ramp: the path of the load, the jumps of the bonds, and the atoms of an event."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qcmethod.base.arguments import whole_number
from qcmethod.base.types import Array
from qcmethod.errors import InputError
from qcmethod.plot import depth as depth_figure
from qcmethod.plot.pictures import draws, fills
from qcmethod.plot.sheet import sheet
from qcmethod.problems.load import LOADS
from qcmethod.studies.ramp.arguments import chosen
from qcmethod.studies.ramp.result import RampResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import PathCollection
    from matplotlib.figure import Figure

STYLE = {
    "accepted": ("o", "#1b7837", "#1b7837", "followed"),
    "cut": ("o", "white", "#b2182b", "jumped: back, half the step"),
    "event": ("X", "#b2182b", "#b2182b", "event"),
}


@draws(RampResult)
def draw(result: RampResult, event: int = 0) -> Figure:
    """The path of the load, the jumps of the bonds, the atoms of an event (InputError)."""
    _require_steps(result)
    if result.events:
        event = chosen("event", event, len(result.events), "an event")
    else:
        whole_number("event", event, "0: the ramp has no event", most=0)
    n = 3 if result.events else 2
    figure = sheet((4.2 * n, 4.2))
    axes = figure.subplots(1, n)
    fill(result, axes[0])
    _jumps(axes[1], result)
    if result.events:
        dots = draw_atoms(axes[2], result, event)
        figure.colorbar(
            dots, ax=axes[2], shrink=0.8, label="largest bond change (\N{ANGSTROM SIGN})"
        )
    run = result.store.run
    figure.suptitle(f"{run['problem']}, {run['potential']}, {run['method']}", fontsize=11)
    return figure


@fills(RampResult)
def fill(result: RampResult, axis: Axes, event: int = 0) -> None:
    """The path of the load; of an indentation the force over the depth."""
    _require_steps(result)
    curve = depth_figure.curve if LOADS[result.follower.mode].presses else _path
    curve(axis, result)


def _require_steps(result: RampResult) -> None:
    if not result.steps:
        raise InputError("result", repr(result), "a ramp with a state to draw")


def draw_atoms(
    axis: Axes, result: RampResult, event: int = 0, half: float | None = None
) -> PathCollection:
    """Resolved atoms after an event, coloured by how far they slipped; the slipped plane."""
    found = result.events[event]
    follower, before = result.follower, result.trials[result.trials[found.trial].start or 0]
    here = follower.positions(before.load, result.corrector(before.number))
    there = (
        here
        if found.change == 0.0
        else follower.positions(found.after, result.corrector(found.trial))
    )
    slipped = largest_change(result, here, there)
    system = follower.system
    shown = system.weights.w_l > 0.0
    if system.problem.crystal.lattice.is_space:  # seen along z: only what has slipped
        shown &= slipped > follower.threshold
    reach = min(system.partition.outer, system.problem.extent)
    half = 1.05 * min(reach, 60.0) if half is None else half
    size = (110.0 * follower.bonds.length / (2.0 * half)) ** 2  # of a panel 3.5 inches wide
    dots = axis.scatter(
        *there[shown, :2].T, c=slipped[shown], s=size, cmap="viridis", vmin=0.0, linewidths=0.0
    )
    if found.slip is not None:
        ends = np.array([found.slip.start, found.slip.end])
        axis.plot(*ends[:, :2].T, "--", color="#b2182b", lw=1.0, label="slipped plane")
        axis.legend(fontsize=8, framealpha=0.9, loc="upper right")
    axis.set(xlim=(-half, half), ylim=(-half, half), aspect="equal")
    if LOADS[found.mode].presses:
        depth_figure.outline(axis, result, found.after, half)
    axis.set(xlabel="x (\N{ANGSTROM SIGN})", ylabel="y (\N{ANGSTROM SIGN})")
    axis.set_title(_caption(result, event), fontsize=9)
    return dots


def largest_change(result: RampResult, here: Array, there: Array) -> Array:
    """Largest change of a bond at each site (n_l,) between two sets of positions, A."""
    bonds = result.follower.bonds
    d = np.linalg.norm(bonds.change(here, there), axis=1)
    largest = np.zeros(len(here))
    np.maximum.at(largest, bonds.i, d)
    np.maximum.at(largest, bonds.j, d)
    return largest


def _caption(result: RampResult, event: int) -> str:
    found = result.events[event]
    load = LOADS[found.mode]
    half = load.digits(0.5 * found.width)
    text = f"{found.kind}, {load.text(found.load)} \N{PLUS-MINUS SIGN} {half} {load.latex}"
    if found.slip is not None and found.slip.name and found.kind in ("emission", "twinning"):
        text += f"\n{found.slip.name} {found.slip.burgers} on {found.slip.plane}"
    return text


def _path(axis: Axes, result: RampResult) -> None:
    """Load over the number of the trial."""
    trials = result.trials
    line = [(t.number, t.load) for t in trials if t.outcome == "accepted"]
    axis.plot(*np.array(line).T, color="0.75", lw=1.0, zorder=1)
    for name, (marker, face, edge, label) in STYLE.items():
        points = [(t.number, t.load) for t in trials if t.outcome == name]
        if points:
            axis.scatter(*np.array(points).T, marker=marker, c=face, edgecolors=edge, label=label)
    for found in result.events:
        axis.axhspan(*sorted((found.before, found.after)), color="#b2182b", alpha=0.15, lw=0)
    axis.set(xlabel="trial", ylabel=_label(result))
    axis.legend(frameon=False, fontsize=8)
    _bare(axis)


def _jumps(axis: Axes, result: RampResult) -> None:
    """Largest change of a bond in each trial over the load."""
    follower = result.follower
    for name, (marker, face, edge, label) in STYLE.items():
        points = [(t.load, t.change) for t in result.trials if t.outcome == name and t.change]
        if points:
            axis.scatter(*np.array(points).T, marker=marker, c=face, edgecolors=edge, label=label)
    axis.axhline(follower.threshold, color="0.4", ls=":", lw=1.0, label="a jump, from here on")
    axis.set(yscale="log", xlabel=_label(result))
    axis.set_ylabel("largest bond change of the step (\N{ANGSTROM SIGN})")
    axis.legend(frameon=False, fontsize=8)
    _bare(axis)


def _label(result: RampResult) -> str:
    load = LOADS[result.follower.mode]
    name = "depth " if load.presses else ""
    return f"{name}${load.symbol}$ ({load.latex})"


def _bare(axis: Axes) -> None:
    axis.spines[["top", "right"]].set_visible(False)
