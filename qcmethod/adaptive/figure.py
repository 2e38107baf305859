"""The picture of an adaptive run: estimates against repatoms, and the core that it found."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from qcmethod.files import checked, whole

if TYPE_CHECKING:
    from qcmethod.adaptive.result import AdaptResult

SUFFIXES = [".pdf", ".png", ".svg"]
LABELS = {
    "energy norm": "relative error, energy norm",
    "displacement": "error of displacements in the core (Å)",
    "energy": "error of the energy (eV)",
}
NAMES = {"energy norm": "energy_norm", "displacement": "displacement", "energy": "energy_error"}


def draw(result: AdaptResult, path: str | Path, errors: Sequence[float] | None = None) -> Path:
    """Draw a run to a `.png`, `.pdf` or `.svg` file.

    errors : true errors of the cycles, where they are known

    Raises InputError (suffix, folder) before anything is written.
    """
    from matplotlib.figure import Figure

    target = checked(path, SUFFIXES)
    figure = Figure(figsize=(10.4, 4.4), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(1.25, 1.0))
    _history(left, result, errors)
    if result.solution is not None:
        _core(right, result)
    figure.suptitle(result.reason, fontsize=10)
    with whole(target) as partial:
        figure.savefig(partial, dpi=200)
    return target


def _history(axis: Any, result: AdaptResult, errors: Sequence[float] | None) -> None:
    solved = [cycle for cycle in result.cycles if cycle.solved]
    dof = [cycle.repatoms for cycle in solved]
    axis.loglog(dof, [getattr(c, NAMES[result.goal]) for c in solved], "o-", label="estimate")
    if result.goal == "energy norm":
        for kind, style in (("model", ":"), ("discretisation", "--"), ("truncation", "-.")):
            values = [cycle.parts[kind] for cycle in solved]
            axis.loglog(dof, values, style, color="0.45", linewidth=1.2, label=kind)
    if errors is not None:
        axis.loglog(dof, list(errors)[: len(dof)], "s-", color="tab:red", label="true error")
    axis.axhline(result.tolerance, color="0.7", linewidth=0.8, zorder=0)
    axis.set_xlabel("repatoms")
    axis.set_ylabel(LABELS[result.goal])
    axis.legend(frameon=False, fontsize=9)


def _core(axis: Any, result: AdaptResult) -> None:
    from matplotlib.collections import PolyCollection

    assert result.solution is not None
    system = result.solution.system
    body, beta = system.body, system.weights.beta_k
    corners = body.x_k[body.cells.vertices][:, :, :2]
    half = 1.8 * float(np.abs(system.problem.centres).max()) + 2.0 * (
        result.choice.pad + result.choice.blend
    )
    near = np.abs(corners).max(axis=(1, 2)) < 2.0 * half
    mesh = PolyCollection(corners[near], facecolor="none", edgecolor="0.8", linewidth=0.4)
    axis.add_collection(mesh)
    on_site = body.site_of_node >= 0
    x, value = body.x_k[on_site & (beta < 1.0)], beta[on_site & (beta < 1.0)]
    size = 5e3 / max(half, 1.0) ** 2
    drawn = axis.scatter(x[:, 0], x[:, 1], s=size + 2.0, c=value, cmap="viridis", linewidths=0.0)
    axis.figure.colorbar(drawn, ax=axis, label="blending $\\beta$  (0: atoms)", shrink=0.85)
    axis.set_xlim(-half, half)
    axis.set_ylim(-half, half)
    axis.set_aspect("equal")
    axis.set_xlabel("x (Å)")
    axis.set_ylabel("y (Å)")
