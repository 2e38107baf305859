"""A picture of a solution: the whole domain, the graded mesh, and the atoms around the defect.

Cells and atoms share one colour scale. An atom of the blending zone is drawn with an area
proportional to its weight 1 - beta. A chain is drawn as strain over position.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qcmethod import strain
from qcmethod.ase import summary
from qcmethod.errors import InputError
from qcmethod.io import checked, whole
from qcmethod.system import System

Array = NDArray[np.float64]
SUFFIXES = [".pdf", ".png", ".svg"]
STRETCH = 12.0
"""A panel in between is drawn when the domain is wider than the last panel by more than this."""


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
        Green-Lagrange strain, or "displacement" (its magnitude, A)
    deformed : draw deformed or reference positions
    zoom : half-width of the last panel, A (default: the core and the blending zone, if not too big)

    Raises InputError (suffix, folder, measure, zoom) before anything is written.
    """
    from matplotlib.figure import Figure

    target, name = checked(path, SUFFIXES), _measure_name(system, measure)
    half = _half_width(system, zoom)
    scene = _Scene(system, u, name, deformed)
    widths = _widths(half, system.problem.extent)
    chain = system.problem.crystal.lattice.dim == 1
    figure = Figure(figsize=(4.3 * len(widths) + 1.1, 3.9 if chain else 5.0), layout="constrained")
    axes = figure.subplots(1, len(widths), squeeze=False)[0]
    for axis, width, outer in zip(axes, widths, [None, *axes[:-1]], strict=True):
        last = width == widths[-1]
        (_draw_chain if chain else _draw_plane)(axis, scene, width, last)
        _frame(axis, width, chain)
        if outer is not None and not chain:
            _connect(figure, outer, axis, width)
    if not chain:
        bar = figure.colorbar(scene.colours, ax=list(axes), shrink=0.86, pad=0.01, aspect=28)
        bar.set_label(_label(name))
    figure.suptitle(_title(system, u), fontsize=11)
    with whole(target) as partial:
        figure.savefig(partial, dpi=dpi)
    return target


def _measure_name(system: System, measure: str | None) -> str:
    if measure is None:
        return "volumetric" if system.problem.crystal.lattice.dim == 1 else "shear"
    if measure not in strain.MEASURES and measure != "displacement":
        expected = f"one of {sorted([*strain.MEASURES, 'displacement'])}"
        raise InputError("measure", measure, expected)
    return measure


def _half_width(system: System, zoom: float | None) -> float:
    extent, near = system.problem.extent, strain.nearest_neighbour(system)
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


class _Scene:
    """Positions, values and colours of cells and atoms."""

    def __init__(self, system: System, u: Array, name: str, deformed: bool) -> None:
        from matplotlib.cm import ScalarMappable

        body = system.body
        self.system, self.name = system, name
        self.node = body.y0_k + u if deformed else body.x_k
        self.site = body.positions(u) if deformed else body.x_l
        self.cells, self.omega = body.cells.vertices, system.weights.omega_c
        self.weight = system.weights.w_l
        self.cell_value, self.site_value = _values(system, u, name)
        shown = np.concatenate(
            [self.cell_value[self.omega > 0.0], self.site_value[self.weight > 0.0]]
        )
        norm, cmap = _scale(shown, signed=name not in ("shear", "displacement"))
        self.colours = ScalarMappable(norm, cmap)


def _values(system: System, u: Array, name: str) -> tuple[Array, Array]:
    """The measure on the cells (n_c,) and on the sites (n_l,)."""
    body, n = system.body, system.problem.crystal.lattice.n_components
    if name == "displacement":
        nodal = np.linalg.norm(body.y0_k - body.x_k + u, axis=1)
        at_sites = np.linalg.norm(body.positions(u) - body.x_l, axis=1)
        return nodal[body.cells.vertices].mean(axis=1), at_sites
    f = strain.measure_of(name)
    return f(strain.cell_strain(system, u), n), f(strain.site_strain(system, u), n)


def _scale(values: Array, signed: bool) -> tuple[Any, str]:
    """Norm and colour map: logarithmic over at most three decades, symmetric for signed values."""
    from matplotlib.colors import LogNorm, SymLogNorm

    top = max(float(np.abs(values).max(initial=0.0)), 1e-12)
    small = float(np.quantile(np.abs(values[values != 0.0]), 0.02)) if values.any() else 0.0
    bottom = min(max(small, 1e-3 * top), 0.5 * top)
    if signed:
        return SymLogNorm(max(bottom, 1e-2 * top), vmin=-top, vmax=top), "RdBu_r"
    return LogNorm(bottom, top), "viridis"


