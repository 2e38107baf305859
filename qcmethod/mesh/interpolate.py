r"""The interpolation matrix S of a field: u(x_l) = sum_k S_lk u_k, S_lk = N_k(x_l).

At a node the row is a single 1; elsewhere it holds the barycentric coordinates in the canonical
cell and, with bubbles (P2), the values of B_e = 4 N_a N_b on the edges of that cell.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_array

from qcmethod.mesh.bubbles import Bubbles
from qcmethod.mesh.core import Mesh
from qcmethod.mesh.locate import as_mask, as_points, find_nodes, locate
from qcmethod.mesh.shape import canonical


def interpolation(
    mesh: Mesh, ij: ArrayLike, lower: ArrayLike | None = None, bubbles: Bubbles | None = None
) -> csr_array:
    """Interpolation from nodes, and bubbles if there are any, to points.

    Parameters
    ----------
    ij : (n, dim) lattice coordinates, integer or real
    lower : (n,) mask of points on the row j = 0 that belong to the lower side of an opened flank;
        by default they belong to the upper side. Ignored off that row.
    bubbles : those of the mesh; their columns follow those of the nodes

    Returns
    -------
    csr_array (n, n_k) : no stored zeros, sorted indices; the columns of nodes sum to one.

    Raises
    ------
    MeshError : points outside the mesh (says how many), not finite, or of the wrong shape.
    """
    p = as_points(mesh, ij)
    below = as_mask(lower, len(p))
    node = find_nodes(mesh, p, below) if p.dtype.kind == "i" else np.full(len(p), -1)
    rest = np.flatnonzero(node < 0)
    cell, weights = locate(mesh, p[rest], below[rest])
    rows = np.concatenate([np.flatnonzero(node >= 0), np.repeat(rest, mesh.dim + 1)])
    columns = np.concatenate([node[node >= 0], canonical(mesh)[cell].ravel()])
    values = np.concatenate([np.ones(int((node >= 0).sum())), weights.ravel()])
    n_columns = mesh.n_nodes
    if bubbles is not None and len(bubbles):
        bubble = bubbles.of_cell[cell]
        point, local = np.nonzero(bubble >= 0)
        rows = np.concatenate([rows, rest[point]])
        columns = np.concatenate([columns, n_columns + bubble[point, local]])
        on_edges = bubbles.element.values(weights)[:, mesh.dim + 1 :]
        values = np.concatenate([values, on_edges[point, local]])
        n_columns += len(bubbles)
    matrix = csr_array((values, (rows, columns)), shape=(len(p), n_columns))
    matrix.eliminate_zeros()
    matrix.sort_indices()
    return matrix
