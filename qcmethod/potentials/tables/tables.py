"""One element of a tabulated EAM potential, and what makes a table unfit for use.

LAMMPS's conventions (pair_style eam/alloy): cubic Hermite rows in index space on rho(r), r phi(r)
and F(n); the cut-off is the header's, and between the last row and the cut-off the last value
holds. Densities beyond the grid are off the table here, where LAMMPS continues F by a line.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from qcmethod.base.types import Array
from qcmethod.errors import PotentialFileError
from qcmethod.potentials.contract import Potential
from qcmethod.potentials.forms.spline import SplineEAM, hermite_rows
from qcmethod.potentials.shells import perfect_crystal
from qcmethod.potentials.site import embed, pair

SHORTEST = 0.5
"""A; distances below are off every table."""

HARDEST = 1e3
"""eV; a pair energy beyond it marks the short-distance rows as filling (1e12 in some files)."""


LARGEST_JUMP = 0.05
"""eV; a pair energy beyond it at the cut-off is a mistake, not a sharp tail (at most 5e-4 seen)."""

DEEPEST = 15.0
"""eV an atom; no crystal is bound more deeply (tungsten: 8.9)."""


@dataclass(frozen=True)
class Grid:
    """Header of a table: nrho densities by drho from 0, nr distances by dr (A) from 0, cut-off."""

    nrho: int
    drho: float
    nr: int
    dr: float
    cutoff: float


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of one element: F (nrho,) eV, rho (nr,), r*phi (nr,) eV A, and its header."""

    file: str
    element: str
    grid: Grid
    F: Array
    rho: Array
    rphi: Array
    mass: float
    lattice_constant: float  # A, as the header says; 0 if it says nothing sensible
    structure: str  # "fcc", "bcc" or ""

    def potential(self) -> Potential:
        """The splined potential; PotentialFileError when the table is mis-scaled."""
        params = self._params()
        self._check_columns(params)
        self._check_crystal(params)
        return Potential(
            name=f"{self.file} {self.element}",
            element=self.element,
            params=params,
            structure=self.structure,
            lattice_constant=self.lattice_constant,
            mass=self.mass,
        )

    def _params(self) -> SplineEAM:
        grid = self.grid
        rows = np.hstack([hermite_rows(self.rphi), hermite_rows(self.rho)])
        used = min(len(rows), math.ceil(grid.cutoff / grid.dr) + 1)
        r = grid.dr * np.arange(grid.nr)
        hard = np.flatnonzero(np.abs(self.rphi) > HARDEST * r)
        r_min = max(SHORTEST, 2.0 * grid.dr, r[hard[-1]] + 2.0 * grid.dr if len(hard) else 0.0)
        return SplineEAM(
            cutoff=grid.cutoff,
            r_min=float(r_min),
            n_max=(grid.nrho - 1) * grid.drho,
            r0=0.0,
            inv_dr=1.0 / grid.dr,
            radial=np.ascontiguousarray(rows[:used]),
            scaled=True,
            inv_dn=1.0 / grid.drho,
            embedding=hermite_rows(self.F),
        )

    def _check_columns(self, params: SplineEAM) -> None:
        """The columns must reach the cut-off and have come down there."""
        grid, end = self.grid, (self.grid.nr - 1) * self.grid.dr
        if not np.any(self.rho):
            if np.ptp(self.F) > 0.0:
                raise self._error("rho", "zeros only", "a density column, for F is not constant")
        elif np.all(self.rho <= 0.0):
            raise self._error("rho", f"at most {self.rho.max():g}", "a positive density")
        largest = float(np.abs(self.rho).max())
        held = grid.cutoff > end + 1.5 * grid.dr
        if held and (abs(self.rphi[-1]) > 1e-6 or abs(self.rho[-1]) > 1e-6 * largest):
            expected = f"a table up to the cut-off {grid.cutoff:g} A; it ends at {end:g} A"
            raise self._error("dr", grid.dr, expected)
        middle, last = (pair(params, x * grid.cutoff) for x in (0.5, 1.0 - 1e-9))
        jumps = abs(last[0]) > LARGEST_JUMP or abs(last[2]) > 0.2 * abs(middle[2])
        if jumps or params.r_min > 0.4 * grid.cutoff:
            expected = f"functions that have decayed at the cut-off {grid.cutoff:g} A"
            raise self._error("dr", grid.dr, expected)

    def _check_crystal(self, params: SplineEAM) -> None:
        """The crystal of the header must be bound, near its lattice constant, and on the grid.

        The tables of metals that LAMMPS ships lie within 3 % of their header's constant. Many a
        wrong unit moves it by more; a factor that leaves the minimum in place goes unseen.
        """
        if not self.structure:
            return
        a, free = self.lattice_constant, embed(params, 0.0)[0]
        (n, E), (_, dense), (_, loose) = (
            perfect_crystal(params, self.structure, scale * a) for scale in (1.0, 0.9, 1.1)
        )
        crystal = f"in the perfect {self.structure} crystal of the header (a = {a:g} A)"
        if np.any(self.rho) and not self.grid.drho < n < params.n_max:
            expected = (
                f"between {self.grid.drho:g} and {params.n_max:g}, one step and all of its grid"
            )
            raise self._error("drho", f"a density of {n:g} {crystal}", expected)
        if not free - DEEPEST < E < min(free, dense, loose):
            sides = f"{dense - free:g} at 0.9 a, {loose - free:g} at 1.1 a"
            given = f"{E - free:g} eV an atom {crystal}, {sides}"
            raise self._error("scale", given, f"a minimum in between, at most {DEEPEST:g} eV deep")

    def _error(self, what: str, given: object, expected: str, hint: str = "") -> PotentialFileError:
        hint = (
            hint
            or "eV and Angstrom throughout, r phi in the pair column? Header of another crystal?"
        )
        return PotentialFileError(f"{self.file}, {self.element}, {what}", given, expected, hint)
