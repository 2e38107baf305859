"""Burgers circuits about the triangles between columns: what the crystal lacks to close them.

    b_k = - closed integral of G_mk dy_m,     on an edge: (G_i + G_j)/2 . (y_j - y_i)

The trapezoidal rule counts an edge once in each direction, so the sum over any set of triangles is
the circuit about all of them: it runs through good crystal when the core is inside, whatever
happens in the core. A sum of the atoms' own Nye tensors has no such property.
"""

from __future__ import annotations

import numpy as np
from scipy.spatial import Delaunay

from qcmethod.base.types import Array, Index
from qcmethod.lattice.plane import in_plane


def triangles(y: Array, longest: float) -> Index:
    """Delaunay triangles (t, 3) of columns at y (n, 2), A, counterclockwise.

    Those with an edge above `longest`, A, span a gap (an open crack, a concave end) and are left
    out. None where the columns do not span the plane.
    """
    if len(y) < 3 or np.linalg.matrix_rank(y - y.mean(axis=0), tol=1e-6) < 2:
        return np.zeros((0, 3), dtype=np.int64)
    corner = Delaunay(y).simplices.astype(np.int64)
    p, q = y[corner[:, 1]] - y[corner[:, 0]], y[corner[:, 2]] - y[corner[:, 0]]
    clockwise = p[:, 0] * q[:, 1] < p[:, 1] * q[:, 0]
    corner[clockwise] = corner[clockwise][:, ::-1]
    edges = y[corner] - y[np.roll(corner, -1, axis=1)]
    return corner[np.linalg.norm(edges, axis=2).max(axis=1) <= longest]


def closure(y: Array, G: Array, corner: Index) -> Array:
    """Burgers vector (t, 3), A, inside each triangle of columns at y (n, 2) or (n, 3), A.

    G : (n, 3, 3) lattice correspondence, the same all along a column
    """
    b = np.zeros((len(corner), 3))
    for e in range(3):
        i, j = corner[:, e], corner[:, (e + 1) % 3]
        step = in_plane(y[j] - y[i])
        b -= 0.5 * np.einsum("tmk,tm->tk", in_plane(G[i] + G[j]), step)
    return b
