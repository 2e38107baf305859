"""Force-based coupling: f_k = -(1 - beta_k) dE_a/dy_k - beta_k dE_c/du_k, and its Jacobian.

A node takes the force that the full atomistic crystal exerts on its site, or the one that the full
continuum exerts on the node, or a mixture. No energy has these forces for its gradient: the
Jacobian is not symmetric, and its symmetric part is typically indefinite (Dobson, Luskin and Ortner
2010). The nodes of the lower flank carry no site; their row is that of the continuum.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.linalg import LinearOperator

from qcmethod.base.types import Array
from qcmethod.coupling.energy import State
from qcmethod.discretisation.cells import Tangents
from qcmethod.discretisation.continuum import Continuum
from qcmethod.discretisation.kinematics import Kinematics
from qcmethod.potentials.sums.protocol import Sum


@dataclass(frozen=True, eq=False)
class ForceModel:
    """Rows (n_k, n_l) of the atomistic gradient on sites, (n_k,) of the continuum's on nodes, and
    what the continuum misses at the predictor, a dead load (n_k, 3), eV/A (`lattice_force`)."""

    kinematics: Kinematics
    rows: csr_array
    continuum_k: Array
    sites: Sum
    continuum: Continuum
    missing: Array | None = None

    def at(self, u: Array) -> State:
        """Forces (n_k, 3), eV/A; there is no energy."""
        sites = self.sites.at(self.kinematics.positions(u))
        continuum = self.continuum.at(u)
        forces = -(self.rows @ sites.gradient) - self.continuum_k[:, None] * continuum.gradient
        if self.missing is not None:
            forces += self.missing
        return State(u, None, forces, sites, continuum)

    def stiffness(self, state: State, tangents: Tangents | None = None) -> LinearOperator:
        """-df/du on flattened nodal vectors (3 n_k,), not symmetric; tangents : of the cells, where
        they are known."""
        action = self.sites.hessian(state.sites)
        tangents = tangents or self.continuum.tangents(state.continuum)
        continuum = self.continuum.hessian(state.continuum, tangents)
        beta, S, n = self.continuum_k[:, None], self.kinematics.S, self.kinematics.n_nodes

        def product(v: Array) -> Array:
            nodal = v.reshape(n, 3)
            atomistic = self.rows @ action(np.ascontiguousarray(S @ nodal))
            return np.ravel(atomistic + beta * continuum(nodal))

        def transposed(v: Array) -> Array:
            nodal = v.reshape(n, 3)
            on_sites = np.ascontiguousarray(self.rows.T @ nodal)
            return np.ravel(S.T @ action(on_sites) + continuum(beta * nodal))

        return LinearOperator((3 * n, 3 * n), matvec=product, rmatvec=transposed, dtype=np.float64)
