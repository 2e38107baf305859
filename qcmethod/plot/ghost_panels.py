"""The two panels of a ghost-force map: arrows on the mesh, and the force over the distance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qcmethod.analysis.patch.figures import REGIONS
from qcmethod.analysis.sites import zone_of_cells
from qcmethod.base.types import Array, Bools, Index
from qcmethod.coupling.system import System
from qcmethod.io.points import points_of
from qcmethod.plot.panels import spacing, unit_of
from qcmethod.plot.solid import section_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

SHADES = {"core": "#f6dfc9", "blend": "#d8e6f3", "continuum": "#f4f4f2"}
FLOOR = 1e-17
"""Forces below, eV/A, are not drawn: nothing but the last bits of a sum."""
FORCE = "eV/\N{ANGSTROM SIGN}"


def draw_map(axis: Axes, system: System, f: Array, colours: ScalarMappable, width: float) -> None:
    """Shaded mesh, grey dots where it is quiet, coloured arrows where it is not."""
    from matplotlib.collections import PolyCollection

    unit, body = unit_of(width)[0], system.body
    cell, polygon = _mesh(system)
    near = (np.abs(polygon).min(axis=1) < 1.3 * width).all(axis=1)
    faces = [SHADES[REGIONS[zone]] for zone in zone_of_cells(system)[cell[near]]]
    axis.add_collection(
        PolyCollection(polygon[near] / unit, facecolors=faces, edgecolors="0.78", linewidths=0.3)
    )
    size = np.linalg.norm(f, axis=1)
    p, beside = _nodes(system)
    shown = body.used & system.free.any(axis=1) & beside & (np.abs(p) < width).all(axis=1)
    large = shown & (size >= colours.norm.vmin)
    quiet = shown & ~large
    axis.plot(*(p[quiet].T / unit), ".", color="0.6", ms=1.6, zorder=2)
    order = np.flatnonzero(large)[np.argsort(size[large])]
    if len(order):
        text = "arrows: force in the plane, longer where it is larger; grey dots: next to none"
        axis.set_title(text, fontsize=8)
        x, rgba = p[order] / unit, colours.to_rgba(size[order])
        arrow = _arrows(f[order], size[order], colours.norm) * spacing(system)
        axis.scatter(*x.T, s=5.0, color=rgba, linewidths=0.0, zorder=3)
        axis.quiver(
            *x.T, *(arrow.T / unit), color=rgba, angles="xy", scale_units="xy", scale=1.0,
            width=0.0045, headwidth=3.6, headlength=4.2, headaxislength=3.8, zorder=4,
        )  # fmt: skip


def _mesh(system: System) -> tuple[Index, Array]:
    """Cells (m,) and their polygons (m, v, 2), A; in space those that the section cuts."""
    body = system.body
    if body.mesh.dim < 3:
        corners = body.x_k[body.cells.vertices][:, :, :2]
        return np.arange(len(corners)), corners
    points = points_of(body)
    return section_of(system, None).cut(points.x[points.cells[:, :4]])


def _nodes(system: System) -> tuple[Array, Bools]:
    """Places (n_k, 2) of the nodes in the plane, A, and which of them (n_k,) are next to it."""
    x = system.body.x_k
    if system.body.mesh.dim < 3:
        return x[:, :2], np.ones(len(x), dtype=bool)
    plane = section_of(system, None)
    return plane.seen(x), plane.holds(x, spacing(system))


def _arrows(f: Array, size: Array, norm: Normalize) -> Array:
    """In-plane arrows (n, 2) in spacings of the columns: 0.6 for the least, 1.6 for the top."""
    level = np.asarray(norm(size), dtype=np.float64)
    return (0.6 + level)[:, None] * f[:, :2] / size[:, None]


def draw_chain(axis: Axes, system: System, f: Array, width: float) -> None:
    """Bars of f_x over x on shaded regions."""
    unit, body = unit_of(width)[0], system.body
    ends = body.x_k[body.cells.vertices][:, :, 0] / unit
    for (a, b), zone in zip(np.sort(ends, axis=1), zone_of_cells(system), strict=True):
        axis.axvspan(a, b, color=SHADES[REGIONS[zone]], linewidth=0.0)
    node = body.used & (np.abs(body.x_k[:, 0]) <= width)
    x = body.x_k[node, 0] / unit
    axis.axhline(0.0, color="0.5", linewidth=0.6)
    axis.vlines(x, 0.0, f[node, 0], color="tab:red", linewidth=1.2)
    axis.plot(x, f[node, 0], "o", color="tab:red", ms=2.5)
    axis.set_ylabel(f"ghost force $f_x$ ({FORCE})")


def draw_decay(axis: Axes, system: System, size: Array, tolerance: float, width: float) -> None:
    """|f| of every free repatom over its distance from the defect, with regions and tolerance."""
    body, far = system.body, 1.15 * width
    node = body.used & system.free.any(axis=1) & (size > FLOOR)
    d = system.problem.distance(body.x_k)
    method = system.method
    first, last = (system.core, system.partition.outer) if method.core else (0.0, 0.0)
    if method.all_atoms:
        first = last = far
    ends = np.minimum([0.0, first, last, far], far)
    for a, b, name in zip(ends[:-1], ends[1:], SHADES, strict=True):
        if b > a:
            axis.axvspan(a, b, facecolor=SHADES[name], edgecolor="0.6", linewidth=0.4, label=name)
    if method.core and method.continuum and not method.blended:
        axis.plot([], [], "s", color=SHADES["blend"], ms=9.0, label="interface")
    axis.plot(d[node], size[node], ".", color="#5b2a86", ms=3.0)
    axis.axhline(tolerance, color="black", linestyle="--", linewidth=0.9, label="tolerance")
    axis.legend(loc="upper left", fontsize=8, framealpha=0.9)
    top = max(float(size.max()), tolerance)
    axis.set_yscale("log")
    axis.set_ylim(
        min(0.5 * float(size[node].min(initial=tolerance)), 1e-3 * tolerance), 300.0 * top
    )
    axis.set_xlim(0.0, far)
    axis.set_xlabel("distance from the defect (\N{ANGSTROM SIGN})")
    axis.set_ylabel(f"$|f|$ ({FORCE})")
