"""One element of a tabulated EAM or ADP potential: its columns, its header, and their splines.

LAMMPS's conventions (pair_style eam/alloy): cubic Hermite rows in index space on rho(r), r phi(r)
and F(n); the cut-off is the header's. Between the last row and the cut-off the last value holds, as
in LAMMPS; there LAMMPS keeps the last slope as well, so that its force is no gradient, and here the
slope is that of the held value. Densities beyond the grid are off the table here, where LAMMPS
continues F by a line.

Rows at short distances that are filling (1e12 in some files, INF in others) are never used: the
distances that they touch are off the table.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from qcmethod.base.types import Array
from qcmethod.errors import PotentialFileError
from qcmethod.potentials.forms.angular import SplineADP
from qcmethod.potentials.forms.spline import SplineEAM, hermite_rows

SHORTEST = 0.5
"""A; distances below are off every table."""
HARDEST = 1e3
"""eV; a pair energy beyond it marks the short-distance rows as filling (1e12 in some files)."""
FEW = 3
"""Fewer rows than this beyond `HARDEST`, behind rows below it, are no filling but wrong rows."""
HINT = "eV and Angstrom throughout, r phi in the pair column? Header of another crystal?"


@dataclass(frozen=True)
class Grid:
    """Header of a table: nrho densities by drho from 0, nr distances by dr (A) from 0, cut-off."""

    nrho: int
    drho: float
    nr: int
    dr: float
    cutoff: float

    @property
    def end(self) -> float:
        """The last distance, A."""
        return (self.nr - 1) * self.dr

    @property
    def densest(self) -> float:
        """The last density."""
        return (self.nrho - 1) * self.drho


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of one element: F (nrho,) eV, rho (nr,), r*phi (nr,) eV A, and its header.

    `params` are those of its EAM, which is all that a crystal of cubic symmetry feels; `form` those
    of the potential.
    """

    file: str
    element: str
    grid: Grid
    F: Array
    rho: Array
    rphi: Array
    mass: float
    lattice_constant: float  # A, as the header says; 0 if it says nothing sensible
    structure: str  # "fcc", "bcc" or ""
    angular: tuple[Array, Array] | None = None  # u and w (nr,) of ADP

    @cached_property
    def used(self) -> slice:
        """The rows of rho and r phi that distances from `r_min` to the cut-off touch."""
        grid = self.grid
        first = min(int(self.r_min / grid.dr), grid.nr - 1)
        return slice(first, max(min(grid.nr, math.ceil(grid.cutoff / grid.dr) + 2), first + 1))

    @cached_property
    def r_min(self) -> float:
        """A; shorter distances are off the table, for its rows are filling there."""
        dr = self.grid.dr
        inside = slice(math.ceil(self.grid.cutoff / dr) + 2)
        rphi = self.rphi[inside]
        finite = [np.isfinite(y[inside]) for y in (rphi, self.rho, *(self.angular or ()))]
        endless = _filling(~np.logical_and.reduce(finite))
        hard = _filling(~(np.abs(rphi) <= HARDEST * dr * np.arange(len(rphi))))
        # the slope at a row is taken over two rows on either side
        return max(SHORTEST, 2.0 * dr, (hard + 2) * dr, (endless + 3) * dr if endless else 0.0)

    @cached_property
    def params(self) -> SplineEAM:
        """The splines of phi, rho and F."""
        grid = self.grid
        return SplineEAM(
            cutoff=grid.cutoff,
            r_min=self.r_min,
            n_max=grid.densest,
            r0=0.0,
            inv_dr=1.0 / grid.dr,
            radial=self._rows(self.rphi, self.rho),
            scaled=True,
            inv_dn=1.0 / grid.drho,
            embedding=hermite_rows(self.F),
        )

    @cached_property
    def form(self) -> SplineEAM | SplineADP:
        """The splines of the potential."""
        if self.angular is None:
            return self.params
        radial = np.hstack([self.params.radial, self._rows(*self.angular)])
        return SplineADP(*self.params._replace(radial=np.ascontiguousarray(radial)))

    def _rows(self, *columns: Array) -> Array:
        """The cubics (intervals, 4 a column) of columns (nr,) up to the cut-off."""
        grid, finite = self.grid, [np.nan_to_num(y, posinf=0.0, neginf=0.0) for y in columns]
        rows = np.hstack([hermite_rows(y) for y in finite])
        if grid.cutoff > grid.end + 1e-6 * grid.dr:
            held = np.zeros((1, rows.shape[1]))
            held[0, ::4] = [y[-1] for y in finite]
            rows = np.vstack([rows, held])
        used = min(len(rows), math.ceil(grid.cutoff / grid.dr) + 1)
        return np.ascontiguousarray(rows[:used])

    def error(
        self, what: str, given: object, expected: str, hint: str = HINT
    ) -> PotentialFileError:
        """A PotentialFileError that names this file and element."""
        return PotentialFileError(f"{self.file}, {self.element}, {what}", given, expected, hint)


def _filling(hard: NDArray[np.bool_]) -> int:
    """The last row of the filling at short distances, where `hard` (nr,) says which rows are.

    It begins at row 0 or 1, or goes on for a few rows; a single one further on is a wrong row.
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], hard, [False]])))
    runs = edges.reshape(-1, 2)
    filled = runs[(runs[:, 0] <= 1) | (runs[:, 1] - runs[:, 0] >= FEW)]
    return int(filled[-1, 1]) - 1 if len(filled) else 0
