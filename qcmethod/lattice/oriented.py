"""The basis of a cubic lattice whose laboratory axes lie along Miller directions.

A3 is the shortest lattice vector along z, A1 the shortest one whose projection lies along x, A2
completes a basis and is reduced against A1; of several the flattest is taken.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qcmethod.base.types import Array
from qcmethod.errors import InputError, OrientationError
from qcmethod.lattice.miller import Miller, cross, dot, lowest, whole

Triplet = Sequence[int]
LARGEST = 60
"""Of the indices of a direction: rows of higher ones are denser than any mesh can use."""
PRIMITIVE: dict[str, tuple[Miller, ...]] = {
    "fcc": ((0, 1, 1), (1, 0, 1), (1, 1, 0)),
    "bcc": ((-1, 1, 1), (1, -1, 1), (1, 1, -1)),
}
"""Lattice vectors in halves of the lattice constant."""


def oriented_basis(structure: str, constant: float, triad: tuple[Miller, Miller, Miller]) -> Array:
    """Rows A1, A2, A3, A, of an fcc or bcc lattice with its axes along a `triad` (InputError).

    In whole numbers, units of half the constant: the heights v.y of all lattice vectors are the
    multiples of one, those v.x of the vectors of no height too, and what is left lies along z.
    """
    if structure not in PRIMITIVE:
        raise InputError("structure", structure, "'fcc' or 'bcc'")
    x, y, z = triad
    above, *level = _divided(PRIMITIVE[structure], y)
    first, along = _divided(level, x)
    third = along if dot(along, z) > 0 else _sum(along, along, -2)
    first = min(_flattest(first, third, z), key=lambda v: -dot(v, z))
    leaning = [w for v in _flattest(above, first, x) for w in _flattest(v, third, z)]
    low = min(abs(dot(v, z)) for v in leaning)
    equal = sorted(v for v in leaning if abs(dot(v, z)) == low)
    rows = 0.5 * constant * np.array([first, third, *equal]) @ rotation(triad).T
    # two that differ by A3 are one: rounding may choose, as it always did
    second = rows[2 + int(np.argmin(rows[2:, 0]))]
    basis = np.array([rows[0], second, rows[1]])
    return np.where(np.abs(basis) < 1e-9 * constant, 0.0, basis)  # rows of sites stay rows


def _divided(basis: Sequence[Miller], along: Miller) -> list[Miller]:
    """Another basis of the same lattice: v . along is the common divisor of all of the first, and 0
    of the others (Euclid)."""
    rows = sorted(basis, key=lambda v: -abs(dot(v, along)))
    while dot(rows[1], along):
        n = dot(rows[0], along) // dot(rows[1], along)
        rows[0] = _sum(rows[0], rows[1], -n)
        rows.sort(key=lambda v: -abs(dot(v, along)))
    if dot(rows[0], along) < 0:
        rows[0] = _sum(rows[0], rows[0], -2)
    return rows


def _flattest(v: Miller, step: Miller, along: Miller) -> list[Miller]:
    """The one or two of all v + n step that are least along a direction."""
    n = -(dot(v, along) // dot(step, along))
    near = [_sum(v, step, n), _sum(v, step, n - 1)]
    least = min(abs(dot(w, along)) for w in near)
    return [w for w in near if abs(dot(w, along)) == least]


def _sum(a: Miller, b: Miller, n: int) -> Miller:
    """a + n b."""
    return a[0] + n * b[0], a[1] + n * b[1], a[2] + n * b[2]


def orientation(x: Triplet, y: Triplet, z: Triplet) -> tuple[Miller, Miller, Miller]:
    """Three Miller directions in lowest terms, orthogonal and right-handed (OrientationError).

    In whole numbers: nothing is rounded and no product overflows.
    """
    rows = []
    for name, triplet in zip("xyz", (x, y, z), strict=True):
        v = whole(triplet)
        if v is None or not any(v):
            hint = "e.g. x=(1, 1, -2), y=(1, 1, 1), z=(1, -1, 0)"
            raise OrientationError(name, triplet, "three integers, not all zero", hint)
        rows.append(v)
    for a, b in ((0, 1), (1, 2), (0, 2)):
        if dot(rows[a], rows[b]) != 0:
            pair = f"{'xyz'[a]}, {'xyz'[b]}"
            given = (rows[a], rows[b])
            raise OrientationError(pair, given, "orthogonal directions", "h.k = 0 for each pair")
    if dot(cross(rows[0], rows[1]), rows[2]) < 0:
        hint = f"z={tuple(-n for n in rows[2])}"
        raise OrientationError("x, y, z", list(map(list, rows)), "a right-handed triad", hint)
    reduced = lowest(rows[0]), lowest(rows[1]), lowest(rows[2])
    if max(abs(n) for row in reduced for n in row) > LARGEST:
        expected = f"directions with indices up to {LARGEST} in lowest terms"
        raise OrientationError("x, y, z", reduced, expected)
    return reduced


def rotation(triad: tuple[Miller, Miller, Miller]) -> Array:
    """(3, 3) rows: the unit vectors along three directions in lowest terms."""
    rows = np.array(triad, dtype=np.float64)
    return np.asarray(rows / np.linalg.norm(rows, axis=1)[:, None])
