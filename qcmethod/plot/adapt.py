"""The picture of an adaptive run: estimates against repatoms, and the core that it found."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from qcmethod.base.arguments import finite
from qcmethod.base.files import picture
from qcmethod.errors import InputError
from qcmethod.plot.pictures import draws, fills
from qcmethod.plot.sheet import few_ticks, saved, sheet
from qcmethod.studies.adapt.result import AdaptResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LABELS = {
    "energy norm": "relative error, energy norm",
    "displacement": "error of displacements in the core (Å)",
    "energy": "error of the energy (eV)",
}
PARTS = (("model", ":", "^"), ("discretisation", "--", "s"), ("truncation", "-.", "v"))
"""Of the estimate: dash of a curve, marker of a single cycle."""
NAMES = {"energy norm": "energy_norm", "displacement": "displacement", "energy": "energy_error"}


@draws(AdaptResult)
def draw(result: AdaptResult, errors: Sequence[float] | None = None) -> Figure:
    """Estimates against repatoms, and the core; true errors of the cycles, where known."""
    figure = sheet((10.4, 4.4))
    left, right = figure.subplots(1, 2, width_ratios=(1.25, 1.0))
    _history(left, result, errors)
    if result.solution is not None:
        _core(right, result, _half(result))
    figure.suptitle(result.reason, fontsize=10)
    return figure


@fills(AdaptResult)
def fill(result: AdaptResult, axis: Axes, errors: Sequence[float] | None = None) -> None:
    """Estimates against repatoms."""
    _history(axis, result, errors)


def side_by_side(
    results: Sequence[AdaptResult], path: str | Path, titles: Sequence[str] | None = None
) -> Path:
    """Draw meshes and cores of several runs, at one scale, to a `.png`, `.pdf` or `.svg` file.

    Raises InputError (results without an equilibrium, suffix, folder).
    """
    target = picture(path)
    if not len(results) or any(result.solution is None for result in results):
        raise InputError("results", len(results), "runs that found an equilibrium")
    figure = sheet((1.0 + 4.2 * len(results), 4.2))
    axes = figure.subplots(1, len(results), squeeze=False)[0]
    half = max(_half(result) for result in results)
    for i, (axis, result) in enumerate(zip(axes, results, strict=True)):
        _core(axis, result, half, bar=i == len(results) - 1)
        name = "" if titles is None else f"{titles[i]}: "
        axis.set_title(f"{name}{result.cycles[-1].repatoms} repatoms", fontsize=10)
    return saved(figure, target)


def _half(result: AdaptResult) -> float:
    """Half the edge of a picture of the core, A."""
    assert result.solution is not None
    problem, choice = result.solution.system.problem, result.choice
    half = 1.4 * float(np.abs(problem.centres).max()) + 2.0 * (choice.pad + choice.blend)
    return min(half, 1.05 * problem.extent)


def _history(axis: Axes, result: AdaptResult, errors: Sequence[float] | None) -> None:
    solved = [cycle for cycle in result.cycles if cycle.solved]
    dof = [cycle.repatoms for cycle in solved]
    axis.loglog(dof, [getattr(c, NAMES[result.goal]) for c in solved], "o-", label="estimate")
    if result.goal == "energy norm":
        for kind, style, one in PARTS:
            values = [cycle.parts[kind] for cycle in solved]
            if not any(values):
                continue  # the rim is part of the problem
            mark = one if len(dof) == 1 else style
            axis.loglog(dof, values, mark, color="0.45", linewidth=1.2, label=kind)
    if errors is not None:
        known = finite("errors", errors, (None,), "errors of the cycles (n,)")
        if len(known) < len(dof):
            raise InputError("errors", errors, f"an error for each of {len(dof)} cycles")
        axis.loglog(dof, known[: len(dof)], "s-", color="tab:red", label="true error")
    asked = {"color": "0.7", "linewidth": 0.8, "zorder": 0}
    axis.axhline(result.tolerance, **asked, label="tolerance")
    few_ticks(axis.xaxis, min(dof, default=1.0), max(dof, default=np.inf))
    shown = np.concatenate([line.get_ydata() for line in axis.lines[:-1]])
    positive = shown[shown > 0.0]
    if len(positive):
        low, high = positive.min(), max(positive.max(), result.tolerance)
        axis.set_ylim(max(0.6 * low, 1e-4 * high), 1.6 * high)
        few_ticks(axis.yaxis, low, high)
    axis.set_xlabel("repatoms")
    axis.set_ylabel(LABELS[result.goal])
    axis.legend(frameon=False, fontsize=9)


def _core(axis: Axes, result: AdaptResult, half: float, bar: bool = True) -> None:
    from matplotlib.collections import PolyCollection

    assert result.solution is not None
    system = result.solution.system
    body, beta = system.body, system.weights.beta_k
    corners = body.x_k[body.cells.vertices][:, :, :2]
    near = np.abs(corners).max(axis=(1, 2)) < 2.0 * half
    mesh = PolyCollection(corners[near], facecolor="none", edgecolor="0.8", linewidth=0.4)
    axis.add_collection(mesh)
    on_site = body.site_of_node >= 0
    x, value = body.x_k[on_site & (beta < 1.0)], beta[on_site & (beta < 1.0)]
    size = 5e3 / max(half, 1.0) ** 2
    drawn = axis.scatter(x[:, 0], x[:, 1], s=size + 2.0, c=value, cmap="viridis", linewidths=0.0)
    if bar:
        axis.figure.colorbar(drawn, ax=axis, label="blending $\\beta$  (0: atoms)", shrink=0.85)
    axis.set_xlim(-half, half)
    axis.set_ylim(-half, half)
    axis.set_aspect("equal")
    axis.set_xlabel("x (Å)")
    axis.set_ylabel("y (Å)")
