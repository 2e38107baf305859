r"""Coarsening, the exact reverse of bisection.

    (m; a, b), (m; c, a)  ->  (a; b, c)

A node may go when it is the newest vertex of every cell around it: four cells, or two on the
boundary. Which two of the four are siblings can not be told from the triangles alone (both pairings
give right triangles); here siblings are neighbours in tree order.

Reference: Chen & Zhang, J. Comput. Math. 28 (2010) 767 (node-based coarsening).
"""

from __future__ import annotations

from dataclasses import replace
from functools import singledispatch

import numpy as np
from numpy.typing import ArrayLike

from qcmethod.base.types import Index
from qcmethod.mesh.core import Mesh, cell_mask, require_unsplit


@singledispatch
def coarsen(mesh: Mesh, marked_cells: ArrayLike) -> Mesh:
    """Undo the last bisection wherever all cells around its midpoint are marked.

    Parameters
    ----------
    marked_cells : mask (n_c,) or indices of cells; macro cells stay as they are

    Returns
    -------
    Mesh : the remaining nodes keep their order. One generation goes at a call: repeat it until
        the number of cells stays the same to undo several bisections.

    Raises
    ------
    MeshError : marks that do not fit the mesh, or a mesh with an opened flank.
    """
    require_unsplit(mesh)
    marked = cell_mask(mesh, marked_cells) & (mesh.level > 0)
    child = (mesh.first >> (mesh.depth - mesh.level)) & 1
    newest = np.take_along_axis(mesh.cells, _newest_column(mesh, child)[:, None], axis=1)[:, 0]
    around = np.bincount(mesh.cells.ravel(), minlength=mesh.n_nodes)
    agree = np.bincount(newest[marked], minlength=mesh.n_nodes)
    gone = (around == agree) & (around > 0)
    left = np.flatnonzero(gone[newest] & marked & (child == 0))
    if len(left) == 0:
        return mesh
    number = np.cumsum(~gone) - 1
    cells, level = mesh.cells.copy(), mesh.level.copy()
    c0, c1 = cells[left], cells[left + 1]  # siblings are neighbours in tree order
    level[left] -= 1
    if mesh.dim == 1:
        cells[left] = np.stack([c0[:, 0], c1[:, 1]], axis=1)
    else:
        cells[left] = np.stack([c0[:, 1], c0[:, 2], c1[:, 1]], axis=1)
    keep = np.ones(mesh.n_cells, dtype=bool)
    keep[left + 1] = False
    ij = mesh.ij[~gone]
    return replace(
        mesh,
        ij=ij,
        cells=number[cells[keep]],
        level=level[keep],
        first=mesh.first[keep],
        lower_of=np.full(len(ij), -1, dtype=np.int64),
    )


def _newest_column(mesh: Mesh, child: Index) -> Index:
    """Column of the newest vertex: 0 in 2-D; in 1-D the end that the siblings share."""
    return 1 - child if mesh.dim == 1 else np.zeros_like(child)
