"""The continuum sum over cells, E_c = sum_q omega_q (W(F_q) - V_0), and its stiffness.

    F_q = grad y0(x_q) + sum_k u_k (x) grad N_k,    dE_c/du_k = sum_q omega_q P(F_q) grad N_k
    K_kl = sum_q omega_q grad N_k . A(F_q) . grad N_l

omega counts lattice sites; W, P and A are those of a law (`crystal.law`), summed over the points of
a row (`crystal.rows`), quadrature and shape functions those of the geometry (`mesh.cells`).

A tangent may be kept while the strain of its cells changes little: products are then those of
another matrix nearby, forces stay exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import csr_array

from qcmethod.base.types import Array, Bools
from qcmethod.crystal.law import Law
from qcmethod.crystal.rows import Points, RowState, Sums, sums
from qcmethod.discretisation.kinematics import Kinematics
from qcmethod.mesh.cells import CellGeometry


@dataclass(frozen=True, eq=False)
class CellState:
    """One evaluation: energy (eV), gradient on the nodes (n_k, 3) eV/A; grad u in the rows
    (n_row, dim, 3) of the cells with a weight, and what the sums found."""

    energy: float
    gradient: Array
    G: Array
    found: RowState


@dataclass(frozen=True, eq=False)
class Tangents:
    """Triangles A (n_row, t), eV, each of the grad u that its row had when it was evaluated."""

    A: Array
    G: Array


@dataclass(frozen=True, eq=False)
class CellSum:
    """Weighted cells of one law; omega (n_c,) counts sites, cells without weight are not asked."""

    law: Law
    kinematics: Kinematics
    omega: Array
    reference_energy: float

    @cached_property
    def active(self) -> Bools:
        """(n_q,) points of the cells with omega != 0."""
        active: Bools = self.omega[self.kinematics.cells.point_cell] != 0.0
        return active

    @cached_property
    def weight(self) -> Array:
        """Weights of the active points, in sites."""
        on, geometry = self.active, self.kinematics.cells
        return self.omega[geometry.point_cell[on]] * geometry.fraction[on]

    @cached_property
    def geometry(self) -> CellGeometry:
        """The cells that have a weight: rows are theirs."""
        return self.kinematics.cells.part(self.omega != 0.0)[0]

    @cached_property
    def sums(self) -> Sums:
        """The sums of the law over the points of each row."""
        geometry = self.geometry
        first, last = geometry.points_of_row
        F0, row, V0 = self.kinematics.F0[self.active], geometry.point_row, self.reference_energy
        return sums(self.law, Points(F0, self.weight, row, first, last, V0, geometry.dim))

    def at(self, u: Array) -> CellState:
        """Evaluate at the corrector u (n_k, 3). Raises InvertedCellError, OffTableError."""
        geometry = self.geometry
        G = geometry.row_gradients(u)
        found = self.sums.at(G)
        return CellState(float(found.energy.sum()), geometry.row_load(found.P), G, found)

    def tangents(
        self, state: CellState, known: Tangents | None = None, within: float = 0.0
    ) -> Tangents:
        """Those at a state; the known ones of rows whose gradient is no farther than `within` from
        theirs, in the Frobenius norm."""
        if known is None:
            every = np.arange(len(state.G))
            return Tangents(self.sums.tangents(state.G, state.found, every), state.G)
        moved = np.flatnonzero(((state.G - known.G) ** 2).sum(axis=(1, 2)) > within**2)
        A, G = known.A.copy(), known.G.copy()
        A[moved] = self.sums.tangents(state.G, state.found, moved)
        G[moved] = state.G[moved]
        return Tangents(A, G)

    def product(self, tangents: Tangents, v: Array) -> Array:
        """E_c'' v (n_k, 3), eV/A^2."""
        return self.geometry.product(tangents.A, v)

    def stiffness(self, state: CellState) -> csr_array:
        """E_c'' (3 n_k, 3 n_k) at a state, eV/A^2."""
        return self.geometry.assemble(self.tangents(state).A)
