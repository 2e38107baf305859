r"""Descent of the bisection trees: which finest cell holds a point, exact in integers.

With barycentric coordinates (l0, l1, l2) of a point in (v0; v1, v2), l1 >= l2 tells its child:

    (m; v0, v1): (2 l2, l0, l1 - l2)        (m; v2, v0): (2 l1, l2 - l1, l0)

The numerators are integers over the fixed denominator 4^k, so integer points meet no rounding, and
the path spells the number of a finest cell. Time O(n dim k), whatever the grading.
"""

from __future__ import annotations

from functools import singledispatch
from itertools import product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qcmethod.base.types import Bools, Index
from qcmethod.errors import MeshError
from qcmethod.mesh.core import Mesh
from qcmethod.mesh.space.simplex import in_tetrahedra


@singledispatch
def finest_cell(mesh: Mesh, points: NDArray[np.number], lower: ArrayLike | None = None) -> Index:
    """Number (n,) of a finest cell that holds each point, in the numbering of `Mesh.first`."""
    below = np.zeros(len(points), dtype=bool) if lower is None else np.asarray(lower)
    number, numerator = _roots(mesh, points, below)
    bary = tuple(numerator.T)
    for _ in range(mesh.depth):
        if mesh.dim == 1:
            l0, l1 = bary
            child = l0 < l1
            bary = (np.where(child, 2 * l0, l0 - l1), np.where(child, l1 - l0, 2 * l1))
        else:
            l0, l1, l2 = bary
            child = l1 < l2
            bary = (
                2 * np.minimum(l1, l2),
                np.where(child, l2 - l1, l0),
                np.where(child, l0, l1 - l2),
            )
        number = 2 * number + child
    return number


def _roots(mesh: Mesh, p: NDArray[np.number], lower: Bools) -> tuple[Index, NDArray[np.number]]:
    """Macro cell (n,) and barycentric numerators (n, dim+1) of each point (MeshError: outside)."""
    root, bary = _search(mesh, p, lower)
    outside = np.flatnonzero(root < 0)
    if len(outside):
        raise beyond(mesh, p[outside])
    return root, bary


def beyond(mesh: Mesh, points: NDArray[np.number]) -> MeshError:
    """What is to be raised for points outside the mesh (n, dim)."""
    return MeshError(
        "points",
        f"{len(points)} points outside the mesh, the first {points[0].tolist()}",
        f"lattice coordinates in the domain (absolute values up to {mesh.reach})",
        "a larger extent",
    )


@singledispatch
def covers(mesh: Mesh, points: Index) -> Bools:
    """(n,) whether the mesh holds the lattice points (n, dim)."""
    found: Bools = _search(mesh, points, np.zeros(len(points), dtype=bool))[0] >= 0
    return found


def _search(mesh: Mesh, p: NDArray[np.number], lower: Bools) -> tuple[Index, NDArray[np.number]]:
    """As `_roots`, with -1 for a point outside."""
    # integers are exact; real coordinates may lie outside by rounding (lattice steps)
    slack = 0.0 if p.dtype.kind == "i" else 1e-9 + 1e-13 * mesh.reach
    table, origin = _macro_table(mesh)
    root = np.full(len(p), -1, dtype=np.int64)
    bary = np.zeros((len(p), mesh.dim + 1), dtype=p.dtype)
    todo = np.flatnonzero((np.abs(p) <= mesh.reach + slack).all(axis=1))
    # a point on a line between squares is tried above / right of it first, then in the others;
    # the first try decides on which side of an open flank a point of the row j = 0 lies
    for *shift, side in product(*[(False, True)] * mesh.dim, range(mesh.dim)):
        q = p[todo]
        before = np.tile(np.array(shift), (len(q), 1))
        before[:, -1] ^= lower[todo]
        square = _squares(q, before, mesh.step, slack) - origin
        valid = np.all((square >= 0) & (square < np.array(table.shape[:-1])), axis=1)
        square[~valid] = 0
        guess = np.where(valid, table[(*square.T, np.full(len(q), side))], -1)
        hit = np.flatnonzero(guess >= 0)
        lam = numerators(mesh.macro[guess[hit]], q[hit])
        inside = lam.min(axis=1) >= -slack * float(mesh.step) ** (mesh.dim - 1)
        hit, lam = hit[inside], lam[inside]
        root[todo[hit]], bary[todo[hit]] = guess[hit], lam
        todo = np.delete(todo, hit)
    return root, bary


def _squares(q: NDArray[np.number], before: Bools, step: int, slack: float) -> Index:
    """Macro squares of points; `before` picks the lower one for a coordinate on a macro line."""
    if slack == 0.0:
        return np.where(before, -(-q // step) - 1, q // step)
    down, up = np.ceil((q - slack) / step) - 1, np.floor((q + slack) / step)
    return np.where(before, down, up).astype(np.int64)


def _macro_table(mesh: Mesh) -> tuple[Index, Index]:
    """Macro cells by square and side (n_i, [n_j,] dim), -1 where none, and the first square."""
    square = mesh.macro.min(axis=1) // mesh.step
    origin = square.min(axis=0)
    table = np.full((*(np.ptp(square, axis=0) + 1), mesh.dim), -1, dtype=np.int64)
    for root, at in enumerate(square - origin):
        side = int(table[tuple(at)][0] >= 0)
        table[(*at, side)] = root
    return table, origin


def numerators(corners: Index, p: NDArray[np.number]) -> NDArray[np.number]:
    """Barycentric numerators (n, dim+1), positive inside; they sum to dim! times the volume."""
    if corners.shape[2] == 1:
        a, b = corners[:, 0, 0], corners[:, 1, 0]
        lam = np.stack([b - p[:, 0], p[:, 0] - a], axis=1)
    elif corners.shape[2] == 3:
        lam = in_tetrahedra(corners, p)
    else:
        d = corners - p[:, None, :]
        n, m = np.roll(d, -1, axis=1), np.roll(d, -2, axis=1)
        lam = n[:, :, 0] * m[:, :, 1] - n[:, :, 1] * m[:, :, 0]
    total = lam.sum(axis=1, keepdims=True)
    return np.where(total < 0, -lam, lam)
