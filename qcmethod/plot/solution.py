"""A picture of a solution: the whole domain, the graded mesh, and the atoms around the defect.

Cells and atoms share one colour scale. An atom of the blending zone is drawn with an area
proportional to its weight 1 - beta. A chain is drawn as strain over position. In space the panels
are sections by one plane; another one shows the atoms whose neighbourhood is not that of the
crystal.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from qcmethod.base.arguments import number
from qcmethod.base.door import door
from qcmethod.base.files import picture
from qcmethod.base.types import Array
from qcmethod.coupling.system import System
from qcmethod.errors import InputError
from qcmethod.plot.atoms_in_space import draw_atoms
from qcmethod.plot.panels import (
    SMALLEST,
    connect,
    draw_chain,
    draw_plane,
    frame,
    reach_of,
    unit_of,
)
from qcmethod.plot.pictures import draws, fills
from qcmethod.plot.scene import Scene, measure_of, set_ticks, title
from qcmethod.plot.section import Section
from qcmethod.plot.sheet import saved, sheet
from qcmethod.plot.solid import draw_section, frame_section, section_of
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
    normal: ArrayLike | None = None,
) -> Figure:
    """A figure of a solution; the options are those of `plot`."""
    return panels(solution.system, solution.u, measure, deformed, zoom, normal)


@fills(Solution)
def fill(
    solution: Solution,
    axis: Axes,
    measure: str | None = None,
    deformed: bool = True,
    zoom: float | None = None,
    normal: ArrayLike | None = None,
) -> None:
    """The atoms about the defect, and their colour bar."""
    system = solution.system
    plane = _plane(system, normal)
    scene = Scene(system, solution.u, measure_of(system, measure), deformed)
    width = _widths(_half_width(system, zoom), system.problem.extent)[-1]
    _fill(axis, scene, plane, width, last=True)
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
    normal: ArrayLike | None = None,
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
    normal : in space, (3,) normal of the section through the middle of the defect, in laboratory
        axes (default: z, seen as a plane problem is)

    Raises InputError (suffix, folder, measure, zoom, normal, dpi) before anything is written.
    """
    target = picture(path, dpi)
    return saved(panels(system, u, measure, deformed, zoom, normal), target, dpi)


def panels(
    system: System,
    u: Array,
    measure: str | None,
    deformed: bool,
    zoom: float | None,
    normal: ArrayLike | None = None,
) -> Figure:
    """The domain, what lies between, and the atoms about the defect: see `plot`."""
    shown, plane = measure_of(system, measure), _plane(system, normal)
    half = _half_width(system, zoom)
    scene = Scene(system, u, shown, deformed)
    widths = _widths(half, system.problem.extent)
    more = int(scene.solid and scene.weight.any())
    figure = sheet((4.2 * (len(widths) + more) + 1.2, 4.1 if scene.chain else 4.7))
    axes = figure.subplots(1, len(widths) + more, squeeze=False)[0]
    for panel, (axis, width) in enumerate(zip(axes, widths, strict=False)):
        _fill(axis, scene, plane, width, panel == len(widths) - 1)
        if panel > 0 and not scene.chain:
            connect(figure, axes[panel - 1], axis, width, unit_of(widths[panel - 1])[0])
    _bar(axes[len(widths) - 1], scene)
    if more:
        draw_atoms(axes[-1], system, system.body.positions(u))
    figure.suptitle(title(system, u), fontsize=11)
    return figure


def _fill(axis: Axes, scene: Scene, plane: Section | None, width: float, last: bool) -> None:
    if plane is not None:
        draw_section(axis, scene, plane, width, last)
        frame_section(axis, plane, width)
        return
    (draw_chain if scene.chain else draw_plane)(axis, scene, width, last)
    frame(axis, width, scene.chain)


def _plane(system: System, normal: ArrayLike | None) -> Section | None:
    """The plane of the section (InputError), None: the problem has a plane of its own."""
    if system.problem.crystal.lattice.dim == 3:
        return section_of(system, normal)
    if normal is not None:
        raise InputError("normal", normal, "None: the plane of the mesh is the only one")
    return None


def _bar(axis: Axes, scene: Scene) -> None:
    """The colour bar of a plane, at the right edge of its last panel."""
    if not scene.chain:
        bar = axis.figure.colorbar(scene.colours, cax=axis.inset_axes((1.03, 0.0, 0.045, 1.0)))
        bar.set_label(scene.label)
        set_ticks(bar, scene.colours.norm)


def _half_width(system: System, zoom: float | None) -> float:
    extent, near = system.problem.extent, system.problem.crystal.lattice.neighbour
    if zoom is None:
        row = reach_of(system.problem)
        return min(row + system.core + system.blend + 2.0 * near, row + 16.0 * near, extent)
    expected = f"a half-width in A up to extent={extent}"
    return number("zoom", zoom, expected, least=SMALLEST, most=extent)


def _widths(half: float, extent: float) -> list[float]:
    """Half-widths of the panels, from the whole domain inwards, A."""
    if half > 0.7 * extent:
        return [1.02 * extent]
    between = [math.sqrt(half * extent)] if extent > STRETCH * half else []
    return [1.02 * extent, *between, half]
