r"""The interpolation matrix S of a P1 field: u(x_l) = sum_k S_lk u_k, S_lk = N_k(x_l).

At a node the row is a single 1; elsewhere it holds the barycentric coordinates in the canonical
cell.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_array

from qcmethod.mesh.core import Mesh
from qcmethod.mesh.locate import _mask, _points, find_nodes, locate
from qcmethod.mesh.shape import canonical


def interpolation(mesh: Mesh, ij: ArrayLike, lower: ArrayLike | None = None) -> csr_array:
    """Interpolation from nodes to points.

    Parameters
    ----------
    ij : (n, dim) lattice coordinates, integer or real
    lower : (n,) mask of points on the row j = 0 that belong to the lower side of an opened flank;
        by default they belong to the upper side. Ignored off that row.

    Returns
    -------
    csr_array (n, n_k) : rows sum to one, no stored zeros, sorted indices.

    Raises
    ------
    MeshError : points outside the mesh (says how many), not finite, or of the wrong shape.
    """
    p = _points(mesh, ij)
    below = _mask(lower, len(p))
    node = find_nodes(mesh, p, below) if p.dtype.kind == "i" else np.full(len(p), -1)
    rest = np.flatnonzero(node < 0)
    cell, weights = locate(mesh, p[rest], below[rest])
    rows = np.concatenate([np.flatnonzero(node >= 0), np.repeat(rest, mesh.dim + 1)])
    columns = np.concatenate([node[node >= 0], canonical(mesh)[cell].ravel()])
    values = np.concatenate([np.ones(int((node >= 0).sum())), weights.ravel()])
    matrix = csr_array((values, (rows, columns)), shape=(len(p), mesh.n_nodes))
    matrix.eliminate_zeros()
    matrix.sort_indices()
    return matrix
