"""The shortest lattice lines of a plane lattice."""

from __future__ import annotations

import numpy as np

from qcmethod.base.types import Array, Index


def lattice_lines(basis: Array) -> Index:
    """Shortest lattice lines (m, dim): A1, A2 and the short diagonal, or both if equally long."""
    if len(basis) == 1:
        return np.array([[1]])
    skew = float(basis[0] @ basis[1]) / float(np.linalg.norm(basis, axis=1).prod())
    diagonals = [(1, -1)] if skew > 1e-9 else [(1, 1)] if skew < -1e-9 else [(1, 1), (1, -1)]
    return np.array([(1, 0), (0, 1), *diagonals])
