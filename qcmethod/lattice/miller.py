"""Miller indices: a triplet that a caller gave, the one along an axis, all members of a family."""

from __future__ import annotations

from functools import reduce
from itertools import permutations, product
from math import gcd

import numpy as np
from numpy.typing import ArrayLike

from qcmethod.base.arguments import as_numbers
from qcmethod.base.types import Array
from qcmethod.errors import InputError, OrientationError

Miller = tuple[int, int, int]
MOST = 99
"""Largest index that is taken from a caller."""


def miller(name: str, triplet: ArrayLike) -> Miller:
    """Three whole numbers in lowest terms, nothing rounded (OrientationError, InputError)."""
    expected = f"three Miller indices, whole numbers up to {MOST}"
    h = as_numbers(name, triplet, expected)
    whole = h.shape == (3,) and (h == np.clip(np.round(h), -MOST, MOST)).all()
    if not whole or not h.any():
        raise OrientationError(name, triplet, f"{expected}, not all 0", "(1, 1, 1)")
    return lowest(h)


def lowest(h: ArrayLike) -> Miller:
    """Whole numbers (3,) in lowest terms; not all 0."""
    whole = [int(n) for n in np.asarray(h)]
    divisor = reduce(gcd, whole)
    return whole[0] // divisor, whole[1] // divisor, whole[2] // divisor


def along(axis: Array) -> Miller:
    """The smallest whole numbers along a vector (3,) in crystal axes (InputError: none to 9999)."""
    h = np.arange(1, 10000)[:, None] * axis / np.abs(axis).max()
    found = np.flatnonzero(np.abs(h - np.round(h)).max(axis=1) < 1e-6)
    if not len(found):
        raise InputError("axis", axis.tolist(), "a direction of the lattice")
    return lowest(np.round(h[found[0]]))


def variants(family: Miller) -> list[Miller]:
    """All permutations and signs of a triplet."""
    signed = {
        (s * h[0], t * h[1], r * h[2])
        for h in permutations(family)
        for s, t, r in product((1, -1), repeat=3)
    }
    return sorted(signed, reverse=True)
