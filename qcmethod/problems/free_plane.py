r"""A plane free surface of a crystal in space: the crystal ends at a layer of sites, y = 0.

    m(ij) = ij . layers,      matter where m <= 0

Layers of sites normal to y are numbered by whole numbers m, and the layer m = 0 is a plane of the
mesh: the cells leave out half of its sites. Which planes a mesh has follows from its bricks
(`lattice.bricked`, `mesh.space.bricks`): with n the heights of their three edges,

    n ~ (1, 1, 0) or (1, -1, 0): diagonals of bricks,      n ~ (1, 0, 0): faces of bricks

in any order; there are no others that all generations of cells keep.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from qcmethod.base.stored import stored
from qcmethod.base.types import Array, Bools, Index
from qcmethod.elasticity.predictor import Predictor
from qcmethod.errors import OrientationError
from qcmethod.lattice.lattice import Lattice
from qcmethod.lattice.miller import along
from qcmethod.lattice.region import Region
from qcmethod.lattice.shapes import Below
from qcmethod.mesh import Mesh, Tetrahedra
from qcmethod.mesh.space.bricks import half_edges
from qcmethod.mesh.space.surface import triangles
from qcmethod.problems.cut import Faces

SLACK = 1e-5
"""Heights are known better than this, A, in a domain of a millimetre."""
PLANES = {"fcc": "{100}, {110} or {111}", "bcc": "{100} or {110}"}


@stored
@dataclass(frozen=True)
class FreePlane:
    """The end of a crystal in space, with its layers relaxed; see `Cut`.

    Attributes
    ----------
    layers : (3,) by how many layers a step along each lattice vector goes up
    """

    layers: tuple[int, int, int]
    jumps: ClassVar[bool] = False
    ends: ClassVar[bool] = True

    @classmethod
    def of(cls, lattice: Lattice) -> FreePlane:
        """The surface normal to y of a lattice in space (OrientationError: no plane of a mesh)."""
        size = np.sort(np.abs(half_edges(lattice.basis)[:, 1]))
        slack = 1e-6 * size[2]
        if size[1] > slack and not (size[0] < slack and size[2] - size[1] < slack):
            y, expected = along(lattice.axes[1]), PLANES[lattice.structure]
            raise OrientationError("y", y, f"a normal of {expected}: meshes have no other planes")
        heights = lattice.basis[:, 1]
        step = np.abs(heights[np.abs(heights) > slack]).min()
        one, two, three = np.rint(heights / step).astype(int).tolist()
        return cls((one, two, three))

    def layer(self, ij: Index) -> Index:
        """Number m (...) of the layer of each site (..., 3), 0 on top."""
        return np.asarray(ij @ np.array(self.layers))

    def is_void(self, ij: Index) -> Bools:
        """Above the layer 0."""
        return np.asarray(self.layer(ij) > 0)

    def is_last(self, ij: Index) -> Bools:
        """On the layer 0."""
        return np.asarray(self.layer(ij) == 0)

    def bounded(self, region: Region, origin: Array) -> Region:
        """Up to the layer 0."""
        return region & Below(float(origin[1]) + SLACK)

    def is_above(self, ij: Index) -> Bools:
        """Above the layer 0, where no site is."""
        return self.is_void(ij)

    def crosses(self, ij: Index, offset: Index, basis: Array, origin: Array) -> Bools:
        """Bonds across the plane between the layers 0 and 1."""
        m, step = np.broadcast_arrays(self.layer(ij), self.layer(offset))
        return np.asarray((m > 0) != (m + step > 0))

    def distance(self, x: Array) -> Array:
        """|y|."""
        return np.abs(x[:, 1])

    def is_beside(self, x: Array) -> Bools:
        """Everywhere."""
        return np.ones(len(x), dtype=bool)

    def opened(self, mesh: Mesh) -> Mesh:
        """The mesh with the layer 0 for one of its planes."""
        assert isinstance(mesh, Tetrahedra)
        return replace(mesh, end=self.layers)

    def faces(self, mesh: Mesh, used: Bools) -> Faces:
        """All triangles on the layer 0."""
        assert isinstance(mesh, Tetrahedra)
        found = triangles(mesh)
        found = found[used[found].all(axis=1)]
        return Faces(found, np.full(len(found), 0.5))

    def relaxed(
        self, layers: Array, whole: float, predictor: Predictor, ij: Index, x: Array
    ) -> Array:
        """-w_m of the layers m below the surface."""
        out, below = np.zeros((len(x), 3)), -self.layer(ij)
        on = np.flatnonzero((below >= 0) & (below < len(layers)))
        out[on] = -layers[below[on]]
        return out
