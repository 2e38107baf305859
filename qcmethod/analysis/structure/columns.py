"""Columns of atoms along a line: which are neighbours, and what parts them, modulo b."""

from __future__ import annotations

import numpy as np

from qcmethod.base.types import Array, Index
from qcmethod.lattice.lattice import Lattice
from qcmethod.lattice.sites import Sites


def folded(delta: Array, b: Array) -> Array:
    """delta (p, 3) less the multiple of b (3,) nearest to its part along b, A."""
    return delta - np.round(delta @ b / (b @ b))[:, None] * b


def along(component: str, b: Array) -> Array:
    """Unit vector (3,) of the screw or edge component of a Burgers vector (3,)."""
    z = np.array([0.0, 0.0, 1.0])
    if component == "screw":
        return z
    flat = b * (1.0 - z)
    size = float(np.linalg.norm(flat))
    return flat / size if size > 1e-6 * np.linalg.norm(b) else np.array([1.0, 0.0, 0.0])


def neighbouring_columns(ij: Index, lattice: Lattice) -> tuple[Index, Index]:
    """Pairs i, j (p,), (p,) of the sites ij (n, 2) whose columns hold nearest neighbours.

    Pairs whose connections would cross, or pass over a third column, share their middle: of such
    the nearest one is taken, and none where two are equally near.
    """
    step = lattice.steps(1.01 * lattice.neighbour)
    forward = (step[:, 1] > 0) | ((step[:, 1] == 0) & (step[:, 0] > 0))
    step = _without_crossings(step[forward], lattice)
    other = Sites(ij).find(ij[:, None] + step)
    i, k = np.nonzero(other >= 0)
    return i, other[i, k]


def _without_crossings(step: Index, lattice: Lattice) -> Index:
    """Of the offsets (s, 2) with one parity, hence one middle, the shortest one if it is alone."""
    length = np.linalg.norm(step @ lattice.plane_basis, axis=1).round(6)
    odd = (step % 2) @ [1, 2]  # 0: the middle is a column
    alone = [
        (odd[k] > 0) and (length[odd == odd[k]] <= length[k]).sum() == 1 for k in range(len(step))
    ]
    return step[alone]
