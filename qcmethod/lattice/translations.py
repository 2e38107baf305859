"""The Bravais lattice of periodic points, if they are one: in whole numbers of an n-th of the cell.

    n points in a cell that spans L are one lattice M, with L in M of index n, if and only if the
    differences t_k = x_k - x_0 and L span a lattice whose cell is 1/n of that of L.

Then n t_k is in L (Lagrange), so in the cell's coordinates all of M are whole numbers over n, and
Euclid's algorithm finds a basis (the Hermite normal form; Cohen 1993, section 2.4).
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.types import Array, Index
from qcmethod.lattice.compact import compact


def bravais(vectors: Array, x: Array, tolerance: float) -> Array | None:
    """A compact basis (m, 3), A, of the lattice of periodic points; None: they are no lattice.

    Parameters
    ----------
    vectors : (m, 3) periods, A, independent
    x : (n, 3) points of a cell, A
    tolerance : how far a point may be from its place, A
    """
    n, m = len(x), len(vectors)
    t = x - x[0]
    whole = np.rint(n * (t @ np.linalg.pinv(vectors))).astype(np.int64)
    away = np.linalg.norm(t - whole @ vectors / n, axis=1)
    if away.max() > tolerance or len(np.unique(whole % n, axis=0)) < n:
        return None
    basis = _spanned(np.concatenate([whole % n, n * np.eye(m, dtype=np.int64)]))
    if round(abs(np.linalg.det(basis))) != n ** (m - 1):
        return None
    rows = basis @ vectors / n
    return np.asarray(compact(rows) @ rows)


def _spanned(rows: Index) -> Index:
    """A basis (m, m) of the lattice that whole rows (k, m) span, triangular (Euclid)."""
    left, basis = rows.copy(), []
    for column in range(rows.shape[1]):
        while np.count_nonzero(left[:, column]) > 1:
            size = np.abs(left[:, column])
            least = int(np.argmin(np.where(size > 0, size, size.max() + 1)))
            times = left[:, column] // left[least, column]
            times[least] = 0
            left -= times[:, None] * left[least]
        found = int(np.argmax(np.abs(left[:, column])))
        basis.append(left[found].copy())
        left = np.delete(left, found, axis=0)
    return np.array(basis)
