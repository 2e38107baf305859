"""The continuum sum over cells, E_c = sum_q omega_q (W(F_q) - V_0), and its stiffness.

    F_q = grad y0(x_q) + sum_k u_k (x) grad N_k,    dE_c/du_k = sum_q omega_q P(F_q) grad N_k
    K_kl = sum_q omega_q grad N_k . A(F_q) . grad N_l

omega counts lattice sites; quadrature and shape functions are those of `cell_geometry`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from qcmethod.base.types import Array
from qcmethod.crystal import cauchy_born
from qcmethod.crystal.crystal import Crystal
from qcmethod.mesh.cells import CellGeometry as CellGeometry
from qcmethod.potentials.range import SHELL_FACTOR, check


@dataclass(frozen=True)
class CellState:
    """One evaluation: energy (eV), gradient on the nodes (n_k, 3) eV/A, and what K needs."""

    energy: float
    gradient: Array
    F_q: Array
    density: Array


@dataclass(frozen=True)
class CellSum:
    """Weighted cells of one potential; omega (n_c,) counts sites, `radius` is that of the shell."""

    params: Any
    shell: Array
    radius: float
    geometry: CellGeometry
    omega: Array
    reference_energy: float

    @classmethod
    def build(
        cls, crystal: Crystal, geometry: CellGeometry, omega: Array, reference_energy: float
    ) -> CellSum:
        """A sum over the cells with omega > 0, with the shell of neighbours that covers them."""
        params, radius = crystal.potential.params, SHELL_FACTOR * crystal.potential.cutoff
        shell = crystal.lattice.shell(radius)
        return cls(params, shell, radius, geometry, omega, reference_energy)

    @cached_property
    def active(self) -> NDArray[np.bool_]:
        """(n_q,) points of the cells with omega > 0."""
        active: NDArray[np.bool_] = self.omega[self.geometry.point_cell] > 0.0
        return active

    @cached_property
    def weight(self) -> Array:
        """Weights of the active points, in sites."""
        on = self.active
        return self.omega[self.geometry.point_cell[on]] * self.geometry.fraction[on]

    def at(self, F_q: Array) -> CellState:
        """Evaluate at the gradients F_q (n_q, 3, 3). Raises InvertedCellError, OffTableError."""
        geometry, weight, on = self.geometry, self.weight, self.active
        W, P, density, shortest = cauchy_born.energy_stress(self.params, F_q[on], self.shell)
        check(self.params, self.radius, F_q[on], density, shortest)
        energy = float(weight @ (W - self.reference_energy))
        P_q = np.zeros(F_q.shape)
        P_q[on] = weight[:, None, None] * P
        return CellState(energy, geometry.load(P_q), F_q, density)

    def stiffness(self, state: CellState) -> csr_array:
        """E_c'' (3 n_k, 3 n_k) at a state, eV/A^2."""
        on = self.active
        A = cauchy_born.tangent(self.params, state.F_q[on], self.shell, state.density)
        A_q = np.zeros((len(on), 3, 3, 3, 3))
        A_q[on] = self.weight[:, None, None, None, None] * A
        return self.geometry.assemble(self.geometry.over_points(A_q))
