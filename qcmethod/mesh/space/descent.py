r"""Bisection of tetrahedra, and the finest cell that holds a point, exact in integers.

A cell (x0, x1, x2, x3) of generation g is cut in the middle m of its edge (x0, x_d),

    d = 3 - g mod 3,    (x0, ..., x_d, ...)  ->  (x0, ..., m, ...),   (x1, ..., x_d, m, ...)

(Maubach 1995). A point with barycentric coordinates l lies in the first child if l_0 >= l_d, and
there l_0 -> l_0 - l_d, l_d -> 2 l_d; in the second l_d -> l_d - l_0, l_0 -> 2 l_0 = that of m. The
sum of the numerators stays what it is, so integer points meet no rounding, and the path spells the
number of a finest cell. Finest are the halves of bricks' tetrahedra of one brick: edges h = 2.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qcmethod.base.types import Bools, Index
from qcmethod.mesh.space.bricks import macro_cells
from qcmethod.mesh.space.grid import Grid

Numerators = list[NDArray[np.number]]
"""Four of (n,)."""


def depth_of(reach: int) -> int:
    """Generation of the finest cells of macro cells with edges `reach`, in halves of bricks."""
    return 3 * (reach.bit_length() - 2) + 1


def cut_edge(level: int) -> int:
    """The vertex d at the other end of the edge (x0, x_d) that is cut at a generation."""
    return 3 - level % 3


def middle(X: Index, level: int) -> Index:
    """The middles (n, 3) of the edges at which cells X (n, 4, 3) of one generation are cut."""
    return np.asarray((X[:, 0] + X[:, cut_edge(level)]) // 2)


def children(X: Index, m: Index, level: int) -> tuple[Index, Index]:
    """First and second children (n, 4, 3) of cells of one generation, cut at m (n, 3)."""
    d = cut_edge(level)
    first, second = X.copy(), X.copy()
    first[:, d] = m
    second[:, :d] = X[:, 1 : d + 1]
    second[:, d] = m
    return first, second


def finest_number(h: NDArray[np.number], grid: Grid) -> Index:
    """Number (n,) of a finest cell that holds each point h (n, 3), in halves of bricks' edges."""
    cube, from_centre = grid.cube_of(h)
    number, lam = _roots(from_centre, grid.reach)
    number = number + 48 * cube
    for level in range(depth_of(grid.reach)):
        d = cut_edge(level)
        first = lam[0] >= lam[d]
        lam = _in_child(lam, d, first)
        number = 2 * number + ~first
    return number


def _in_child(lam: Numerators, d: int, first: Bools) -> Numerators:
    """Numerators in the child that holds the point."""
    l0, ld = lam[0], lam[d]
    out = list(lam)
    for v in range(d):
        of_second = lam[v + 1] if v < d - 1 else ld - l0
        of_first = l0 - ld if v == 0 else lam[v]
        out[v] = np.where(first, of_first, of_second)
    out[d] = 2 * np.where(first, ld, l0)
    return out


def _roots(h: NDArray[np.number], reach: int) -> tuple[Index, Numerators]:
    """Macro cell (n,) of a cube of each point and the numerators of its barycentric coordinates."""
    size = np.abs(h)
    order = np.argsort(size, axis=1, kind="stable")  # smallest first
    a, b, c = np.take_along_axis(size, order, axis=1).T
    octant = 4 * (h[:, 0] < 0) + 2 * (h[:, 1] < 0) + (h[:, 2] < 0)
    return _numbers()[octant, order[:, 0], order[:, 1]], [a, b - a, c - b, reach - c]


def _numbers() -> Index:
    """Macro cell of an octant, its smallest and its middle coordinate (8, 3, 3)."""
    cells = macro_cells(1)
    table = np.full((8, 3, 3), -1, dtype=np.int64)
    for root, path in enumerate(cells):
        octant = int((path[0] < 0) @ np.array([4, 2, 1]))
        gone = [int(np.flatnonzero(path[v] != path[v + 1])[0]) for v in range(2)]
        table[octant, gone[0], gone[1]] = root
    return table
