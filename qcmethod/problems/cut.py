"""A cut: where a deformation may jump, or where matter ends.

A problem carries its cuts as data, and whoever needs to know asks them: which sites are missing,
whether a bond crosses, which nodes of a mesh are doubled, which of its edges carry the energy of a
surface, how far away a point is. `crack_flanks`, `free_surface` and, in space, `free_plane` are
those that there are.
"""

from __future__ import annotations

from typing import ClassVar, NamedTuple, Protocol

from qcmethod.base.types import Array, Bools, Index
from qcmethod.elasticity.predictor import Predictor
from qcmethod.lattice.region import Region
from qcmethod.mesh import Mesh


class Faces(NamedTuple):
    """Mesh edges (m, 2) along free surfaces, in space triangles (m, 3), and how much of the surface
    row, (m,), the cells next to each leave out (1/2), or count although it is not there (-1/2)."""

    edges: Index
    half_row: Array


class Cut(Protocol):
    """Faces in the frame of a problem: ij (n, dim) its lattice points, x (n, 2 or 3) its places.

    Attributes
    ----------
    jumps : whether the deformation may jump across it, up to a tip at the origin
    ends : whether matter ends there, at a surface that the predictor knows as relaxed; the domain
        is no whole disc then
    """

    jumps: ClassVar[bool]
    ends: ClassVar[bool]

    def is_void(self, ij: Index) -> Bools:
        """Which lattice points (n,) are beyond the end of matter."""

    def is_last(self, ij: Index) -> Bools:
        """Which sites (n,) are of the last layer before the end of matter."""

    def bounded(self, region: Region, origin: Array) -> Region:
        """The part of a region in which there is matter; origin (3,) of the lattice points, A."""

    def is_above(self, ij: Index) -> Bools:
        """Which lattice points (n,) are on the upper side."""

    def crosses(self, ij: Index, offset: Index, basis: Array, origin: Array) -> Bools:
        """Whether bonds from ij (..., 2) to ij + offset cross it; basis (2, 2), origin (3,), A."""

    def distance(self, x: Array) -> Array:
        """Distance (n,) from its faces, A."""

    def is_beside(self, x: Array) -> Bools:
        """Which places (n,) have a face straight above or below them."""

    def opened(self, mesh: Mesh) -> Mesh:
        """A mesh with two nodes for one where the deformation may jump."""

    def faces(self, mesh: Mesh, used: Bools) -> Faces:
        """Its edges on an opened mesh, of which the nodes `used` (n_k,) are in the domain."""

    def relaxed(
        self, layers: Array, whole: float, predictor: Predictor, ij: Index, x: Array
    ) -> Array:
        """Displacement (n, 3) of the sites ij at x (n, 3) in relaxed layers, A.

        layers : (m, 3) relaxation of the layers of a free surface, A
        whole : from this distance to a tip on, A, the relaxation is whole
        """
