"""Energy-based coupling: E(u) = sum_l w_l V_l + E_c(u) - g . u, and its derivatives.

    f = -dE/du = -S^T dE_a/dy - dE_c/du + g,      E'' = S^T E_a'' S + E_c''

with E_c = sum_c omega_c W(F_c) and, for a crack, the surface energy of its flanks; E_a holds the
interface sites of `qnl` and `grac`, whose bonds are reconstructed.

Conservative: E exists, E'' is symmetric, stability can be read from it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse.linalg import LinearOperator

from qcmethod.base.types import Array
from qcmethod.discretisation.cells import Tangents
from qcmethod.discretisation.continuum import Continuum, ContinuumState
from qcmethod.discretisation.kinematics import Kinematics
from qcmethod.potentials.sums.fixed_bonds import StencilState, StencilSum
from qcmethod.potentials.sums.protocol import Sum, SumState


@dataclass(frozen=True, eq=False)
class State:
    """A model evaluated at a corrector: energy (eV, None for force methods), forces (n_k, 3)."""

    u: Array
    energy: float | None
    forces: Array
    sites: SumState
    continuum: ContinuumState
    interface: StencilState | None = None


@dataclass(frozen=True, eq=False)
class EnergyModel:
    """Weighted sites, reconstructed sites, weighted continuum and a dead load g (n_k, 3), eV/A."""

    kinematics: Kinematics
    sites: Sum
    continuum: Continuum
    g: Array
    interface: StencilSum | None = None

    def at(self, u: Array) -> State:
        """Excess energy over the reference crystal (eV) and forces -dE/du (n_k, 3), eV/A."""
        y = self.kinematics.positions(u)
        sites, continuum = self.sites.at(y), self.continuum.at(u)
        energy, gradient = sites.energy + continuum.energy, sites.gradient
        interface = None
        if self.interface is not None:
            interface = self.interface.at(y)
            energy, gradient = energy + interface.energy, gradient + interface.gradient
        forces = self.g - self.kinematics.S.T @ gradient - continuum.gradient
        energy -= float(np.vdot(self.g, u))
        return State(u, energy, forces, sites, continuum, interface)

    def stiffness(self, state: State, tangents: Tangents | None = None) -> LinearOperator:
        """E''(u) on flattened nodal vectors (3 n_k,), symmetric; tangents : of the cells, where
        they are known."""
        actions = [self.sites.hessian(state.sites)]
        if self.interface is not None and state.interface is not None:
            actions.append(self.interface.hessian(state.interface))
        tangents = tangents or self.continuum.tangents(state.continuum)
        continuum = self.continuum.hessian(state.continuum, tangents)
        S, n = self.kinematics.S, self.kinematics.n_nodes

        def product(v: Array) -> Array:
            nodal = v.reshape(n, 3)
            on_sites = np.ascontiguousarray(S @ nodal)
            atomistic = S.T @ sum(action(on_sites) for action in actions)
            return np.ravel(atomistic + continuum(nodal))

        return LinearOperator((3 * n, 3 * n), matvec=product, dtype=np.float64)
