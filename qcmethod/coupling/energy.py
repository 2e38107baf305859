"""Energy-based coupling: E(u) = sum_l w_l V_l + E_c(u) - g . u, and its derivatives.

    f = -dE/du = -S^T dE_a/dy - dE_c/du + g,      E'' = S^T E_a'' S + E_c''

with E_c = sum_c omega_c W(F_c) and, for a crack, the surface energy of its flanks.

Conservative: E exists, E'' is symmetric, stability can be read from it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator

from qcmethod.body import Body
from qcmethod.continuum import Continuum, ContinuumState
from qcmethod.sites import SiteState, SiteSum

Array = NDArray[np.float64]


@dataclass(frozen=True)
class State:
    """A model evaluated at a corrector: energy (eV, None for force methods), forces (n_k, 3)."""

    u: Array
    energy: float | None
    forces: Array
    sites: SiteState
    continuum: ContinuumState


@dataclass(frozen=True)
class EnergyModel:
    """Weighted sites, weighted continuum and a dead load g (n_k, 3), eV/A."""

    body: Body
    sites: SiteSum
    continuum: Continuum
    g: Array

    def at(self, u: Array) -> State:
        """Excess energy over the reference crystal (eV) and forces -dE/du (n_k, 3), eV/A."""
        sites = self.sites.at(self.body.positions(u))
        continuum = self.continuum.at(u)
        forces = self.g - self.body.S.T @ sites.gradient - continuum.gradient
        energy = sites.energy + continuum.energy - float(np.vdot(self.g, u))
        return State(u, energy, forces, sites, continuum)

    def stiffness(self, state: State) -> LinearOperator:
        """E''(u) on flattened nodal vectors (3 n_k,), symmetric."""
        action = self.sites.hessian(state.sites)
        K = self.continuum.stiffness(state.continuum)
        S, n = self.body.S, self.body.n_nodes

        def product(v: Array) -> Array:
            nodal = v.reshape(n, 3)
            return (S.T @ action(np.ascontiguousarray(S @ nodal))).ravel() + K @ v.ravel()

        return LinearOperator((3 * n, 3 * n), matvec=product, dtype=np.float64)