def _draw_plane(axis: Any, scene: _Scene, width: float, last: bool) -> None:
    from matplotlib.collections import EllipseCollection, PolyCollection

    unit = _unit(width)[0]
    corners = scene.node[scene.cells][:, :, :2]
    near = (np.abs(corners).min(axis=1) < 1.5 * width).all(axis=1) & (scene.omega > 0.0)
    colour = scene.colours.to_rgba(scene.cell_value[near])
    line = 0.35 if last else 0.18
    axis.add_collection(
        PolyCollection(
            corners[near] / unit, facecolors=colour, edgecolors=(1, 1, 1, 0.55), linewidths=line
        )
    )
    atoms = np.flatnonzero((scene.weight > 0.0) & (np.abs(scene.site[:, :2]) < 1.2 * width).all(1))
    size = 0.94 * strain.nearest_neighbour(scene.system) * np.sqrt(scene.weight[atoms]) / unit
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
    _draw_zones(axis, scene.system, unit)


def _draw_zones(axis: Any, system: System, unit: float) -> None:
    """Outlines of the core (dashed) and of the blending zone: equal distances from the row."""
    if system.method.beta not in ("sharp", "smooth"):
        return
    first, last = system.problem.row
    arc = np.linspace(-np.pi / 2, np.pi / 2, 90)
    half = np.stack([np.cos(arc), np.sin(arc)], axis=1)
    for radius, style in ((system.core, "--"), (system.core + system.blend, "-")):
        outline = np.concatenate([last + radius * half, first - radius * half])
        x, y = np.append(outline, outline[:1], axis=0).T / unit
        axis.plot(x, y, style, color="crimson", linewidth=0.9)


def _draw_chain(axis: Any, scene: _Scene, width: float, last: bool) -> None:
    unit, name = _unit(width)
    x = scene.node[scene.cells][:, :, 0] / unit
    on = scene.omega > 0.0
    ends = np.stack([x[on], x[on]], axis=1)[:, 0]
    level = np.repeat(scene.cell_value[on, None], 2, axis=1)
    axis.plot(ends.T, level.T, color="tab:blue", linewidth=1.4)
    atoms = scene.weight > 0.0
    axis.plot(scene.site[atoms, 0] / unit, scene.site_value[atoms], "o", color="tab:red", ms=2.5)
    axis.plot([], [], color="tab:blue", label="cells")
    axis.plot([], [], "o", color="tab:red", ms=2.5, label="atoms")
    axis.set_ylabel(_label(scene.name))
    if last:
        axis.legend(frameon=False)


def _unit(width: float) -> tuple[float, str]:
    """Length unit of a panel of that half-width, A, and its name."""
    if width >= 5e3:
        return 1e4, "\N{MICRO SIGN}m"
    return (10.0, "nm") if width >= 100.0 else (1.0, "\N{ANGSTROM SIGN}")


def _frame(axis: Any, width: float, chain: bool) -> None:
    unit, name = _unit(width)
    axis.set_xlim(-width / unit, width / unit)
    axis.set_xlabel(f"$x$ ({name})")
    if not chain:
        axis.set_ylim(-width / unit, width / unit)
        axis.set_ylabel(f"$y$ ({name})", labelpad=1)
        axis.set_aspect("equal")


def _connect(figure: Any, outer: Any, inner: Any, width: float) -> None:
    """Show the field of the inner panel in the outer one."""
    from matplotlib.patches import ConnectionPatch, Rectangle

    outer_unit = _unit_of(outer)
    w = width / outer_unit
    outer.add_patch(Rectangle((-w, -w), 2 * w, 2 * w, fill=False, color="black", linewidth=0.8))
    for y in (0.0, 1.0):
        link = ConnectionPatch(
            (w, w * (2 * y - 1)), (0.0, y), "data", "axes fraction", axesA=outer, axesB=inner, color="0.3"
        )
        link.set_linewidth(0.7)
        link.set_in_layout(False)
        figure.add_artist(link)


def _unit_of(axis: Any) -> float:
    text = axis.get_xlabel()
    return 1e4 if "m)" in text and "nm" not in text else 10.0 if "nm" in text else 1.0


def _label(name: str) -> str:
    if name == "displacement":
        return "displacement $|u|$ (\N{ANGSTROM SIGN})"
    if name == "shear":
        return r"shear strain $\sqrt{\mathrm{dev}E : \mathrm{dev}E/2}$"
    return r"volumetric strain $\mathrm{tr}E/n$" if name == "volumetric" else f"strain $E_{{{name}}}$"


def _title(system: System, u: Array) -> str:
    facts = summary(system, u)
    loads = [
        rf"$K_\mathrm{{{k[1:]}}}$ = {v:g} MPa$\sqrt{{\mathrm{{m}}}}$"
        for k, v in system.problem.loads.items()
        if k in ("KI", "KII", "KIII") and v
    ]
    first = ", ".join([facts["problem"], facts["potential"], facts["method"], *loads])
    return (
        f"{first}\n{_power(facts['sites'])} sites, {facts['repatoms']} repatoms, ghost force "
        f"{_power(facts['ghost_force'])} eV/\N{ANGSTROM SIGN}"
    )


def _power(value: float) -> str:
    """Three digits, as a power of ten where that is shorter."""
    if 0.01 <= abs(value) < 1e5 or value == 0.0:
        return f"{value:.3g}" if value != round(value) else f"{value:.0f}"
    exponent = math.floor(math.log10(abs(value)))
    return rf"${value / 10.0**exponent:.2f}\times10^{{{exponent}}}$"
