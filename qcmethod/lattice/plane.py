"""The plane of the mesh: what a straight defect, seen along its line, makes of positions.

The lattice is periodic along z (`lattice.lattice`), so where something is, is said by x and y; of a
chain y is 0.
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.types import Array


def in_plane(x: Array) -> Array:
    """Components (n, 2, ...) in the plane of positions or vectors (n, 2 or 3, ...): a view."""
    return x[:, :2]


def radius(x: Array) -> Array:
    """Distance (n,) of positions (n, 2) or (n, 3) from the line through the origin, A."""
    return np.asarray(np.linalg.norm(in_plane(x), axis=1))
