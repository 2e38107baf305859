"""Atoms on top of one another: |y_i - y_j + k L e_z| < d for some i, j, k.

Styles leave out a pair at distance 0 in silence, or give numbers that are none.
"""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from qcmethod.base.types import Array


def touch(y: Array, closest: float, period: float = np.inf) -> bool:
    """Whether two atoms at y (n, 3), A, are closer than `closest`, A, over the period along z, A,
    too if it is longer than two such lengths."""
    if not 2.0 * closest < period < np.inf:
        return bool(len(cKDTree(y).query_pairs(closest, output_type="ndarray")))
    looked = y.copy()
    looked[:, 2] %= period
    looked[looked[:, 2] >= period, 2] = 0.0  # by rounding
    tree = cKDTree(looked, boxsize=(0.0, 0.0, period))  # 0: open
    return bool(len(tree.query_pairs(closest, output_type="ndarray")))
