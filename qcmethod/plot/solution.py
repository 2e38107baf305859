"""A picture of a solution: the whole domain, the graded mesh, and the atoms around the defect.

Cells and atoms share one colour scale. An atom of the blending zone is drawn with an area
proportional to its weight 1 - beta. A chain is drawn as strain over position.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from qcmethod.base.door import door
from qcmethod.base.files import picture
from qcmethod.base.types import Array
from qcmethod.coupling.system import System
from qcmethod.errors import InputError
from qcmethod.plot.panels import connect, draw_chain, draw_plane, frame, unit_of
from qcmethod.plot.pictures import draws
from qcmethod.plot.scene import Scene, measure_of, set_ticks, title
from qcmethod.plot.sheet import saved
from qcmethod.solve.solution import Solution

STRETCH = 12.0
"""A panel in between is drawn when the domain is wider than the last panel by more than this."""


@draws(Solution)
def plot_solution(solution: Solution, path: str | Path, **options: Any) -> Path:
    """Draw a solution; the options are those of `plot`."""
    return plot(path, solution.system, solution.u, **options)


@door
def plot(
    path: str | Path,
    system: System,
    u: Array,
    *,
    measure: str | None = None,
    deformed: bool = True,
    zoom: float | None = None,
    dpi: int = 200,
) -> Path:
    """Draw a state of a system to a `.png`, `.pdf` or `.svg` file.

    Parameters
    ----------
    u : (n_k, 3) corrector, A
    measure : "shear" (default), "volumetric" (default of a chain), a component "xx" ... "xy" of the
        Green-Lagrange strain, "displacement" (its magnitude, A), "stress_xx" ... "stress_xy",
        "hydrostatic" or "von_mises" of the Cauchy stress (GPa), or one of your own
        (`analysis.measure`)
    deformed : draw deformed or reference positions
    zoom : half-width of the last panel, A (default: the core and the blending zone, if not too big)

    Raises InputError (suffix, folder, measure, zoom, dpi) before anything is written.
    """
    from matplotlib.figure import Figure

    target, shown = picture(path, dpi), measure_of(system, measure)
    half = _half_width(system, zoom)
    scene = Scene(system, u, shown, deformed)
    widths = _widths(half, system.problem.extent)
    chain = system.problem.crystal.lattice.dim == 1
    figure = Figure(figsize=(4.2 * len(widths) + 1.2, 4.1 if chain else 4.7), layout="constrained")
    axes = figure.subplots(1, len(widths), squeeze=False)[0]
    for panel, (axis, width) in enumerate(zip(axes, widths, strict=True)):
        (draw_chain if chain else draw_plane)(axis, scene, width, panel == len(widths) - 1)
        frame(axis, width, chain)
        if panel > 0 and not chain:
            connect(figure, axes[panel - 1], axis, width, unit_of(widths[panel - 1])[0])
    if not chain:
        bar = figure.colorbar(scene.colours, cax=axes[-1].inset_axes((1.03, 0.0, 0.045, 1.0)))
        bar.set_label(scene.label)
        set_ticks(bar, scene.colours.norm)
    figure.suptitle(title(system, u), fontsize=11)
    return saved(figure, target, dpi)


def _half_width(system: System, zoom: float | None) -> float:
    extent, near = system.problem.extent, system.problem.crystal.lattice.neighbour
    if zoom is None:
        row = float(np.abs(system.problem.row).max())
        return min(row + system.core + system.blend + 2.0 * near, row + 16.0 * near, extent)
    if not 0.0 < zoom <= extent:
        raise InputError("zoom", zoom, f"a half-width in A up to extent={extent}")
    return float(zoom)


def _widths(half: float, extent: float) -> list[float]:
    """Half-widths of the panels, from the whole domain inwards, A."""
    if half > 0.7 * extent:
        return [1.02 * extent]
    between = [math.sqrt(half * extent)] if extent > STRETCH * half else []
    return [1.02 * extent, *between, half]
