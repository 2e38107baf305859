"""The mesh of tetrahedra, a value like the meshes of a plane (`mesh.core`)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qcmethod.base.stored import stored
from qcmethod.base.types import Array, Bools, Index
from qcmethod.errors import MeshError
from qcmethod.mesh.core import Mesh
from qcmethod.mesh.space.bricks import half_edges, halves, key_of, macro_cells, point_of, sites_at
from qcmethod.mesh.space.descent import depth_of
from qcmethod.mesh.space.nodes import Wish, cells_of, closed, wanted

MAX_REACH = 1 << 19
"""Numbers of cells and keys of nodes are exact up to this many halves of a brick's edge."""


@stored
@dataclass(frozen=True, eq=False)
class Tetrahedra(Mesh):
    """Tetrahedra on the bricks of a lattice: the cells of a set of nodes closed under parents.

    `step` is half the edge of the cube that is meshed, in halves of the bricks' edges; the other
    fields are those of `Mesh`, ij the coordinates along two edges of a brick and to its centre.
    """

    @classmethod
    def of(cls, keys: Index, basis: Array, reach: int) -> Tetrahedra:
        """The mesh of a closed set of nodes: sorted keys (n_k,) of `bricks`."""
        cells, first, level = cells_of(keys, reach)
        return cls(
            ij=sites_at(point_of(keys)),
            cells=cells,
            basis=basis,
            lower_of=np.full(len(keys), -1, dtype=np.int64),
            first=first,
            level=level,
            step=reach,
            macro=sites_at(macro_cells(reach)),
        )

    @property
    def half(self) -> Array:
        """(3, 3) rows: halves of the bricks' edges, A."""
        return half_edges(self.basis)

    @property
    def depth(self) -> int:
        """Generation of the finest cells."""
        return depth_of(self.step)

    @property
    def is_finest(self) -> Bools:
        """(n_c,) true where a cell is a quarter of the octahedron about a face of one brick."""
        return np.asarray(self.level == self.depth)

    @property
    def n_sites(self) -> float:
        """Volume of the domain in lattice sites."""
        return 2.0 * float(self.step) ** 3

    @property
    def keys(self) -> Index:
        """Sorted keys (n_k,) of the nodes."""
        return key_of(halves(self.ij))


def graded_in_space(basis: Array, extent: float, wish: Wish, max_nodes: float = 5e6) -> Tetrahedra:
    """Mesh of a cube that holds the ball |x| < extent, A, with cells no longer than wished.

    basis : (3, 3) rows are lattice vectors along two edges of a brick and to its centre, A
    wish : see `nodes.Wish`

    Raises MeshError: an extent beyond 2^19 halves of a brick, more than `max_nodes` nodes.
    """
    half = half_edges(basis)
    need = extent * float(np.linalg.norm(np.linalg.inv(half), axis=0).max())
    reach = 1 << max(2, int(np.ceil(np.log2(need * (1.0 - 1e-12)))))
    if reach > MAX_REACH:
        longest = MAX_REACH * extent / need
        raise MeshError("extent", extent, f"at most {longest:.4g} A", "a smaller extent")
    keys = closed(wanted(reach, half, wish, max_nodes), reach)
    return Tetrahedra.of(keys, basis, reach)
