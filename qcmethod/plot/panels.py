"""The panels of a picture: cells and atoms of a plane problem, strain along a chain, the frame."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from qcmethod.coupling.system import System
from qcmethod.plot.scene import Scene
from qcmethod.problems.external import External
from qcmethod.problems.problem import Problem

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


SMALLEST = 1e-3
"""Half-width of a panel, A."""


def draw_plane(axis: Axes, scene: Scene, width: float, last: bool) -> None:
    """Cells with weight, atoms with weight, outlines of the core and of the blending zone."""
    from matplotlib.collections import EllipseCollection, PolyCollection
    from matplotlib.patches import Circle

    unit = unit_of(width)[0]
    corners = scene.node[scene.cells][:, :, :2]
    near = (np.abs(corners).min(axis=1) < 1.5 * width).all(axis=1) & (scene.omega > 0.0)
    colour = scene.colours.to_rgba(scene.cell_value[near])
    line = 0.35 if last else 0.18
    cells = PolyCollection(
        corners[near] / unit, facecolors=colour, edgecolors=(1, 1, 1, 0.55), linewidths=line
    )
    axis.add_collection(cells)
    cells.set_clip_path(
        Circle((0, 0), scene.system.problem.extent / unit, transform=axis.transData)
    )
    atoms = np.flatnonzero((scene.weight > 0.0) & (np.abs(scene.site[:, :2]) < 1.2 * width).all(1))
    size = 0.97 * spacing(scene.system) * np.sqrt(scene.weight[atoms]) / unit
    rim = {"edgecolors": "0.15", "linewidths": 0.45} if last else {"edgecolors": "none"}
    axis.add_collection(
        EllipseCollection(
            size,
            size,
            np.zeros(len(atoms)),
            units="xy",
            offsets=scene.site[atoms, :2] / unit,
            offset_transform=axis.transData,
            facecolors=scene.colours.to_rgba(scene.site_value[atoms]),
            **rim,
        )
    )
    if _draw_zones(axis, scene.system, unit) and last:
        loc = "lower right" if scene.system.problem.ends else "upper right"
        axis.legend(loc=loc, fontsize=7.5, framealpha=0.9, handlelength=1.6)
    for one in scene.system.problem.external:
        draw_external(axis, one, width, unit)


def spacing(system: System) -> float:
    """Shortest distance between columns of atoms in the plane of the picture, in space between
    atoms, A."""
    lattice = system.problem.crystal.lattice
    if lattice.dim == 3:
        return lattice.neighbour
    basis = lattice.plane_basis
    edges = np.concatenate([basis, [basis[0] + basis[1], basis[0] - basis[1]]])
    return float(np.linalg.norm(edges, axis=1).min())


def _draw_zones(axis: Axes, system: System, unit: float) -> bool:
    """Outlines of the core (dashed) and of the blending zone: equal distances from the row.

    Returns whether there are any.
    """
    from matplotlib.patheffects import withStroke

    method = system.method
    if not (method.core and method.continuum) or system.problem.zone is not None:
        return False
    first, last = system.problem.row
    arc = np.linspace(-np.pi / 2, np.pi / 2, 90)
    half = np.stack([np.cos(arc), np.sin(arc)], axis=1)
    outlines = [(system.core, "--", "end of the core")]
    if method.blended:
        outlines += [(system.partition.outer, "-", "end of the blending zone")]
    for radius, style, name in outlines:
        outline = np.concatenate([last + radius * half, first - radius * half])
        x, y = np.append(outline, outline[:1], axis=0).T / unit
        if system.problem.ends:
            y = np.where(y <= 0.0, y, np.nan)
        halo = [withStroke(linewidth=2.2, foreground="white", alpha=0.8)]
        axis.plot(x, y, style, color="black", linewidth=1.0, path_effects=halo, label=name)
    return True


def draw_external(axis: Axes, one: External, width: float, unit: float) -> None:
    """What presses, above its lower side."""
    x = np.linspace(-1.1 * width, 1.1 * width, 2001)
    low = one.profile(x)
    on = np.isfinite(low) & (low < 1.1 * width)
    if on.any():
        axis.fill_between(x[on] / unit, low[on] / unit, 1.1 * width / unit, color="0.88", zorder=0)
        axis.plot(x[on] / unit, low[on] / unit, color="0.3", linewidth=0.8)


def draw_chain(axis: Axes, scene: Scene, width: float, last: bool) -> None:
    """Strain of cells (steps) and atoms (points) over position."""
    unit = unit_of(width)[0]
    x = scene.node[scene.cells][:, :, 0] / unit
    on = scene.omega > 0.0
    ends = x[on]
    level = np.repeat(scene.cell_value[on, None], 2, axis=1)
    axis.plot(ends.T, level.T, color="tab:blue", linewidth=1.4)
    atoms = scene.weight > 0.0
    axis.plot(scene.site[atoms, 0] / unit, scene.site_value[atoms], "o", color="tab:red", ms=2.5)
    axis.plot([], [], color="tab:blue", label="cells")
    axis.plot([], [], "o", color="tab:red", ms=2.5, label="atoms")
    axis.set_ylabel(scene.label)
    if last:
        axis.legend(frameon=False)


def reach_of(problem: Problem) -> float:
    """How far the row, in space the defect, reaches from the middle, A."""
    if problem.crystal.lattice.dim < 3:
        return float(np.abs(problem.row).max())
    return float(np.abs(problem.centres).max())


def unit_of(width: float) -> tuple[float, str]:
    """Length unit of a panel of that half-width, A, and its name."""
    if width >= 5e3:
        return 1e4, "\N{MICRO SIGN}m"
    return (10.0, "nm") if width >= 100.0 else (1.0, "\N{ANGSTROM SIGN}")


def frame(axis: Axes, width: float, chain: bool) -> None:
    """Limits, units and ticks of a panel of half-width `width`, A."""
    unit, name = unit_of(width)
    ticks = _ticks(width / unit)
    axis.set_xlim(-width / unit, width / unit)
    axis.set_xticks(ticks)
    axis.set_xlabel(f"$x$ ({name})")
    if not chain:
        axis.set_ylim(-width / unit, width / unit)
        axis.set_yticks(ticks)
        axis.set_ylabel(f"$y$ ({name})", labelpad=1)
        axis.set_aspect("equal")


def _ticks(width: float) -> list[float]:
    """Round ticks within +-width that keep clear of the corners, where the links end."""
    decade = 10.0 ** math.floor(math.log10(width / 2.5))
    step = next(m * decade for m in (1.0, 2.0, 2.5, 5.0, 10.0) if m * decade >= width / 2.5)
    most = int(0.85 * width / step)
    return [step * k for k in range(-most, most + 1)]


def connect(figure: Figure, outer: Axes, inner: Axes, width: float, outer_unit: float) -> None:
    """Show the field of the inner panel in the outer one."""
    from matplotlib.patches import ConnectionPatch, Rectangle

    w = width / outer_unit
    outer.add_patch(Rectangle((-w, -w), 2 * w, 2 * w, fill=False, color="black", linewidth=0.8))
    for y in (0.0, 1.0):
        link = ConnectionPatch(
            (w, w * (2 * y - 1)),
            (0.0, y),
            "data",
            "axes fraction",
            axesA=outer,
            axesB=inner,
            color="0.3",
        )
        link.set_linewidth(0.7)
        link.set_in_layout(False)
        figure.add_artist(link)
