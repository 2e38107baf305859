"""The Cauchy-Born law: the site energy of the homogeneously deformed lattice.

W, P and A are those of the kernels in `crystal.cauchy_born` (`crystal.many_body` for a form that is
no sum over bonds), summed over a shell of lattice vectors of some radius R: it holds every bond of
the lattice as long as the smallest stretch of F is at least cutoff/R. What it does not hold, and
what the potential's tables do not, is refused by name. An engine is asked for periodic cells.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from qcmethod.base.types import Array, Index
from qcmethod.crystal import cauchy_born as central
from qcmethod.crystal import many_body
from qcmethod.crystal.cauchy_born_rows import energy_stress_rows, tangent_rows
from qcmethod.crystal.law import CAUCHY_BORN, LAWS, Law, Response, law
from qcmethod.crystal.rows import PointByPoint, Points, RowState, Sums
from qcmethod.crystal.unit_cells import UnitCells
from qcmethod.lattice.lattice import Lattice
from qcmethod.potentials.contract import Potential
from qcmethod.potentials.range import (
    SHELL_FACTOR,
    check,
    refuse_inverted,
    refuse_off_table,
    refuse_uncovered,
)
from qcmethod.potentials.site import Params, is_many_body

if TYPE_CHECKING:
    from qcmethod.crystal.crystal import Crystal


@law("cauchy-born")
def cauchy_born(crystal: Crystal) -> Law:
    """The law of the cells of a mesh: its shell covers stretches down to 1/1.3."""
    return true_law(crystal.potential, crystal.lattice)


def true_law(potential: Potential, lattice: Lattice, F: Array | None = None) -> Law:
    """The energy of a homogeneous crystal as its potential has it: of a form on a shell that holds
    every bond at each of F (n, 3, 3), by default at stretches down to 1/1.3; of an engine by
    periodic cells.

    Raises InvertedCellError when a determinant is not positive.
    """
    if potential.engine is not None:
        return _unit_cells(potential, lattice)
    if F is None:
        return CauchyBorn.within(potential, lattice, SHELL_FACTOR * potential.cutoff)
    return CauchyBorn.covering(potential, lattice, F)


def law_for(crystal: Crystal, name: str, F: Array) -> Law:
    """A registered law, for gradients F (n, 3, 3) far and near: the true one holds their bonds.

    Raises InvertedCellError when a determinant is not positive.
    """
    if name == CAUCHY_BORN:
        return true_law(crystal.potential, crystal.lattice, F)
    return LAWS[name](crystal)


@lru_cache(maxsize=8)
def _unit_cells(potential: Potential, lattice: Lattice) -> UnitCells:
    """Kept, for its session is: the same crystal is asked again and again."""
    return UnitCells.of(potential, lattice)


@dataclass(frozen=True, eq=False)
class CauchyBorn:
    """The law of a potential's params on a shell (m, 3) of lattice vectors of a radius, A."""

    params: Params
    shell: Array
    radius: float

    @classmethod
    def within(cls, potential: Potential, lattice: Lattice, radius: float) -> CauchyBorn:
        """The law on the shell of a radius, A."""
        return cls(potential.params, lattice.shell(radius), radius)

    @classmethod
    def covering(cls, potential: Potential, lattice: Lattice, F: Array) -> CauchyBorn:
        """The law on a shell that holds every bond of the lattice at each of F (n, 3, 3).

        Raises InvertedCellError when a determinant is not positive.
        """
        refuse_inverted(F)
        smallest = float(np.linalg.svd(F, compute_uv=False).min())
        return cls.within(potential, lattice, 1.001 * potential.cutoff / min(smallest, 1.0))

    def at(self, F: Array) -> Response:
        """Energy and stress; keeps the densities (n,). Raises InvertedCellError, OffTableError."""
        W, P, density, shortest = self.unchecked(F)
        check(self.params, self.radius, F, density, shortest)
        return Response(W, P, density)

    def unchecked(self, F: Array) -> tuple[Array, Array, Array, Array]:
        """W, P, density and shortest bond (n,), inside of what is trusted or not."""
        kernel = many_body if is_many_body(self.params) else central
        found: tuple[Array, Array, Array, Array] = kernel.energy_stress(self.params, F, self.shell)
        return found

    def tangent(self, F: Array, found: Response) -> Array:
        """A (n, 3, 3, 3, 3), eV per site, at the densities that were found."""
        A: Array
        if is_many_body(self.params):
            A = many_body.tangent(self.params, F, self.shell)
        else:
            A = central.tangent(self.params, F, self.shell, found.kept)
        return A

    def over(self, points: Points) -> Sums:
        """The sums over points in rows."""
        many = is_many_body(self.params)
        return PointByPoint(self, points) if many else CauchyBornRows(self, points)

    def trust(self, F: Array) -> Array:
        """The least of what the smallest stretch, the shortest bond and the density leave (n,)."""
        p = self.params
        _, _, density, shortest = self.unchecked(F)
        smallest = np.linalg.svd(F, compute_uv=False)[:, -1]
        # an inverted cell is as far outside as its smallest stretch says
        stretch = np.where(np.linalg.det(F) > 0.0, smallest, -smallest) * self.radius / p.cutoff
        least = np.minimum(stretch - 1.0, (shortest - p.r_min) / p.cutoff)
        return np.asarray(np.minimum(least, 1.0 - density / p.n_max))


@dataclass(frozen=True, eq=False)
class CauchyBornRows:
    """The law summed over the points of rows, see `crystal.rows`; the densities (n_q,) are kept."""

    law: CauchyBorn
    points: Points

    def at(self, G: Array) -> RowState:
        """E and P; raises InvertedCellError, OffTableError as the law does."""
        law, points = self.law, self.points
        energy, P, density, shortest, stretch = energy_stress_rows(
            law.params,
            G,
            points.F0,
            points.weight,
            points.first,
            points.last,
            law.shell,
            points.reference,
        )
        suspect = np.flatnonzero(~(stretch > law.params.cutoff / law.radius))
        refuse_uncovered(law.params, law.radius, points.gradients(G, suspect))
        refuse_off_table(law.params, float(shortest), float(density.max(initial=0.0)))
        return RowState(energy, P, density)

    def tangents(self, G: Array, found: RowState, rows: Index) -> Array:
        """A of some rows, at the densities."""
        law, points = self.law, self.points
        A: Array = tangent_rows(
            law.params,
            G,
            points.F0,
            points.weight,
            points.first,
            points.last,
            law.shell,
            found.kept,
            rows,
        )
        return A
