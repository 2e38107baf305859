"""What the tables of a potential and a shell of neighbours cover: the rest is refused by name."""

from __future__ import annotations

import numpy as np

from qcmethod.base.types import Array
from qcmethod.errors import InvertedCellError, OffTableError
from qcmethod.potentials.site import Params

SHELL_FACTOR = 1.3
"""The shell of cells reaches this many cut-offs: it covers stretches down to 1/1.3 = 0.77."""


def refuse_inverted(F_q: Array) -> None:
    """Raise InvertedCellError naming the first gradient with det F <= 0 (or not finite)."""
    bad = np.flatnonzero(~(np.linalg.det(F_q) > 0.0))
    if bad.size:
        raise InvertedCellError(
            f"F: {bad.size} deformation gradient(s) with det F <= 0, the first of them is "
            f"{F_q[bad[0]].tolist()}. Try a smaller load step or a larger core."
        )


def check(p: Params, radius: float, F_q: Array, density: Array, shortest: Array) -> None:
    """Refuse, by name, what the tables and a shell of that radius (A) do not cover."""
    # the smallest stretch is at least 1 - |F - 1|: most gradients need no singular values
    needed = p.cutoff / radius
    strain = np.sqrt(((F_q - np.eye(3)) ** 2).sum(axis=(1, 2)))
    suspect = F_q[~(strain < 1.0 - needed)]
    refuse_inverted(suspect)
    stretch = np.linalg.svd(suspect, compute_uv=False).min(axis=1)
    bad = np.flatnonzero(stretch < needed)
    if bad.size:
        raise InvertedCellError(
            f"F: {bad.size} cell(s) compressed beyond the neighbour shell of {radius:.3f} A "
            f"(smallest stretch {stretch[bad].min():.3f}, expected at least {needed:.3f}). Try a "
            "larger core: these cells must be atomistic."
        )
    refuse_off_table(p, float(shortest.min(initial=np.inf)), float(density.max(initial=0.0)))


def refuse_off_table(p: Params, shortest: float, densest: float) -> None:
    """Raise OffTableError for a distance (A) or an electron density off the potential's range."""
    if shortest < p.r_min:
        raise OffTableError(
            f"r: a distance of {shortest:.4f} A, expected at least {p.r_min:.4f} A for this "
            "potential. Try a smaller load step."
        )
    if densest > p.n_max:
        raise OffTableError(
            f"n: an electron density of {densest:.4f}, the potential is defined up to "
            f"{p.n_max:.4f}. Try a smaller load step or a potential tabulated further."
        )
