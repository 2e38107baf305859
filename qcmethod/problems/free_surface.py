"""A plane free surface: the crystal ends at the row j = 0, there are no sites above.

The row is a line of the mesh, so the cells leave out half of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from qcmethod.base.stored import stored
from qcmethod.base.types import Array, Bools, Index
from qcmethod.elasticity.predictor import Predictor
from qcmethod.lattice.region import Region
from qcmethod.lattice.shapes import Below
from qcmethod.mesh import Mesh
from qcmethod.problems.cut import Faces


@stored
@dataclass(frozen=True)
class FreeSurface:
    """The end of a crystal, with its layers relaxed; see `Cut`."""

    jumps: ClassVar[bool] = False
    ends: ClassVar[bool] = True

    def is_void(self, ij: Index) -> Bools:
        """Above the row j = 0."""
        return np.asarray(ij[:, 1] > 0)

    def is_last(self, ij: Index) -> Bools:
        """On the row j = 0."""
        return np.asarray(ij[:, 1] == 0)

    def bounded(self, region: Region, origin: Array) -> Region:
        """Up to the row j = 0."""
        return region & Below(float(origin[1]))

    def is_above(self, ij: Index) -> Bools:
        """Above the row j = 0, where no site is."""
        return self.is_void(ij)

    def crosses(self, ij: Index, offset: Index, basis: Array, origin: Array) -> Bools:
        """Bonds across the line j = 1/2."""
        j, step = np.broadcast_arrays(ij[..., 1], offset[..., 1])
        return np.asarray((j > 0) != (j + step > 0))

    def distance(self, x: Array) -> Array:
        """|y|."""
        return np.abs(x[:, 1])

    def is_beside(self, x: Array) -> Bools:
        """Everywhere."""
        return np.ones(len(x), dtype=bool)

    def opened(self, mesh: Mesh) -> Mesh:
        """The mesh as it is."""
        return mesh

    def faces(self, mesh: Mesh, used: Bools) -> Faces:
        """All edges along the row j = 0."""
        row = np.flatnonzero((mesh.ij[:, 1] == 0) & used[: len(mesh.ij)])
        row = row[np.argsort(mesh.ij[row, 0])]
        edges = np.stack([row[:-1], row[1:]], axis=1)
        return Faces(edges, np.full(len(edges), 0.5))

    def relaxed(
        self, layers: Array, whole: float, predictor: Predictor, ij: Index, x: Array
    ) -> Array:
        """-w_m of the layers m."""
        out, on = np.zeros((len(x), 3)), np.flatnonzero(-ij[:, 1] < len(layers))
        on = on[ij[on, 1] <= 0]
        out[on] = -layers[-ij[on, 1]]
        return out
