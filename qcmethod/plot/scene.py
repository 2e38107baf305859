"""What a picture shows: positions, values and colours of cells and atoms, and what to call them."""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from qcmethod.analysis.measure import MEASURES, Measure
from qcmethod.base.types import Array
from qcmethod.coupling.summary import summary
from qcmethod.coupling.system import System
from qcmethod.io.points import points_of

if TYPE_CHECKING:
    from matplotlib.colorbar import Colorbar
    from matplotlib.colors import Normalize


class Scene:
    """Positions, values and colours of cells and atoms."""

    def __init__(self, system: System, u: Array, measure: Measure, deformed: bool) -> None:
        from matplotlib.cm import ScalarMappable

        body = system.body
        lattice = system.problem.crystal.lattice
        self.chain, self.solid, n = lattice.dim == 1, lattice.dim == 3, lattice.n_components
        self.system, self.label = system, measure.label(n)
        self.node = body.y0_k + body.nodal(u) if deformed else body.x_k
        self.site = body.positions(u) if deformed else body.x_l
        self.cells, self.omega = body.cells.vertices, system.weights.omega_c
        self.weight = system.weights.w_l
        scale = measure.unit(n)[0]
        self.cell_value, self.site_value = (
            scale * values(system, u) for values in (measure.cells, measure.sites)
        )
        shown = np.concatenate(
            [self.cell_value[self.omega > 0.0], self.site_value[self.weight > 0.0]]
        )
        norm, cmap = _scale(shown[np.isfinite(shown)], measure.signed)
        self.colours = ScalarMappable(norm, cmap)

    @cached_property
    def solid_corners(self) -> tuple[Array, Array]:
        """Corners (n_c, 4, 3) of tetrahedra in the reference and as drawn, A: next to each other
        where the mesh repeats."""
        body = self.system.body
        points = points_of(body)
        moved = points.x + (self.node - body.x_k)[points.node]
        corner = points.cells[:, : self.cells.shape[1]]
        return points.x[corner], moved[corner]


def measure_of(system: System, name: str | None) -> Measure:
    """The measure to draw; InputError naming all of them for an unknown one."""
    if name is None:
        name = "volumetric" if system.problem.crystal.lattice.dim == 1 else "shear"
    return MEASURES.find(name)


def _scale(values: Array, signed: bool) -> tuple[Normalize, str]:
    """Norm and colour map: logarithmic over at most three decades, symmetric for signed values."""
    from matplotlib.colors import LogNorm, SymLogNorm

    top = max(float(np.abs(values).max(initial=0.0)), 1e-12)
    small = float(np.quantile(np.abs(values[values != 0.0]), 0.02)) if values.any() else 0.0
    bottom = min(max(small, 1e-3 * top), 0.5 * top)
    if signed:
        linear = 10.0 ** math.ceil(math.log10(max(bottom, 3e-3 * top)))
        return SymLogNorm(linear, linscale=0.4, vmin=-top, vmax=top), "RdBu_r"
    return LogNorm(bottom, top, clip=True), "viridis"


def set_ticks(bar: Colorbar, norm: Normalize) -> None:
    """Decades on both sides of zero for a symmetric scale (the default labels collide there)."""
    linear = getattr(norm, "linthresh", None)
    if linear is not None:
        decades = 10.0 ** np.arange(round(math.log10(linear)), math.log10(norm.vmax))
        bar.set_ticks([*-decades[::-1], 0.0, *decades])
        bar.ax.minorticks_off()


def title(system: System, u: Array) -> str:
    """Three lines: what was solved, how large the model is, and how clean."""
    facts = summary(system, u)
    pressed = [one.text for one in system.problem.external]
    first = ", ".join([what_was_solved(system), *pressed])
    ghost = facts["ghost_force"]
    patch = facts["patch_number"]
    forces = [f"{power(f)} eV/\N{ANGSTROM SIGN}" if f > 1e-10 else "none" for f in (ghost, patch)]
    second = f"{power(facts['sites'])} sites, {facts['repatoms']:,} repatoms"
    ghosts = f"ghost force: {forces[0]} at the predictor, {forces[1]} at 2 % strain"
    return f"{first}\n{second}\n{ghosts}"


def what_was_solved(system: System) -> str:
    """Problem, potential, method, and the stress intensities of a crack."""
    problem = system.problem
    loads = [
        rf"$K_\mathrm{{{name[1:]}}}$ = {value:g} MPa$\sqrt{{\mathrm{{m}}}}$"
        for name, value in problem.loads.items()
        if name in ("KI", "KII", "KIII") and value
    ]
    return ", ".join([problem.name, problem.crystal.potential.name, system.method.name, *loads])


def power(value: float) -> str:
    """Three digits and a power of ten, except where plain digits are as short."""
    if 0.01 <= abs(value) < 1e5 or value == 0.0:
        return f"{value:.3g}" if abs(value) < 100.0 else f"{value:,.0f}"
    exponent = math.floor(math.log10(abs(value)))
    return rf"${value / 10.0**exponent:.2f}\times10^{{{exponent}}}$"
