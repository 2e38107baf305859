"""The "hops" metric: lattice steps along the six nearest lines, in A. Its discs are hexagons.

d(x) = |A1| max(|i|, |j|, |i +- j|),      x = i A1 + j A2
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.types import Array


def hop_distance(d: Array, along: float, basis: Array) -> Array:
    """Distance (n,), A, of points from a row along A1.

    d : (n, 2) from the left end of the row, A
    along : length of the row, A
    basis : (2, 2) rows A1, A2, A
    """
    i, j = (d @ np.linalg.inv(basis)).T
    skew = 1.0 if basis[0] @ basis[1] > 0.0 else -1.0  # the short diagonal is A1 - skew A2
    i = i - np.clip(i + 0.5 * skew * j, 0.0, along / basis[0, 0])
    steps = np.maximum(np.maximum(np.abs(i), np.abs(j)), np.abs(i + skew * j))
    return steps * float(np.linalg.norm(basis[0]))


def hop_stretch(basis: Array) -> float:
    """How much further than its distance in hops a point can be."""
    a1, a2 = basis
    short = a1 - a2 if a1 @ a2 > 0.0 else a1 + a2
    longest = max(np.linalg.norm(a) for a in (a1, a2, short))
    return float(longest / np.linalg.norm(a1))
