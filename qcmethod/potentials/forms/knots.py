"""EAM given as spline knots, after Ercolessi and Adams 1994 (doi 10.1209/0295-5075/26/8/005).

phi(r), rho(r) and U(n) are C2 cubic splines through published knots with the end conditions of
Forsythe, Malcolm and Moler. The original extrapolates the cubics at the short-distance end and
at the high-density end; here the last cubic of U is re-expanded over further rows of the table,
up to the density ``n_max``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qcmethod.base.types import Array
from qcmethod.errors import InputError
from qcmethod.potentials.forms.checks import as_list, finite_number, numbers, positive
from qcmethod.potentials.forms.spline import SplineEAM, forsythe_spline
from qcmethod.potentials.site import form

MOST_KNOTS = 1000
"""A spline is solved for as a dense system: 8 MB with so many."""
MOST_ROWS = 10_000
"""Intervals over which the last cubic of U is continued."""


@form("eam-knots")
def eam_knots(
    *,
    cutoff: float,
    r_min: float,
    n_max: float,
    r: Sequence[float],
    phi: Sequence[float],
    rho: Sequence[float],
    n: Sequence[float],
    U: Sequence[float],
) -> SplineEAM:
    """Splines through the knots (r, phi), (r, rho) and (n, U); A and eV.

    Knots beyond the cut-off shape the spline and are then dropped (two of them, a hair beyond,
    give Ercolessi and Adams their zero slope). Up to the cut-off r must be uniform and end on it,
    n must be uniform and begin at 0. Raises InputError otherwise, or for lists that do not match.
    """
    positive(cutoff=cutoff, r_min=r_min, n_max=n_max)
    rk, nk = _grid("r", r), _grid("n", n)
    rows_phi = forsythe_spline(rk, _values("phi", phi, rk))
    rows_rho = forsythe_spline(rk, _values("rho", rho, rk))
    rows_U = forsythe_spline(nk, _values("U", U, nk))
    inside = int(np.searchsorted(rk, cutoff * (1.0 - 1e-12)))
    if inside == len(rk) or abs(rk[inside] - cutoff) > 1e-9:
        raise InputError("cutoff", cutoff, "one of the knots r", "the knot where phi and rho end")
    dr, dn = _step("r", rk[: inside + 1]), _step("n", nk)
    if nk[0] != 0.0:
        raise InputError("n", nk[0], "a first knot at density 0")
    radial = np.ascontiguousarray(np.hstack([rows_phi, rows_rho])[:inside])
    further = _rows_beyond(n_max, float(nk[-1]), dn)
    ahead = [_shifted(rows_U[-1], k) for k in range(1, further + 1)]
    embedding = np.ascontiguousarray(np.vstack([rows_U, *ahead]))
    limit = float(dn * len(embedding))
    return SplineEAM(
        cutoff, r_min, limit, float(rk[0]), 1.0 / dr, radial, False, 1.0 / dn, embedding
    )


def _rows_beyond(n_max: float, last: float, dn: float) -> int:
    """How many intervals of dn lie between the last knot and n_max, at most `MOST_ROWS`."""
    rows = float(np.ceil((n_max - last) / dn - 1e-9))
    if rows > MOST_ROWS:
        expected = f"a density at most {MOST_ROWS} steps of {dn:g} beyond the last knot"
        raise InputError("n_max", n_max, expected, "twice the density of the crystal")
    return max(0, int(rows))


def _shifted(c: Array, k: int) -> Array:
    """The same cubic with its origin moved k intervals on: c(t + k)."""
    return np.array(
        [
            c[0] + k * (c[1] + k * (c[2] + k * c[3])),
            c[1] + k * (2.0 * c[2] + 3.0 * k * c[3]),
            c[2] + 3.0 * k * c[3],
            c[3],
        ]
    )


def _grid(argument: str, x: Sequence[float]) -> Array:
    knots = as_list(argument, x)
    if len(knots) > MOST_KNOTS:
        raise InputError(argument, f"{len(knots)} knots", f"at most {MOST_KNOTS}")
    grid = np.array([finite_number(argument, value) for value in knots])
    if len(grid) < 4 or not np.all(np.diff(grid) > 0.0):
        raise InputError(argument, f"{len(grid)} knots", "at least 4 increasing numbers")
    return grid


def _values(argument: str, y: Sequence[float], x: Array) -> Array:
    return np.array(numbers(argument, y, len(x)))


def _step(argument: str, grid: Array) -> float:
    """Spacing of a uniform grid, to the 1e-9 A that printed digits allow."""
    steps = np.diff(grid)
    if np.ptp(steps) > 1e-9:
        raise InputError(argument, f"steps {steps.min()} to {steps.max()}", "uniform knots")
    return float((grid[-1] - grid[0]) / len(steps))
