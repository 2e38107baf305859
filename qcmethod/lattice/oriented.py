"""The basis of a cubic lattice whose laboratory axes lie along Miller directions.

A3 is the shortest lattice vector along z, A1 the shortest one whose projection lies along x, A2
completes a basis and is reduced against A1; of several the flattest is taken.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qcmethod.base.arguments import as_numbers
from qcmethod.base.types import Array, Index
from qcmethod.errors import InputError, OrientationError
from qcmethod.lattice.miller import lowest

Triplet = Sequence[int]
LARGEST = 60
"""Of the indices of a direction: lattice vectors are looked for in a cube of that size."""


def oriented_basis(
    structure: str, constant: float, axes: Array, triad: tuple[Triplet, Triplet, Triplet]
) -> Array:
    """Rows A1, A2, A3, A, of an fcc or bcc lattice with these `axes`, those of three triplets.

    Raises OrientationError for indices above 60 in lowest terms, InputError (structure).
    """
    reduced = tuple(map(lowest, triad))
    largest = max(abs(n) for triplet in reduced for n in triplet)
    if largest > LARGEST:
        expected = f"directions with indices up to {LARGEST} in lowest terms"
        raise OrientationError("x, y, z", reduced, expected)
    doubled = _doubled_vectors(structure, 2 * max(2, largest))
    v = 0.5 * constant * doubled @ axes.T
    return np.array(
        [_first_along_x(v, constant), _completing(v, constant), _shortest_along_z(v, constant)]
    )


def orientation(x: Triplet, y: Triplet, z: Triplet) -> Array:
    """Rotation (rows: unit x, y, z) of three Miller directions; refuses impossible ones."""
    for name, triplet in zip("xyz", (x, y, z), strict=True):
        v = as_numbers(name, triplet, "three integers, not all zero", OrientationError)
        if v.shape != (3,) or not np.isfinite(v).all() or (v != np.round(v)).any() or not v.any():
            hint = "e.g. x=(1, 1, -2), y=(1, 1, 1), z=(1, -1, 0)"
            raise OrientationError(name, triplet, "three integers, not all zero", hint)
    rows = np.array([x, y, z], dtype=np.int64)
    for a, b in ((0, 1), (1, 2), (0, 2)):
        if rows[a] @ rows[b] != 0:
            pair = f"{'xyz'[a]}, {'xyz'[b]}"
            given = (tuple(rows[a].tolist()), tuple(rows[b].tolist()))
            raise OrientationError(pair, given, "orthogonal directions", "h.k = 0 for each pair")
    if np.linalg.det(rows) < 0:
        hint = f"z={tuple((-rows[2]).tolist())}"
        raise OrientationError("x, y, z", rows.tolist(), "a right-handed triad", hint)
    return rows / np.linalg.norm(rows, axis=1)[:, None]


def _doubled_vectors(structure: str, reach: int) -> Index:
    """Lattice vectors in units a/2: fcc i + j + k even; bcc i, j, k of one parity."""
    n = np.arange(-reach, reach + 1)
    grid = np.stack([g.ravel() for g in np.meshgrid(n, n, n, indexing="ij")], axis=1)
    if structure == "fcc":
        return grid[grid.sum(axis=1) % 2 == 0]
    if structure == "bcc":
        parity = grid % 2
        return grid[(parity == parity[:, :1]).all(axis=1)]
    raise InputError("structure", structure, "'fcc' or 'bcc'")


def _shortest_along_z(v: Array, constant: float) -> Array:
    small = 1e-9 * constant
    along = v[(np.abs(v[:, 0]) < small) & (np.abs(v[:, 1]) < small) & (v[:, 2] > small)]
    shortest = along[np.argmin(along[:, 2])]
    return np.array([0.0, 0.0, shortest[2]])


def _first_along_x(v: Array, constant: float) -> Array:
    small = 1e-9 * constant
    along = v[(np.abs(v[:, 1]) < small) & (v[:, 0] > small)]
    order = np.lexsort((-along[:, 2], np.abs(along[:, 2]).round(9), along[:, 0].round(9)))
    return _without_dust(along[order[0]], constant)


def _completing(v: Array, constant: float) -> Array:
    above = v[v[:, 1] > 1e-9 * constant]
    keys = (above[:, 0], np.abs(above[:, 2]).round(9), np.abs(above[:, 0]).round(9))
    order = np.lexsort((*keys, above[:, 1].round(9)))
    return _without_dust(above[order[0]], constant)


def _without_dust(v: Array, constant: float) -> Array:
    """Exact zeros where rounding left 1e-16: rows of sites stay rows."""
    return np.where(np.abs(v) < 1e-9 * constant, 0.0, v)
