"""A picture of a nudged elastic band: the energy of its images along the way, and the saddle.

The line through the images is the cubic that has their energies, and is flat at both ends, which
are minima, and at the saddle.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.interpolate import PchipInterpolator

from qcmethod.plot.pictures import fills
from qcmethod.studies.neb.band import Band

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PATH, SADDLE = "#2166ac", "#b2182b"


@fills(Band, (5.4, 4.0))
def fill(band: Band, axis: Axes) -> None:
    """The energy along the band."""
    way, energy, top = band.length, 1e3 * band.energies, 1e3 * band.barrier
    at = np.append(np.delete(way, band.highest), band.at)
    over = np.append(np.delete(energy, band.highest), top)
    order = np.argsort(at)
    smooth = np.linspace(0.0, way[-1], 200)
    axis.plot(smooth, PchipInterpolator(at[order], over[order])(smooth), color=PATH, lw=1.4)
    axis.plot(way, energy, "o", color=PATH, ms=5, label="images")
    if band.unstable is not None:
        label = f"saddle, {top:.2f} meV"
        axis.plot(band.at, top, "D", color=SADDLE, ms=6, label=label)
    axis.set(xlabel="way along the band (\N{ANGSTROM SIGN})", ylabel="energy (meV per period)")
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(frameon=False, fontsize=9)
