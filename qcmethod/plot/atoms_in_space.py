"""Atoms in space, seen obliquely: those whose neighbourhood is not that of the crystal.

    (right, up, towards the eye) = V x,     V = a turn by YAW about y, then by PITCH about the right

An orthographic view keeps lengths, so circles are spheres. What is farther is paler and behind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qcmethod.analysis.structure.common import KINDS, coordination, kinds
from qcmethod.analysis.structure.resolved import resolved_sites
from qcmethod.base.types import Array, Index
from qcmethod.coupling.system import System
from qcmethod.errors import InputError
from qcmethod.lattice.lattice import Lattice
from qcmethod.plot.panels import unit_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

YAW, PITCH = np.radians(28.0), np.radians(20.0)
VIEW = np.array(
    [[1, 0, 0], [0, np.cos(PITCH), -np.sin(PITCH)], [0, np.sin(PITCH), np.cos(PITCH)]]
) @ (np.array([[np.cos(YAW), 0, -np.sin(YAW)], [0, 1, 0], [np.sin(YAW), 0, np.cos(YAW)]]))
COLOURS = {"fcc": "#5aae61", "hcp": "#d6404e", "bcc": "#3f7fbf", "icosahedral": "#e6b422"}
"""Of the kinds of neighbourhoods, as most viewers have them (`kinds`)."""
FEWER = ("#2d004b", "#542788", "#8073ac", "#b2abd2")
"""Of atoms of no kind with 3 or more, 2, 1, no neighbours less than in the crystal."""
MORE = ("#fdb863", "#b35806")
"""With one more, and with two and more."""
PALE = 0.6
"""How white the farthest atom is."""
FEW = 30
"""So many missing sites are shown."""


@dataclass(frozen=True, eq=False)
class Group:
    """Atoms that are drawn alike: places (m, 3), A."""

    name: str
    colour: str
    y: Array


def grouped(y: Array, label: NDArray[np.int8], count: Index, lattice: Lattice) -> list[Group]:
    """Groups of atoms at y (m, 3) by kind and, where they have none, by number of neighbours."""
    found = [
        Group(kind, COLOURS[kind], y[label == number])
        for number, kind in enumerate(KINDS)
        if kind not in ("other", lattice.structure)
    ]
    whole = 12 if lattice.structure == "fcc" else 14
    excess = np.clip(count - whole, -3, 2)
    for k in range(-3, 3):
        colour = FEWER[k + 3] if k <= 0 else MORE[k - 1]
        more = {-3: " or fewer", 2: " or more"}.get(k, "")
        on = (label == 0) & (excess == k)
        found.append(Group(f"{whole + k}{more} neighbours", colour, y[on]))
    return [group for group in found if len(group.y)]


def draw_atoms(axis: Axes, system: System, y: Array) -> None:
    """Fill an axis with the atoms about a defect, of sites at y (n_l, 3), A."""
    lattice = system.problem.crystal.lattice
    try:
        site = resolved_sites(system)
    except InputError as error:
        _say(axis, f"no picture of the atoms:\n{error.expected}")
        return
    draw_grouped(axis, system, y[site], kinds(y, site, lattice), coordination(y, site, lattice))


def draw_grouped(
    axis: Axes, system: System, y: Array, label: NDArray[np.int8], count: Index
) -> None:
    """The same of atoms at y (m, 3) with known kinds and numbers of neighbours (m,)."""
    lattice = system.problem.crystal.lattice
    groups = grouped(y, label, count, lattice)
    if not groups:
        _say(axis, f"{len(y):,} atoms, all of them {lattice.structure}")
        return
    draw_groups(axis, system, groups)
    shown = sum(len(group.y) for group in groups)
    axis.set_title(f"{shown:,} of {len(y):,} atoms are not {lattice.structure}", fontsize=9)


def draw_groups(axis: Axes, system: System, groups: list[Group]) -> None:
    """Spheres, what binds them, missing sites, and the axes of the laboratory."""
    from matplotlib.collections import EllipseCollection, LineCollection
    from matplotlib.colors import to_rgb

    lattice = system.problem.crystal.lattice
    y = np.concatenate([group.y for group in groups])
    rgb = np.repeat([to_rgb(g.colour) for g in groups], [len(g.y) for g in groups], axis=0)
    v = y @ VIEW.T
    unit, name = unit_of(_half(v, lattice))
    order = np.argsort(v[:, 2], kind="stable")
    depth = (v[:, 2].max() - v[:, 2]) / max(float(np.ptp(v[:, 2])), 2.0 * lattice.neighbour)
    rgb = rgb + PALE * depth[:, None] * (1.0 - rgb)
    bonds = _bonds(y, lattice)
    lines = LineCollection(list(v[bonds][:, :, :2] / unit), colors="0.65", linewidths=0.8, zorder=1)
    axis.add_collection(lines)
    size = np.full(len(y), 0.62 * lattice.neighbour / unit)
    style = {
        "edgecolors": np.column_stack([0.35 * rgb, 1.0 - 0.7 * depth])[order],
        "linewidths": 0.5,
    }
    spheres = EllipseCollection(
        size, size, 0.0 * size, units="xy", offsets=v[order, :2] / unit,
        offset_transform=axis.transData, facecolors=rgb[order], zorder=2, **style,
    )  # fmt: skip
    axis.add_collection(spheres)
    for group in groups:
        label = f"{group.name} ({len(group.y):,})"
        axis.plot([], [], "o", color=group.colour, mec="0.2", mew=0.4, ms=6.0, label=label)
    _draw_missing(axis, system, unit)
    _frame(axis, v, lattice, unit, name)
    axis.legend(loc="upper right", fontsize=7.5, framealpha=0.9, handlelength=1.0)


def _bonds(y: Array, lattice: Lattice) -> Index:
    """Pairs (p, 2) of the atoms that are nearest neighbours."""
    from scipy.spatial import cKDTree

    pairs: Index = cKDTree(y).query_pairs(1.2 * lattice.neighbour, output_type="ndarray")
    return pairs


def _draw_missing(axis: Axes, system: System, unit: float) -> None:
    """Where sites are missing, if these are few."""
    problem = system.problem
    if problem.removed is None or not 0 < len(problem.removed) <= FEW:
        return
    v = problem.predictor.displacement(
        x := problem.position(problem.removed), np.zeros(len(x), dtype=np.int8)
    )
    p = (x + v) @ VIEW.T / unit
    axis.plot(*p[:, :2].T, "x", color="0.3", ms=6.0, mew=1.0, label=f"missing ({len(x)})")


def _half(v: Array, lattice: Lattice) -> float:
    """Half-width of the panel, A: a sphere and the axes of the laboratory fit beside the atoms."""
    return 0.62 * float(np.ptp(v[:, :2], axis=0).max()) + 1.5 * lattice.neighbour


def _frame(axis: Axes, v: Array, lattice: Lattice, unit: float, name: str) -> None:
    half = _half(v, lattice) / unit
    x, y = 0.5 * (v[:, :2].min(axis=0) + v[:, :2].max(axis=0)) / unit
    axis.set(xlim=(x - half, x + half), ylim=(y - half, y + half), aspect="equal")
    axis.set(xticks=[], yticks=[])
    axis.spines[:].set_color("0.7")
    _draw_triad(axis)
    length = _round(0.4 * half)
    right, low = x + 0.92 * half, y - 0.9 * half
    axis.plot([right - length, right], [low, low], color="0.2", lw=2.0, solid_capstyle="butt")
    axis.text(
        right - 0.5 * length,
        low + 0.03 * half,
        f"{length:g} {name}",
        ha="center",
        va="bottom",
        fontsize=8,
    )


def _round(length: float) -> float:
    """The largest 1, 2 or 5 times a power of ten below a length."""
    decade = 10.0 ** np.floor(np.log10(length))
    return float(max(m * decade for m in (1.0, 2.0, 5.0) if m * decade <= length))


def _draw_triad(axis: Axes) -> None:
    """The axes x, y, z in the lower left corner."""
    start, length = np.array([0.13, 0.12]), 0.1
    for name, direction in zip("xyz", VIEW.T[:, :2], strict=True):
        end = start + length * direction
        arrow = {"arrowstyle": "-|>", "color": "0.2", "lw": 1.0, "shrinkA": 0.0, "shrinkB": 0.0}
        where = {"xycoords": "axes fraction", "textcoords": "axes fraction"}
        axis.annotate("", end, start, arrowprops=arrow, **where)
        axis.text(
            *(start + 1.45 * length * direction),
            f"${name}$",
            transform=axis.transAxes,
            fontsize=8,
            ha="center",
            va="center",
        )


def _say(axis: Axes, text: str) -> None:
    axis.text(0.5, 0.5, text, transform=axis.transAxes, ha="center", va="center", fontsize=9)
    axis.set_axis_off()
