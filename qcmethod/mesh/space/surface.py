r"""Where the cells of a mesh of tetrahedra end at a plane of lattice sites: its triangles.

    m(ij) = ij . end = 0

An octahedron of four finest cells whose middle lies in that plane stands on both sides of it. Only
its lower half stays: a pyramid on a rectangle of the surface, cut in two along a diagonal of that.
Where the rectangle is the face (a, p, b, q) of a brick, bisection cuts it along alternating
diagonals: all are to be cut along the same. Where it is (a, m, b, m'), in a plane that halves
bricks, the recut's diagonal m-m' is kept. So one node of the surface is like another: in planes
that halve bricks it owns half a site, on faces of bricks 7/12, and a node below 11/12.
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.types import Array, Bools, Index
from qcmethod.mesh.shape import canonical
from qcmethod.mesh.slit import join_flank
from qcmethod.mesh.space.bricks import halves, key_of, point_of
from qcmethod.mesh.space.core import Tetrahedra


def heights(mesh: Tetrahedra, cells: Index) -> Index:
    """Layers m (..., v) of the corners of cells (..., v); 0 everywhere without an end."""
    return np.asarray(mesh.ij[cells] @ np.array(mesh.end or (0, 0, 0)))


def straddles(mesh: Tetrahedra, cells: Index) -> Bools:
    """Which groups (n,) of cells (n, m, v) have corners on both sides of the end."""
    m = heights(mesh, cells)
    return np.asarray((m.min(axis=(1, 2)) < 0) & (m.max(axis=(1, 2)) > 0))


def pyramids(mesh: Tetrahedra) -> tuple[Index, Index]:
    """Pairs (n, 2) of finest cells below the end whose rectangle in it is to be cut along its other
    diagonal, and the cells (n, 2, 4) that take their places."""
    if mesh.end is None:
        return np.zeros((0, 2), dtype=np.int64), np.zeros((0, 2, 4), dtype=np.int64)
    m = heights(mesh, mesh.cells)
    below = mesh.is_finest & ((m == 0).sum(axis=1) == 3)
    on_face = _pairs(mesh, np.flatnonzero(below & (m[:, 3] < 0)))  # of (a, side, b, centre)
    halving = _pairs(mesh, np.flatnonzero(below & (m[:, 1] < 0)))
    on_face = on_face[_along(mesh, mesh.cells[on_face[:, 0]]) < 0]
    pair = np.concatenate([on_face, halving])
    return pair, np.concatenate([_turned(mesh.cells[on_face], 1), _turned(mesh.cells[halving], 3)])


def _pairs(mesh: Tetrahedra, on: Index) -> Index:
    """Those (n, 2) of some finest cells that share a diagonal of a face."""
    corner = halves(mesh.corners(mesh.cells[on]))
    key = key_of(mesh.grid.wrapped((corner[:, 0] + corner[:, 2]) >> 1))
    order = np.argsort(key, kind="stable")
    first = np.flatnonzero(key[order][1:] == key[order][:-1])
    return np.asarray(np.stack([on[order[first]], on[order[first + 1]]], axis=1))


def _along(mesh: Tetrahedra, cells: Index) -> Index:
    """1 or -1 (n,): along which of the two diagonals of a brick's face cells lie."""
    corner = halves(mesh.corners(cells))
    diagonal = corner[:, 2] - corner[:, 0]
    return np.asarray(np.where(diagonal == 0, 1, np.sign(diagonal)).prod(axis=1))


def _turned(pair: Index, other: int) -> Index:
    """Cells (n, 2, 4) about the other diagonal of pairs (n, 2, 4): between what these have at the
    place `other`."""
    a, b, apex = pair[:, 0, 0], pair[:, 0, 2], pair[:, 0, 4 - other]
    p, q = pair[:, 0, other], pair[:, 1, other]
    return np.stack([np.stack([p, q, end, apex], axis=1) for end in (a, b)], axis=1)


def triangles(mesh: Tetrahedra) -> Index:
    """Faces (n, 3) of canonical cells in the plane of the end, of cells below it."""
    cells = canonical(mesh)
    m = heights(mesh, cells)
    on = np.flatnonzero(((m == 0).sum(axis=1) == 3) & (m.min(axis=1) < 0))
    return np.asarray(cells[on][m[on] == 0].reshape(-1, 3))


@join_flank.register
def _(mesh: Tetrahedra) -> Tetrahedra:
    """The mesh of all of space whose nodes above the end are those below, inverted."""
    if mesh.end is None:
        return mesh
    inverted = key_of(mesh.grid.wrapped(-point_of(mesh.keys)))
    return Tetrahedra.of(np.union1d(mesh.keys, inverted), mesh.basis, mesh.grid)


def areas(x: Array) -> Array:
    """Areas (n,) of triangles with corners x (n, 3, 3)."""
    normal = np.cross(x[:, 1] - x[:, 0], x[:, 2] - x[:, 0])
    return np.asarray(0.5 * np.linalg.norm(normal, axis=1))
