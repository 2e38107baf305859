"""Force-based coupling: f_k = -(1 - beta_k) dE_a/dy_k - beta_k dE_c/du_k, and its Jacobian.

A node takes the force that the full atomistic crystal exerts on its site, or the one that the full
continuum exerts on the node, or a mixture. No energy has these forces for its gradient: the
Jacobian is not symmetric, and its symmetric part is typically indefinite (Dobson, Luskin and Ortner
2010). The nodes of the lower flank carry no site; their row is that of the continuum.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator

from qcmethod.body import Body
from qcmethod.continuum import Continuum
from qcmethod.coupling.energy import State
from qcmethod.sites import SiteSum

Array = NDArray[np.float64]


@dataclass(frozen=True)
class ForceModel:
    """Row weights of the two gradients (n_k,): atomistic on sites, continuum on cells."""

    body: Body
    atomistic_k: Array
    continuum_k: Array
    sites: SiteSum
    continuum: Continuum

    def at(self, u: Array) -> State:
        """Forces (n_k, 3), eV/A; there is no energy."""
        sites = self.sites.at(self.body.positions(u))
        continuum = self.continuum.at(u)
        forces = -self._rows(sites.gradient) - self.continuum_k[:, None] * continuum.gradient
        return State(u, None, forces, sites, continuum)

    def stiffness(self, state: State) -> LinearOperator:
        """-df/du on flattened nodal vectors (3 n_k,), not symmetric."""
        action = self.sites.hessian(state.sites)
        K = self.continuum.stiffness(state.continuum)
        S, n = self.body.S, self.body.n_nodes

        def product(v: Array) -> Array:
            nodal = v.reshape(n, 3)
            atomistic = self._rows(action(np.ascontiguousarray(S @ nodal)))
            return (atomistic + self.continuum_k[:, None] * (K @ v.ravel()).reshape(n, 3)).ravel()

        return LinearOperator((3 * n, 3 * n), matvec=product, dtype=np.float64)

    def _rows(self, on_sites: Array) -> Array:
        """(1 - beta_k) times the values at the sites that sit on nodes, (n_k, 3)."""
        has = (self.body.site_of_node >= 0) & (self.atomistic_k > 0.0)
        rows = np.zeros((self.body.n_nodes, 3))
        rows[has] = self.atomistic_k[has, None] * on_sites[self.body.site_of_node[has]]
        return rows
