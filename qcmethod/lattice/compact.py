"""A compact basis of a lattice: vectors that are short, and far from parallel.

    b_i <- b_i - round(b_i.b_j / b_j.b_j) b_j     while some b_i becomes shorter

Each step is one of whole numbers of determinant 1, so it is the same lattice; lengths fall, so it
ends (Lagrange's reduction in the plane, pair by pair in space: Semaev 2001, LNCS 2146, 181). A
basis that follows rows and planes of high indices is anything but compact.
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.types import Array, Index

SHORTER = 1.0 - 1e-9
"""A step counts where it takes more than rounding off a squared length."""


def compact(basis: Array) -> Index:
    """Steps T (n, n), whole numbers of determinant 1 or -1, to a compact basis T @ basis (n, 3)."""
    n = len(basis)
    steps = np.eye(n, dtype=np.int64)
    pairs = [(i, j) for i in range(n) for j in range(n) if i != j]
    while any(_shortened(steps, basis, i, j) for i, j in pairs):
        pass
    return steps


def _shortened(steps: Index, basis: Array, i: int, j: int) -> bool:
    """Whether vector i could be made shorter by multiples of vector j, and was (in place)."""
    a, b = steps[[i, j]] @ basis
    times = np.rint((a @ b) / (b @ b)).astype(np.int64)
    shorter = a - times * b
    if not shorter @ shorter < SHORTER * (a @ a):
        return False
    steps[i] -= times * steps[j]
    return True
