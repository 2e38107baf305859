"""Energy-based coupling: E(u) = sum_l w_l V_l + sum_c omega_c W(F_c) - g . u, and its derivatives.

    f = -dE/du = -S^T dE_a/dy - D^T (omega P) + g,      E'' = S^T E_a'' S + K_c

Conservative: E exists, E'' is symmetric, stability can be read from it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator

from qcmethod.body import Body
from qcmethod.cells import CellState, CellSum
from qcmethod.sites import SiteState, SiteSum

Array = NDArray[np.float64]


@dataclass(frozen=True)
class State:
    """A model evaluated at a corrector: energy (eV, None for force methods), forces (n_k, 3)."""

    u: Array
    energy: float | None
    forces: Array
    sites: SiteState
    cells: CellState


@dataclass(frozen=True)
class EnergyModel:
    """Weighted sites and cells and a dead load g (n_k, 3), eV/A."""

    body: Body
    sites: SiteSum
    cells: CellSum
    g: Array

    def at(self, u: Array) -> State:
        """Excess energy over the reference crystal (eV) and forces -dE/du (n_k, 3), eV/A."""
        sites = self.sites.at(self.body.positions(u))
        cells = self.cells.at(self.body.deformation(u))
        forces = self.g - self.body.S.T @ sites.gradient - cells.gradient
        energy = sites.energy + cells.energy - float(np.vdot(self.g, u))
        return State(u, energy, forces, sites, cells)

    def stiffness(self, state: State) -> LinearOperator:
        """E''(u) on flattened nodal vectors (3 n_k,), symmetric."""
        action = self.sites.hessian(state.sites)
        K = self.cells.stiffness(state.cells)
        S, n = self.body.S, self.body.n_nodes

        def product(v: Array) -> Array:
            nodal = v.reshape(n, 3)
            return (S.T @ action(np.ascontiguousarray(S @ nodal))).ravel() + K @ v.ravel()

        return LinearOperator((3 * n, 3 * n), matvec=product, dtype=np.float64)
