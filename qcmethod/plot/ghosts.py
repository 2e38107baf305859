"""The ghost-force map: mesh, regions, an arrow a repatom; beside it the force over the distance.

Colour and length of an arrow are the logarithm of |f| over at most three decades; what is smaller
is a grey dot. |f| counts all components, arrows show the two in the plane. In space the map is the
section across z through the middle of the defect, with the nodes next to it. A chain is drawn as
f_x over x.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from qcmethod.analysis.patch.report import PatchReport
from qcmethod.base.arguments import number
from qcmethod.base.door import door
from qcmethod.base.files import picture
from qcmethod.base.types import Array
from qcmethod.coupling.system import System
from qcmethod.errors import InputError
from qcmethod.plot.ghost_panels import FORCE, draw_chain, draw_decay, draw_map
from qcmethod.plot.panels import SMALLEST, frame, reach_of
from qcmethod.plot.pictures import draws, fills
from qcmethod.plot.scene import power
from qcmethod.plot.sheet import saved, sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable
    from matplotlib.figure import Figure

DECADES = 1e-3


@draws(PatchReport)
def draw(report: PatchReport, gradient: str | None = None, zoom: float | None = None) -> Figure:
    """The ghost forces of a report at a gradient, `zoom` A about the defect (InputError)."""
    row, f, system = report.at(gradient)
    return panels(system, f, row.name, report.tolerance, zoom)


@fills(PatchReport)
def fill(
    report: PatchReport, axis: Axes, gradient: str | None = None, zoom: float | None = None
) -> None:
    """The map alone."""
    _, f, system = report.at(gradient)
    _fill_map(axis, system, f, report.tolerance, _half_width(system, zoom))


@door
def ghost_map(
    path: str | Path,
    system: System,
    forces: Array,
    *,
    at: str = "",
    tolerance: float = 1e-10,
    zoom: float | None = None,
    dpi: int = 200,
) -> Path:
    """Draw the ghost forces (n_k, 3), eV/A, of a system to a `.png`, `.pdf` or `.svg` file.

    Parameters
    ----------
    at : name of the gradient, for the title
    tolerance : what is not a ghost force, eV/A
    zoom : half-width of the map, A (default: the core, the blending zone and a cut-off)

    Raises InputError (suffix, folder, forces, zoom, dpi) before anything is written.
    """
    target = picture(path, dpi)
    tolerance = number("tolerance", tolerance, "a positive force in eV/A, e.g. 1e-10", above=0.0)
    f = np.asarray(forces, dtype=np.float64)
    if f.shape != system.zero.shape or not np.isfinite(f).all():
        raise InputError("forces", f"shape {f.shape}", f"finite (n_k, 3) = {system.zero.shape}")
    return saved(panels(system, f, at, tolerance, zoom), target, dpi)


def panels(system: System, f: Array, at: str, tolerance: float, zoom: float | None) -> Figure:
    """The map, and beside it the force over the distance."""
    width, size = _half_width(system, zoom), np.linalg.norm(f, axis=1)
    figure = sheet((10.6, 5.2))
    left, right = figure.subplots(1, 2, width_ratios=(1.25, 1.0))
    _fill_map(left, system, f, tolerance, width)
    draw_decay(right, system, size, tolerance, width)
    figure.suptitle(_title(system, size, at), fontsize=11)
    return figure


def _fill_map(axis: Axes, system: System, f: Array, tolerance: float, width: float) -> None:
    size = np.linalg.norm(f, axis=1)
    colours = _colours(size, tolerance)
    chain = system.problem.crystal.lattice.dim == 1
    if chain:
        draw_chain(axis, system, f, width)
    else:
        draw_map(axis, system, f, colours, width)
        if size.max() > tolerance:
            label = f"ghost force $|f|$ ({FORCE})"
            axis.figure.colorbar(colours, ax=axis, label=label, shrink=0.85)
        else:
            clean = f"no force above {tolerance:.0e} {FORCE}"
            axis.set_title(clean, fontsize=10, color="tab:green")
    frame(axis, width, chain)


def _half_width(system: System, zoom: float | None) -> float:
    """Half-width of the map, A."""
    problem = system.problem
    if zoom is None:
        reach = reach_of(problem) + system.partition.outer * problem.stretch
        return min(reach + problem.crystal.potential.cutoff, problem.extent)
    expected = f"a half-width in A up to extent={problem.extent}"
    return number("zoom", zoom, expected, least=SMALLEST, most=problem.extent)


def _colours(size: Array, tolerance: float) -> ScalarMappable:
    """Logarithmic colours from the largest force three decades down, not below the tolerance."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import LogNorm

    top = max(float(size.max()), 10.0 * tolerance)
    return ScalarMappable(LogNorm(max(DECADES * top, tolerance), top, clip=True), "plasma_r")


def _title(system: System, size: Array, at: str) -> str:
    """Two lines: what was tested, where, and how large."""
    zone = [f"core {system.core:g}"] if system.method.coupled else []
    zone += [f"blend {system.blend:g}"] if system.method.blended else []
    zones = f", {' + '.join(zone)} \N{ANGSTROM SIGN}" if zone else ""
    the = "the " if at in ("predictor", "reference") else ""
    where = f" at {the}{at}" if at else ""
    first = f"{system.problem.crystal.potential.name}, {system.method.name}{zones}"
    what = "ghost forces"
    if at == "predictor" and system.method.reconstruct:
        what = "difference to the blended forces"  # where the strain varies it is no ghost force
    return f"{first}\n{what}{where}: worst {power(float(size.max()))} {FORCE}"
