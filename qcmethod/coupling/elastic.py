"""The Cauchy-Born stiffness of the reference crystal on a whole mesh, assembled when it is asked.

    K_kl = sum_c vol_c grad N_k . A(F_0) . grad N_l

The preconditioner of everything; it belongs to a mesh and its weights, and serves all loads.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import csr_array

from qcmethod.base.types import Array
from qcmethod.coupling.weights import Weights
from qcmethod.crystal.crystal import Crystal
from qcmethod.discretisation.body import Body
from qcmethod.mesh.cells import CellGeometry


@dataclass(frozen=True, eq=False)
class Elastic:
    """F (3, 3) of the predictor; volumes (n_c,) of the cells, in sites."""

    crystal: Crystal
    F: Array
    cells: CellGeometry
    volume: Array

    @classmethod
    def of(cls, body: Body, weights: Weights) -> Elastic:
        """That of a body: nodes of the lower flank have no site under them, so their cells count
        as weighted."""
        volume = np.where(body.on_lower_flank, weights.omega_c, body.cells.volume)
        return cls(body.problem.crystal, body.problem.predictor.F, body.cells, volume)

    @cached_property
    def stiffness(self) -> csr_array:
        """K (3 n_k, 3 n_k), eV/A^2."""
        A = self.crystal.tangent(self.F) * self.crystal.lattice.site_volume
        return self.cells.elastic(A, self.volume)
