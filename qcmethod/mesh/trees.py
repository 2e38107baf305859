"""The vertices of all cells from their places in the bisection trees, in whole numbers.

    child 0 of (v0; v1, v2):  (m; v0, v1)        child 1:  (m; v2, v0)        m = (v1 + v2)/2

The binary digits of `Mesh.first` after its macro cell spell the way down; `Mesh.level` is its
length. What a mesh says of its cells must be the same: see `io.sound`.
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.types import Index
from qcmethod.mesh.core import Mesh


def vertices_of_places(mesh: Mesh) -> Index:
    """Lattice coordinates (n_c, dim+1, dim) of the vertices of the cells, by their places."""
    vertices = mesh.macro[mesh.first >> mesh.depth]
    for generation in range(1, mesh.depth + 1):
        on = np.flatnonzero(mesh.level >= generation)
        second = (mesh.first[on] >> (mesh.depth - generation)) & 1
        vertices[on] = np.where(second[:, None, None] == 1, *_children(vertices[on]))
    return vertices


def _children(v: Index) -> tuple[Index, Index]:
    """Child 1 and child 0 of cells with the vertices v (n, dim+1, dim)."""
    middle = (v[:, -2] + v[:, -1]) // 2
    if v.shape[1] == 2:
        return np.stack([middle, v[:, 1]], axis=1), np.stack([v[:, 0], middle], axis=1)
    one = np.stack([middle, v[:, 2], v[:, 0]], axis=1)
    return one, np.stack([middle, v[:, 0], v[:, 1]], axis=1)
