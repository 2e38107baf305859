r"""Rows of lattice sites in space that a box may hold, and where on each they begin and end.

A row is the sites i b1 + j b2 + k b3 of one (j, k). With the middle m and half the edges h of the
box it meets the box only if, for each of the box's edges e_c,

    |n_c . (j b2 + k b3 - m)| <= sum_a |n_c|_a h_a,     n_c = b1 x e_c

for a box that is seen along b1 is a hexagon with sides along the e_c. So k is clipped for each j,
then i for each row by the box itself: their number is that of the box, however it lies in the
lattice, and not that of the far larger parallelepiped of lattice vectors around it.
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.types import Array, Index

SLACK = 1e-6
"""Rounding of a corner, A."""


def rows_in_box(basis: Array, low: Array, high: Array) -> tuple[Index, Index, Index]:
    """Rows (m, 2) of j and k, ascending, of sites ij . basis in a box with the corners low, high
    (3,), A, with the first i and their number (m,) on each."""
    middle, half = 0.5 * (low + high), 0.5 * (high - low) + SLACK
    if (half < 0.0).any():
        return np.zeros((0, 2), dtype=np.int64), *(np.zeros(0, dtype=np.int64),) * 2
    dual = np.linalg.inv(basis)
    centre, reach = float(middle @ dual[:, 1]), float(half @ np.abs(dual[:, 1]))
    j = np.arange(int(np.ceil(centre - reach)), int(np.floor(centre + reach)) + 1)
    n = np.cross(basis[0], np.eye(3))
    start = (j[:, None] * basis[1] - middle) @ n.T
    first, count = _clipped(start, n @ basis[2], np.abs(n) @ half)
    rows = np.column_stack([np.repeat(j, count), run(first, count)])
    first, count = _clipped(rows @ basis[1:] - middle, basis[0], half)
    met = count > 0
    return rows[met], first[met], count[met]


def run(first: Index, count: Index) -> Index:
    """Whole numbers (sum count,): `count` of each of (m,), one after another from `first` on."""
    begin = np.cumsum(count) - count
    return np.asarray(np.arange(int(count.sum())) + np.repeat(first - begin, count))


def _clipped(start: Array, slope: Array, half: Array) -> tuple[Index, Index]:
    """First whole t and how many (m,) with |start + t slope| <= half, of (m, 3), (3,), (3,)."""
    flat = np.abs(slope) <= 1e-12 * np.abs(slope).max()
    inside = (np.abs(start[:, flat]) <= half[flat]).all(axis=1)
    start, slope, half = start[:, ~flat], slope[~flat], half[~flat]
    middle, reach = -start / slope, half / np.abs(slope)
    first = np.ceil((middle - reach).max(axis=1)).astype(np.int64)
    last = np.floor((middle + reach).min(axis=1)).astype(np.int64)
    return first, np.where(inside, np.maximum(last - first + 1, 0), 0)
