"""A picture of a solution: the whole domain, the graded mesh, and the atoms around the defect.

Cells and atoms share one colour scale. An atom of the blending zone is drawn with an area
proportional to its weight 1 - beta. A chain is drawn as strain over position.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from qcmethod.base.arguments import number
from qcmethod.base.door import door
from qcmethod.base.files import picture
from qcmethod.base.types import Array
from qcmethod.coupling.system import System
from qcmethod.plot.panels import SMALLEST, connect, draw_chain, draw_plane, frame, unit_of
from qcmethod.plot.pictures import draws, fills
from qcmethod.plot.scene import Scene, measure_of, set_ticks, title
from qcmethod.plot.sheet import saved, sheet
from qcmethod.solve.solution import Solution

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STRETCH = 12.0
"""A panel in between is drawn when the domain is wider than the last panel by more than this."""


@draws(Solution)
def draw(
    solution: Solution,
    measure: str | None = None,
    deformed: bool = True,
    zoom: float | None = None,
) -> Figure:
    """A figure of a solution; the options are those of `plot`."""
    return panels(solution.system, solution.u, measure, deformed, zoom)


@fills(Solution)
def fill(
    solution: Solution,
    axis: Axes,
    measure: str | None = None,
    deformed: bool = True,
    zoom: float | None = None,
) -> None:
    """The atoms about the defect, and their colour bar."""
    system = solution.system
    scene = Scene(system, solution.u, measure_of(system, measure), deformed)
    _fill(axis, scene, _widths(_half_width(system, zoom), system.problem.extent)[-1], last=True)
    _bar(axis, scene)


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
    target = picture(path, dpi)
    return saved(panels(system, u, measure, deformed, zoom), target, dpi)


def panels(
    system: System, u: Array, measure: str | None, deformed: bool, zoom: float | None
) -> Figure:
    """The domain, what lies between, and the atoms about the defect: see `plot`."""
    shown = measure_of(system, measure)
    half = _half_width(system, zoom)
    scene = Scene(system, u, shown, deformed)
    widths = _widths(half, system.problem.extent)
    figure = sheet((4.2 * len(widths) + 1.2, 4.1 if scene.chain else 4.7))
    axes = figure.subplots(1, len(widths), squeeze=False)[0]
    for panel, (axis, width) in enumerate(zip(axes, widths, strict=True)):
        _fill(axis, scene, width, panel == len(widths) - 1)
        if panel > 0 and not scene.chain:
            connect(figure, axes[panel - 1], axis, width, unit_of(widths[panel - 1])[0])
    _bar(axes[-1], scene)
    figure.suptitle(title(system, u), fontsize=11)
    return figure


def _fill(axis: Axes, scene: Scene, width: float, last: bool) -> None:
    (draw_chain if scene.chain else draw_plane)(axis, scene, width, last)
    frame(axis, width, scene.chain)


def _bar(axis: Axes, scene: Scene) -> None:
    """The colour bar of a plane, at the right edge of its last panel."""
    if not scene.chain:
        bar = axis.figure.colorbar(scene.colours, cax=axis.inset_axes((1.03, 0.0, 0.045, 1.0)))
        bar.set_label(scene.label)
        set_ticks(bar, scene.colours.norm)


def _half_width(system: System, zoom: float | None) -> float:
    extent, near = system.problem.extent, system.problem.crystal.lattice.neighbour
    if zoom is None:
        row = float(np.abs(system.problem.row).max())
        return min(row + system.core + system.blend + 2.0 * near, row + 16.0 * near, extent)
    expected = f"a half-width in A up to extent={extent}"
    return number("zoom", zoom, expected, least=SMALLEST, most=extent)


def _widths(half: float, extent: float) -> list[float]:
    """Half-widths of the panels, from the whole domain inwards, A."""
    if half > 0.7 * extent:
        return [1.02 * extent]
    between = [math.sqrt(half * extent)] if extent > STRETCH * half else []
    return [1.02 * extent, *between, half]
