"""The picture of a core: slip across the glide plane, and its density, along the plane."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qcmethod.analysis.dislocation.disregistry import Disregistry
from qcmethod.base.arguments import number
from qcmethod.plot.pictures import fills

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@fills(Disregistry, (6.2, 3.8))
def fill(slip: Disregistry, axis: Axes, width: float | None = None) -> None:
    """Draw s(x)/b and the Burgers vector density -ds/dx.

    width : half-width of the picture, A (default: four separations about the core; InputError)
    """
    if width is not None:
        width = number("width", width, "a positive half-width in A", above=0.0)
    b, middle = float(np.linalg.norm(slip.b)), slip.position
    half = max(4.0 * slip.separation, 10.0 * b) if width is None else width
    x, s = slip.x, slip.along / b
    twin = axis.twinx()
    centre = 0.5 * (x[1:] + x[:-1])
    density = -np.diff(slip.along) / np.diff(x)
    twin.fill_between(centre, 0.0, density, color="tab:orange", alpha=0.3, linewidth=0.0)
    twin.set_ylabel("Burgers vector density  $-ds/dx$", color="tab:orange")
    axis.plot(x, s, "o-", color="tab:blue", markersize=3.0)
    axis.set_zorder(twin.get_zorder() + 1)
    axis.patch.set_visible(False)
    for fraction in (0.25, 0.75):
        for at in slip.crossings(fraction):
            axis.plot([at, at], [0.0, fraction], ":", color="0.3", linewidth=1.0)
            offset = (4, 2) if fraction < 0.5 else (-4, 2)
            side = "left" if fraction < 0.5 else "right"
            text = f"{at:.2f}"
            axis.annotate(text, (at, 0.0), offset, textcoords="offset points", ha=side, fontsize=8)
    axis.set_xlim(middle - half, middle + half)
    axis.set_ylim(-0.05, 1.05)
    twin.set_ylim(0.0, 1.3 * float(density.max()))
    axis.set_xlabel("x along the glide plane (Å)")
    axis.set_ylabel("disregistry  $s/b$", color="tab:blue")
    axis.set_title(f"b/4 to 3b/4: {slip.separation:.1f} Å,  b = {b:.3f} Å", fontsize=10)
