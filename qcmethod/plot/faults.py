"""Pictures of faults: energy over slip along a line, over both partials, and over a plane."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qcmethod.crystal.faults import frame
from qcmethod.crystal.faults.line import GammaLine
from qcmethod.crystal.faults.plane import GammaSurface
from qcmethod.crystal.faults.stacking import StackingFaults
from qcmethod.errors import InputError
from qcmethod.plot.pictures import draws, fills
from qcmethod.plot.sheet import sheet
from qcmethod.units import J_PER_M2

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SLIP, ENERGY = "slip (\N{ANGSTROM SIGN})", r"$\gamma$ (J/m$^2$)"


@fills(GammaLine, (5.4, 3.8))
def lines(first: GammaLine, axis: Axes, *others: GammaLine) -> None:
    """Gamma lines in one frame, their highest points marked (InputError)."""
    for curve in others:
        if not isinstance(curve, GammaLine):
            raise InputError("others", curve, "GammaLines", "qcmethod.gamma_line(crystal)")
    axis.set(xlabel=SLIP, ylabel=ENERGY)
    for curve in (first, *others):
        label = f"{curve.potential} {frame.name(curve.plane, curve.direction)}, {curve.relax}"
        (line,) = axis.plot(curve.slip, curve.j_per_m2, lw=1.6, label=label)
        top = curve.unstable
        axis.plot(top.slip, top.j_per_m2, "o", ms=4, color=line.get_color())
    axis.legend(frameon=False, fontsize=8)


@fills(StackingFaults, (6.0, 3.8))
def stacking(faults: StackingFaults, axis: Axes) -> None:
    """Energy over the slip of both partials, the four points named."""
    axis.set(xlabel=SLIP, ylabel=ENERGY)
    axis.plot(faults.slip, faults.energy_rigid / J_PER_M2, "--", color="0.6", label="rigid")
    axis.plot(faults.slip, faults.energy / J_PER_M2, color="tab:blue", lw=1.6, label="relaxed")
    b = faults.partial
    symbols = {"unstable": "us", "intrinsic": "isf", "unstable_twin": "ut", "extrinsic": "esf"}
    for name, point in faults.points().items():
        at = point.slip + (b if name in ("unstable_twin", "extrinsic") else 0.0)
        axis.plot(at, point.j_per_m2, "o", ms=4, color="tab:blue")
        text = rf"$\gamma_\mathrm{{{symbols[name]}}}$ {point.j_per_m2:.4f}"
        offset = (0, 16) if name.startswith("unstable") else (0, -14)
        side = "right" if name == "extrinsic" else "center"
        at_text = dict(textcoords="offset points", ha=side, va="center", fontsize=8)
        axis.annotate(text, (at, point.j_per_m2), offset, **at_text)
    low, high = float(faults.energy.min()), float(faults.energy_rigid.max())
    axis.set_ylim(min(0.0, 1.2 * low) / J_PER_M2, 1.12 * high / J_PER_M2)
    axis.axvline(b, color="0.85", lw=0.8, zorder=0)
    axis.legend(frameon=False, fontsize=8, loc="upper left")
    axis.set_title(f"{faults.potential}, (1 1 1)[1 1 -2]", fontsize=10)


@draws(GammaSurface)
def surface(gamma: GammaSurface) -> Figure:
    """A map of the energy over one repeat, as high as the repeat asks for."""
    z = 2.0 * gamma.z[-1] - gamma.z[-2]
    x = 2.0 * gamma.x[-1] - gamma.x[-2]
    figure = sheet((5.6, float(np.clip(0.9 + 4.0 * z / x, 2.4, 8.0))))
    fill_surface(gamma, figure.subplots())
    return figure


@fills(GammaSurface)
def fill_surface(gamma: GammaSurface, axis: Axes) -> None:
    """The map into an axis, closed at its far edges."""
    x = np.append(gamma.x, 2.0 * gamma.x[-1] - gamma.x[-2])
    z = np.append(gamma.z, 2.0 * gamma.z[-1] - gamma.z[-2])
    energy = np.pad(gamma.j_per_m2, ((0, 1), (0, 1)), mode="wrap")
    filled = axis.contourf(x, z, energy.T, levels=24, cmap="viridis")
    axis.contour(x, z, energy.T, levels=12, colors="white", linewidths=0.4, alpha=0.6)
    axis.figure.colorbar(filled, ax=axis, label=ENERGY)
    names = ("[{} {} {}]".format(*h) for h in (gamma.direction, gamma.across))
    labels = [f"{SLIP} along {name}" for name in names]
    axis.set(xlabel=labels[0], ylabel=labels[1], aspect="equal")
    axis.set_title(f"{gamma.potential}, ({' '.join(map(str, gamma.plane))})", fontsize=10)
