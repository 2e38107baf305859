"""What the tables of a potential and a shell of neighbours cover: the rest is refused by name."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from qcmethod.base.arguments import number
from qcmethod.base.types import Array
from qcmethod.errors import InputError, InvertedCellError, OffTableError
from qcmethod.potentials.shells import FARTHEST
from qcmethod.potentials.site import Params, is_many_body, pair2, site

LONGEST = 1e3
"""Of whatever unit of length: no cut-off is longer."""
SHELL_FACTOR = 1.3
"""The shell of cells reaches this many cut-offs: it covers stretches down to 1/1.3 = 0.77."""


def sound(p: Params) -> None:
    """Raise InputError for a form with a cut-off, a range or values that no potential has."""
    if not 0.0 < p.cutoff <= LONGEST:
        raise InputError("cutoff", p.cutoff, f"a length in (0, {LONGEST:g}]")
    if not 0.0 <= p.r_min < p.cutoff:
        expected = f"a cut-off beyond the shortest distance of the form, {p.r_min:.6g}"
        raise InputError("cutoff", p.cutoff, expected)
    if not p.n_max > 0.0:
        raise InputError("n_max", p.n_max, "a density > 0")
    for r in np.linspace(max(p.r_min, 0.1 * p.cutoff), p.cutoff, 9):
        if is_many_body(p):
            V, g, _ = site(p, np.array([[r, 0.0, 0.0], [0.0, r, 0.0]]), np.zeros(3, dtype=np.int64))
            values, what = (V, *g.ravel()), "energies and forces"
        else:
            values, what = pair2(p, float(r)), "phi and rho, with derivatives,"
        if not np.all(np.isfinite(values)):
            raise InputError("numbers", values, f"finite {what} at {r:.4g}")


def lattice_constant(name: str, given: Mapping[str, object], cutoff: float) -> float:
    """The lattice constant of a card, 0 where it has none; InputError for one that is no length of
    a crystal whose neighbours a cut-off reaches."""
    if "lattice_constant" not in given:
        return 0.0
    expected = f"a length from {cutoff / FARTHEST:.4g} to {FARTHEST:g} times the cut-off {cutoff:g}"
    least, most = cutoff / FARTHEST, cutoff * FARTHEST
    return number(name, given["lattice_constant"], expected, least=least, most=most)


def refuse_inverted(F_q: Array) -> None:
    """Raise InvertedCellError naming the first gradient with det F <= 0 (or not finite)."""
    bad = np.flatnonzero(~(np.linalg.det(F_q) > 0.0))
    if bad.size:
        raise InvertedCellError(
            f"F: {bad.size} deformation gradient(s) with det F <= 0, the first of them is "
            f"{F_q[bad[0]].tolist()}. Try a smaller load step or a larger core."
        )


def refuse_uncovered(p: Params, radius: float, F_q: Array) -> None:
    """Raise InvertedCellError for a gradient (n, 3, 3) that a shell of a radius (A) does not cover,
    or that is inverted."""
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


def check(p: Params, radius: float, F_q: Array, density: Array, shortest: Array) -> None:
    """Refuse, by name, what the tables and a shell of that radius (A) do not cover."""
    refuse_uncovered(p, radius, F_q)
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
