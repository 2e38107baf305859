r"""Refinement by newest-vertex bisection.

A triangle (v0; v1, v2) is cut from v0 to the midpoint m of its refinement edge (v1, v2),

    (v0; v1, v2)  ->  (m; v0, v1), (m; v2, v0),

and an interval (a, b) into (a, m), (m, b). An edge may be cut when its integer components are even,
so m is a lattice site. Conformity is restored by marking, for each cell with a marked edge, its
refinement edge as well. That edge is even too: a leg (2a, 0) belongs to a hypotenuse (2a, +-2a),
a leg (a, a) to (2a, 0).

Reference: Mitchell, ACM Trans. Math. Software 15 (1989) 326.
"""

from __future__ import annotations

from dataclasses import replace
from functools import singledispatch

import numpy as np
from numpy.typing import ArrayLike

from qcmethod.base.types import Bools, Index
from qcmethod.errors import MeshError
from qcmethod.mesh.core import Mesh, cell_edges, cell_mask, require_unsplit

# children as columns of [cell vertices, midpoint], and the parent's edge that becomes the
# refinement edge of each child (-1: a half edge, which is never cut in the same sweep)
_CHILDREN = {1: ((0, 2), (2, 1)), 2: ((3, 0, 1), (3, 2, 0))}
_INHERITED = {1: (-1, -1), 2: (2, 1)}


@singledispatch
def refine(mesh: Mesh, marked_cells: ArrayLike) -> Mesh:
    """Bisect the marked cells once, and the neighbours that conformity asks for.

    Parameters
    ----------
    marked_cells : mask (n_c,) or indices of cells; cells at the finest level stay as they are

    Returns
    -------
    Mesh : the old nodes keep their numbers, new ones follow.

    Raises
    ------
    MeshError : marks that do not fit the mesh, or a mesh with an opened flank.
    """
    require_unsplit(mesh)
    return bisected(mesh, cell_mask(mesh, marked_cells))[0]


def bisected(mesh: Mesh, marked: Bools) -> tuple[Mesh, Bools]:
    """The refined mesh, and which of its cells are new."""
    marked = marked & ~mesh.is_finest
    if not marked.any():
        return mesh, np.zeros(mesh.n_cells, dtype=bool)
    edges, edge_of = cell_edges(mesh.cells, mesh.n_nodes)
    cut = _closure(edge_of, marked, len(edges))
    mid = np.full(len(edges), -1, dtype=np.int64)
    mid[cut] = mesh.n_nodes + np.arange(cut.sum())
    ends = mesh.ij[edges[cut]].sum(axis=1)
    if (ends & 1).any():
        raise MeshError(
            "mesh",
            f"{int((ends & 1).any(axis=1).sum())} edges to cut whose midpoint is no lattice site",
            "a mesh made by macro_mesh, graded, refine and coarsen",
        )
    cells, level, first = mesh.cells, mesh.level, mesh.first
    mids, is_new = mid[edge_of], np.zeros(mesh.n_cells, dtype=bool)
    while (mids[:, 0] >= 0).any():  # once in 1-D, at most twice in 2-D
        cells, level, first, mids, is_new = _bisect(cells, level, first, mids, is_new, mesh.depth)
    ij = np.concatenate([mesh.ij, ends // 2])
    lower_of = np.full(len(ij), -1, dtype=np.int64)
    new = replace(mesh, ij=ij, cells=cells, level=level, first=first, lower_of=lower_of)
    return new, is_new


def _closure(edge_of: Index, marked: Bools, n_edges: int) -> Bools:
    """Edges to cut: the refinement edges of marked cells and of every cell with an edge to cut."""
    cut = np.zeros(n_edges, dtype=bool)
    cut[edge_of[marked, 0]] = True
    rest = edge_of
    while True:
        rest = rest[~cut[rest[:, 0]]]
        hanging = cut[rest].any(axis=1)
        if not hanging.any():
            return cut
        cut[rest[hanging, 0]] = True


def _bisect(
    cells: Index, level: Index, first: Index, mids: Index, is_new: Bools, depth: int
) -> tuple[Index, Index, Index, Index, Bools]:
    """Cut every cell whose refinement edge has a midpoint; children take the parent's place."""
    dim = cells.shape[1] - 1
    split = mids[:, 0] >= 0
    slot = np.repeat(np.arange(len(cells)), 1 + split)
    left = np.flatnonzero(split) + np.arange(split.sum())  # place of child 0; child 1 follows it
    extended = np.concatenate([cells, mids[:, :1]], axis=1)[split]
    cells, level, first, is_new = cells[slot], level[slot], first[slot], is_new[slot]
    new_mids, old_mids = mids[slot], mids[split]
    for child in (0, 1):
        at, edge = left + child, _INHERITED[dim][child]
        cells[at] = extended[:, _CHILDREN[dim][child]]
        level[at] += 1
        first[at] += np.int64(child) << (depth - level[at])
        is_new[at] = True
        new_mids[at] = -1
        if edge >= 0:
            new_mids[at, 0] = old_mids[:, edge]
    return cells, level, first, new_mids, is_new
