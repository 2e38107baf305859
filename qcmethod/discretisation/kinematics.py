"""All that a model knows of a mesh: how positions and gradients follow from the corrector u.

    y = y0 + S u            positions of the sites
    F = F0 + D u            gradients at the quadrature points

y0 and F0 are those of the predictor; S interpolates, and D is the gradient of the shape functions
of the cells (`mesh.cells`). Both are linear, so a load that moves the predictor moves nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass

from scipy.sparse import csr_array

from qcmethod.base.types import Array
from qcmethod.mesh.cells import CellGeometry


@dataclass(frozen=True, eq=False)
class Kinematics:
    """y0 (n_l, 3) in A, S (n_l, n_k), F0 (n_q, 3, 3), and the cells that hold D."""

    y0: Array
    S: csr_array
    F0: Array
    cells: CellGeometry

    @property
    def n_nodes(self) -> int:
        """Number n_k of unknown vectors."""
        return int(self.S.shape[1])

    def positions(self, u: Array) -> Array:
        """Positions of the sites (n_l, 3) at the corrector u (n_k, 3), A."""
        return self.y0 + self.S @ u

    def deformation(self, u: Array) -> Array:
        """F at the quadrature points (n_q, 3, 3) at the corrector u (n_k, 3)."""
        return self.F0 + self.cells.gradient_of(u)
