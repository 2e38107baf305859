"""A picture of phonon branches: frequency over the path, imaginary frequencies below zero."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qcmethod.crystal.stability.bands import Phonons
from qcmethod.plot.pictures import fills

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@fills(Phonons, (6.4, 4.2))
def fill(phonons: Phonons, axis: Axes) -> None:
    """Draw frequencies, THz, over the distance along the path."""
    distance, frequencies, labels = phonons.distance, phonons.frequencies, phonons.labels
    lowest = min(0.0, float(frequencies.min()))
    single = len(distance) == 1
    axis.plot(distance, frequencies, "o" if single else "-", color="tab:blue", linewidth=1.5)
    if lowest < -1e-6 * np.abs(frequencies).max():
        axis.axhspan(1.15 * lowest, 0.0, color="tab:red", alpha=0.08, linewidth=0)
        axis.text(
            0.985,
            0.02,
            "imaginary",
            transform=axis.transAxes,
            ha="right",
            va="bottom",
            color="tab:red",
        )
        axis.set_ylim(bottom=1.15 * lowest)
    else:
        axis.set_ylim(bottom=0.0)
    axis.axhline(0.0, color="black", linewidth=0.8)
    if labels:
        axis.set_xticks([x for x, _ in labels], [_greek(name) for _, name in labels])
        for x, _ in labels:
            axis.axvline(x, color="0.75", linewidth=0.8, zorder=0)
    else:
        axis.set_xlabel("distance along the wave vectors (1/\N{ANGSTROM SIGN})")
    if not single:
        axis.set_xlim(distance[0], distance[-1])
    axis.set_ylabel("frequency (THz)")
    axis.set_title(phonons.title, fontsize=11)


def _greek(name: str) -> str:
    return name.replace("G", "$\\Gamma$").replace(",", "|")
