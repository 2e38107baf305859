"""A panel of a problem in space: its section by a plane, cells and the atoms next to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from qcmethod.coupling.system import System
from qcmethod.plot.panels import draw_external, frame, unit_of
from qcmethod.plot.scene import Scene
from qcmethod.plot.section import Section

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GRID = 240
"""Points along each side of a panel at which distances from the defect are measured."""


def section_of(system: System, normal: ArrayLike | None) -> Section:
    """The plane of a normal (3,) through the middle of the defect (InputError)."""
    middle = np.zeros(3)
    centres = system.problem.centres
    middle[: centres.shape[1]] = 0.5 * (centres.min(axis=0) + centres.max(axis=0))
    return Section.of(normal, middle)


def draw_section(axis: Axes, scene: Scene, plane: Section, width: float, last: bool) -> None:
    """Cells with weight that a plane cuts, atoms with weight next to it, outlines of the core and
    of the blending zone."""
    from matplotlib.collections import PolyCollection

    unit = unit_of(width)[0]
    cell, polygon = plane.cut(*scene.solid_corners)
    near = (np.abs(polygon).min(axis=1) < 1.5 * width).all(axis=1) & (scene.omega[cell] > 0.0)
    cells = PolyCollection(
        list(polygon[near] / unit),
        facecolors=scene.colours.to_rgba(scene.cell_value[cell[near]]),
        edgecolors=(1, 1, 1, 0.55),
        linewidths=0.35 if last else 0.18,
    )
    axis.add_collection(cells)
    _clip(axis, cells, scene.system, plane, unit)
    _draw_atoms(axis, scene, plane, width, last)
    if draw_zones(axis, scene.system, plane, width) and last:
        loc = "lower right" if scene.system.problem.ends else "upper right"
        axis.legend(loc=loc, fontsize=7.5, framealpha=0.9, handlelength=1.6)
    if plane.normal[2] == 1.0:
        for one in scene.system.problem.external:
            draw_external(axis, one, width, unit)


def frame_section(axis: Axes, plane: Section, width: float) -> None:
    """Limits, units and ticks of a panel of half-width `width`, A."""
    frame(axis, width, False)
    name = unit_of(width)[1]
    axis.set_xlabel(f"{plane.labels[0]} ({name})")
    axis.set_ylabel(f"{plane.labels[1]} ({name})", labelpad=1)


def _clip(axis: Axes, cells: object, system: System, plane: Section, unit: float) -> None:
    """To the domain, where it is cut to a disc."""
    from matplotlib.patches import Circle

    problem = system.problem
    if not problem.crystal.lattice.is_space and abs(plane.normal[2]) < 1.0:
        return
    h = float(plane.c @ plane.normal) if problem.crystal.lattice.is_space else 0.0
    radius = np.sqrt(max(problem.extent**2 - h**2, 0.0)) / unit
    cells.set_clip_path(Circle((0, 0), radius, transform=axis.transData))  # type: ignore[attr-defined]


def _draw_atoms(axis: Axes, scene: Scene, plane: Section, width: float, last: bool) -> None:
    """Circles of the width of an atom, the highest ones on top."""
    from matplotlib.collections import EllipseCollection

    unit, neighbour = unit_of(width)[0], scene.system.problem.crystal.lattice.neighbour
    p = plane.seen(scene.site)
    shown = (scene.weight > 0.0) & (np.abs(p) < 1.2 * width).all(axis=1)
    x = scene.system.body.x_l
    on = np.flatnonzero(shown & plane.holds(x, neighbour))
    on = on[np.argsort(plane.height(x[on]), kind="stable")]
    size = 0.97 * neighbour * np.sqrt(scene.weight[on]) / unit
    rim = {"edgecolors": "0.15", "linewidths": 0.45} if last else {"edgecolors": "none"}
    atoms = EllipseCollection(
        size,
        size,
        np.zeros(len(on)),
        units="xy",
        offsets=p[on] / unit,
        offset_transform=axis.transData,
        facecolors=scene.colours.to_rgba(scene.site_value[on]),
        **rim,
    )
    axis.add_collection(atoms)


def draw_zones(axis: Axes, system: System, plane: Section, width: float) -> bool:
    """Outlines of the core (dashed) and of the blending zone: distances from the defect in the
    reference configuration. Returns whether there are any."""
    from matplotlib.patheffects import withStroke

    method, problem = system.method, system.problem
    if not (method.core and method.continuum):
        return False
    s = np.linspace(-1.1 * width, 1.1 * width, GRID)
    p = np.stack(np.meshgrid(s, s), axis=-1)
    x = plane.at(p).reshape(-1, 3)
    distance = problem.euclidean(problem.across(x)).reshape(GRID, GRID)
    if problem.ends:
        distance[x[:, 1].reshape(GRID, GRID) > float(problem.origin[1])] = np.nan
    outlines = [(system.core, "--", "end of the core")]
    if method.blended:
        outlines += [(system.partition.outer, "-", "end of the blending zone")]
    halo = [withStroke(linewidth=2.2, foreground="white", alpha=0.8)]
    for radius, style, name in outlines:
        if np.nanmin(distance) < radius < np.nanmax(distance):
            line = axis.contour(
                s / unit_of(width)[0], s / unit_of(width)[0], distance, [radius],
                colors="black", linestyles=style, linewidths=1.0,
            )  # fmt: skip
            line.set_path_effects(halo)
        axis.plot([], [], style, color="black", linewidth=1.0, path_effects=halo, label=name)
    return True
