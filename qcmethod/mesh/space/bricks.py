r"""Body-centred bricks: where the nodes of a mesh of tetrahedra may be, and which ones they need.

Both cubic lattices are bricks with a site at each corner and in the centre: cubes of edge a in bcc,
bricks (a/sqrt 2, a/sqrt 2, a) in fcc. In halves h of their edges the sites are the points whose
coordinates are all even or all odd, and with lattice coordinates i along two edges and to a centre

    h = i M,      M = [[2, 0, 0], [0, 2, 0], [1, 1, 1]]

A mesh is a set of nodes that holds the parents of each: with s the largest power of two that
divides h, a node with three odd coordinates h/s is the centre of a brick of edge 2 s and needs its
three corners that have one odd coordinate at the scale 2 s; one with two is the centre of a face
and needs the two bricks' centres beside it; one with one is the middle of an edge and needs the
four faces' centres about it. Then the cells of Maubach's bisection (SIAM J. Sci. Comput. 16 (1995)
210) that have these nodes are conforming: unions of sets are again meshes.
"""

from __future__ import annotations

from itertools import permutations, product

import numpy as np

from qcmethod.base.types import Array, Bools, Index

TO_HALVES = np.array([[2, 0, 0], [0, 2, 0], [1, 1, 1]])
OFFSET = 1 << 20
"""Keys of points are unique below this coordinate."""
_CORNERS: Index = np.array(list(product((-1, 1), repeat=3)), dtype=np.int64)


def halves(ij: Index) -> Index:
    """h (..., 3) of the sites ij (..., 3)."""
    return np.asarray(ij @ TO_HALVES)


def sites_at(h: Index) -> Index:
    """ij (..., 3) of the sites h (..., 3)."""
    k = h[..., 2]
    return np.stack([(h[..., 0] - k) >> 1, (h[..., 1] - k) >> 1, k], axis=-1)


def half_edges(basis: Array) -> Array:
    """(3, 3) rows: halves of the bricks' edges, A, of lattice vectors along two edges and to a
    centre."""
    return np.asarray(np.linalg.inv(TO_HALVES) @ basis)


def key_of(h: Index) -> Index:
    """One number for each point h (..., 3)."""
    w = np.asarray(h, dtype=np.int64) + OFFSET
    return np.asarray((w[..., 0] << 42) | (w[..., 1] << 21) | w[..., 2])


def point_of(key: Index) -> Index:
    """The points h (n, 3) of keys (n,)."""
    low = (1 << 21) - 1
    return np.stack([key >> 42, (key >> 21) & low, key & low], axis=-1) - OFFSET


def scale_of(h: Index) -> Index:
    """The largest power of two (n,) that divides all coordinates of h (n, 3), none of which is the
    origin."""
    bits = h[:, 0] | h[:, 1] | h[:, 2]
    return np.asarray(bits & -bits)


def parents(h: Index) -> Index:
    """The points (m, 3) that nodes h (n, 3) need, some twice; they may be outside the mesh."""
    s = scale_of(h)
    odd = (h // s[:, None]) & 1
    centre = odd.sum(axis=1) == 3
    return np.concatenate([_corners(h[centre], s[centre]), _beside(h[~centre], odd, s, ~centre)])


def _corners(h: Index, s: Index) -> Index:
    """Of the centres h of bricks of edge 2 s the corners with one odd coordinate at that scale."""
    corner = h[:, None] + _CORNERS * s[:, None, None]
    odd = (corner // (2 * s)[:, None, None]) & 1
    return np.asarray(corner[odd.sum(axis=2) == 1])


def _beside(h: Index, odd: Index, s: Index, rest: Bools) -> Index:
    """Neighbours at +-s along the axes where h is even at the scale s."""
    odd, s = odd[rest], s[rest]
    found = []
    for axis in range(3):
        for sign in (-1, 1):
            even = odd[:, axis] == 0
            step = np.zeros((int(even.sum()), 3), dtype=np.int64)
            step[:, axis] = sign * s[even]
            found.append(h[even] + step)
    return np.concatenate(found)


def macro_cells(reach: int) -> Index:
    """The 48 macro cells (48, 4, 3) of the cube [-reach, reach]^3: from a corner of it along its
    edges to the origin."""
    cells = []
    for signs in product((1, -1), repeat=3):
        for order in permutations(range(3)):
            corner = np.array(signs) * reach
            path = [corner.copy()]
            for axis in order:
                corner[axis] = 0
                path.append(corner.copy())
            cells.append(path)
    return np.array(cells, dtype=np.int64)
