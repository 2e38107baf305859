"""Miller indices: a triplet that a caller gave, the one along an axis, all members of a family."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations, product
from math import gcd

import numpy as np
from numpy.typing import ArrayLike

from qcmethod.base.arguments import is_number
from qcmethod.base.types import Array
from qcmethod.errors import InputError, OrientationError

Miller = tuple[int, int, int]
MOST = 99
"""Largest index that is taken from a caller."""


def whole(triplet: object) -> Miller | None:
    """A triplet as Python's whole numbers, which no product overflows; None: it is no such."""
    if not isinstance(triplet, Sequence | np.ndarray) or getattr(triplet, "ndim", 1) != 1:
        return None
    if not all(map(is_number, triplet)):
        return None
    try:
        exact = [int(n) for n in triplet]
    except (ValueError, OverflowError):  # nan and inf
        return None
    if len(exact) != 3 or exact != list(triplet):
        return None
    return exact[0], exact[1], exact[2]


def dot(a: Miller, b: Miller) -> int:
    """a . b, exact."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def cross(a: Miller, b: Miller) -> Miller:
    """a x b, exact."""
    return a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]


def miller(name: str, triplet: ArrayLike) -> Miller:
    """Three whole numbers in lowest terms, nothing rounded (OrientationError)."""
    h = whole(triplet)
    if h is None or not any(h) or max(map(abs, h)) > MOST:
        expected = f"three Miller indices, whole numbers up to {MOST}, not all 0"
        raise OrientationError(name, triplet, expected, "(1, 1, 1)")
    return lowest(h)


def lowest(h: Sequence[int]) -> Miller:
    """Three whole numbers in lowest terms; not all 0."""
    divisor = gcd(*h)
    return h[0] // divisor, h[1] // divisor, h[2] // divisor


def along(axis: Array) -> Miller:
    """The smallest whole numbers along a vector (3,) in crystal axes (InputError: none to 9999)."""
    h = np.arange(1, 10000)[:, None] * axis / np.abs(axis).max()
    found = np.flatnonzero(np.abs(h - np.round(h)).max(axis=1) < 1e-6)
    if not len(found):
        raise InputError("axis", axis.tolist(), "a direction of the lattice")
    return lowest([int(n) for n in np.round(h[found[0]])])


def variants(family: Miller) -> list[Miller]:
    """All permutations and signs of a triplet."""
    signed = {
        (s * h[0], t * h[1], r * h[2])
        for h in permutations(family)
        for s, t, r in product((1, -1), repeat=3)
    }
    return sorted(signed, reverse=True)
