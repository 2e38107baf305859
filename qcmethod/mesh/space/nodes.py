r"""The set of nodes of a graded mesh, and its cells.

Cells that are longer than wanted are cut, from the macro cells on, which gives the middles of their
edges; the set is closed under parents (`bricks`); and a cell of the mesh is one whose next middle
is not in the set. All cells of a generation are looked at together.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from qcmethod.base.types import Array, Bools, Index
from qcmethod.errors import MeshError
from qcmethod.mesh.space.bricks import key_of, parents, point_of
from qcmethod.mesh.space.descent import children, depth_of, middle
from qcmethod.mesh.space.grid import Grid

Wish = Callable[[Array, Array], Array]
"""Maps centres (n, 3) and radii (n,) of balls around cells, A, to the longest edge wanted (n,)."""


def wanted(grid: Grid, half: Array, wish: Wish, most: float) -> Index:
    """Keys (n,) of the corners of the macro cells, and of the middles of all cells that are longer
    than wanted; `half` (3, 3): rows are halves of bricks' edges, A. MeshError: more than `most`."""
    X = grid.macro
    keys, total = [np.unique(key_of(grid.wrapped(X)))], 0.0
    for level in range(depth_of(grid.reach)):
        X = X[_too_long(X, half, wish)]
        total += len(X)
        if total > 12.0 * most:
            hint = "a smaller core, a steeper grading, a smaller extent"
            raise MeshError(
                "size", f"more than {total:.3g} cells to cut", f"{most:.3g} nodes", hint
            )
        m = middle(X, level)
        keys.append(np.unique(key_of(grid.wrapped(m))))
        X = np.concatenate(children(X, m, level))
    return np.unique(np.concatenate(keys))


def _too_long(X: Index, half: Array, wish: Wish) -> Bools:
    corner = X @ half
    centre = corner.mean(axis=1)
    radius = np.sqrt(((corner - centre[:, None]) ** 2).sum(axis=2).max(axis=1))
    longest2 = np.zeros(len(X))
    for v in range(4):
        for w in range(v):
            edge2 = ((corner[:, v] - corner[:, w]) ** 2).sum(axis=1)
            np.maximum(longest2, edge2, out=longest2)
    return np.asarray(np.sqrt(longest2) > wish(centre, radius))


def closed(keys: Index, grid: Grid) -> Index:
    """The smallest set of nodes that holds some and the parents of each, sorted keys (n,)."""
    known, new = keys, keys
    while len(new):
        h = point_of(new)
        needed = parents(h[~grid.is_macro(h)])
        found = np.unique(key_of(grid.wrapped(needed[grid.holds(needed)])))
        new = found[~_held(known, found)]
        known = np.union1d(known, new)
    return known


def _held(known: Index, keys: Index) -> Bools:
    """Which of some keys (m,) are among sorted ones."""
    at = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    return np.asarray(known[at] == keys)


def cells_of(keys: Index, grid: Grid) -> tuple[Index, Index, Index]:
    """The cells of a closed set of nodes, sorted keys (n_k,), in the order of the tree: their
    corners h (n_c, 4, 3), number of the first finest cell in each (n_c,), generation (n_c,)."""
    depth = depth_of(grid.reach)
    X = grid.macro
    number = np.arange(len(X), dtype=np.int64)
    corners, first, levels = [], [], []
    for level in range(depth + 1):
        cut = np.zeros(len(X), dtype=bool)
        if level < depth:
            m = middle(X, level)
            cut = _held(keys, key_of(grid.wrapped(m)))
        leaf = ~cut
        corners.append(X[leaf])
        first.append(number[leaf] << (depth - level))
        levels.append(np.full(int(leaf.sum()), level))
        if level < depth:
            X = np.concatenate(children(X[cut], m[cut], level))
            number = np.concatenate([2 * number[cut], 2 * number[cut] + 1])
    order = np.argsort(np.concatenate(first))
    X, start, generation = (np.concatenate(part)[order] for part in (corners, first, levels))
    return X, start, generation
