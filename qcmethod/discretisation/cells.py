"""The continuum sum over cells, E_c = sum_q omega_q (W(F_q) - V_0), and its stiffness.

    F_q = grad y0(x_q) + sum_k u_k (x) grad N_k,    dE_c/du_k = sum_q omega_q P(F_q) grad N_k
    K_kl = sum_q omega_q grad N_k . A(F_q) . grad N_l

omega counts lattice sites; W, P and A are those of a law (`crystal.law`), quadrature and shape
functions those of the geometry (`mesh.cells`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import csr_array

from qcmethod.base.types import Array, Bools
from qcmethod.crystal.law import Law, Response
from qcmethod.mesh.cells import CellGeometry


@dataclass(frozen=True, eq=False)
class CellState:
    """One evaluation: energy (eV), gradient on the nodes (n_k, 3) eV/A; at the active points F and
    what the law found."""

    energy: float
    gradient: Array
    F: Array
    found: Response


@dataclass(frozen=True, eq=False)
class CellSum:
    """Weighted cells of one law; omega (n_c,) counts sites, cells without weight are not asked."""

    law: Law
    geometry: CellGeometry
    omega: Array
    reference_energy: float

    @cached_property
    def active(self) -> Bools:
        """(n_q,) points of the cells with omega != 0."""
        active: Bools = self.omega[self.geometry.point_cell] != 0.0
        return active

    @cached_property
    def weight(self) -> Array:
        """Weights of the active points, in sites."""
        on = self.active
        return self.omega[self.geometry.point_cell[on]] * self.geometry.fraction[on]

    def at(self, F_q: Array) -> CellState:
        """Evaluate at the gradients F_q (n_q, 3, 3). Raises InvertedCellError, OffTableError."""
        geometry, weight, on = self.geometry, self.weight, self.active
        F = F_q[on]
        found = self.law.at(F)
        energy = float(weight @ (found.W - self.reference_energy))
        P_q = np.zeros(F_q.shape)
        P_q[on] = weight[:, None, None] * found.P
        return CellState(energy, geometry.load(P_q), F, found)

    def stiffness(self, state: CellState) -> csr_array:
        """E_c'' (3 n_k, 3 n_k) at a state, eV/A^2."""
        on = self.active
        A = self.law.tangent(state.F, state.found)
        A_q = np.zeros((len(on), 3, 3, 3, 3))
        A_q[on] = self.weight[:, None, None, None, None] * A
        return self.geometry.assemble(self.geometry.over_points(A_q))
