r"""Tetrahedra: volumes, gradients of barycentric coordinates, shape.

grad l_v = face normal opposite v / (6 V),    6 V = det(x1 - x0, x2 - x0, x3 - x0)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qcmethod.base.types import Array, Index

_FACES = ((1, 2, 3), (0, 3, 2), (0, 1, 3), (0, 2, 1))
"""Opposite each vertex, turned outwards where the volume is positive."""


def tetrahedra_volumes(corner: Array | Index) -> Array:
    """Signed volumes (n,) of tetrahedra with these corners (n, 4, 3)."""
    e = np.moveaxis(corner[:, 1:] - corner[:, :1], 1, 0)
    return np.asarray(triple(*e) / 6.0)


def tetrahedra_gradients(corner: Array | Index) -> Array:
    """Gradients (n, 4, 3) of the barycentric coordinates."""
    e = np.moveaxis(corner[:, 1:] - corner[:, :1], 1, 0).astype(np.float64)
    six = triple(*e)
    G = np.empty(corner.shape)
    for v in range(3):
        G[:, v + 1] = cross(e[(v + 1) % 3], e[(v + 2) % 3]) / six[:, None]
    G[:, 0] = -G[:, 1:].sum(axis=1)
    return G


def in_tetrahedra(corner: Index, p: NDArray[np.number]) -> NDArray[np.number]:
    """Barycentric numerators (n, 4) of points p (n, 3), positive inside; they sum to 6 V."""
    d = corner - p[:, None, :]
    lam = np.stack([triple(*(d[:, v] for v in face)) for face in _FACES], axis=1)
    total = lam.sum(axis=1, keepdims=True)
    return np.where(total < 0, -lam, lam)


def radius_ratio(p: Array) -> Array:
    """3 r_in / r_circ (n,) of tetrahedra with corners p (n, 4, 3), A; 1 is regular."""
    e = np.moveaxis(p[:, 1:] - p[:, :1], 1, 0)
    volume = np.abs(triple(*e)) / 6.0
    area = sum(
        np.linalg.norm(cross(p[:, b] - p[:, a], p[:, c] - p[:, a]), axis=1) / 2.0
        for a, b, c in _FACES
    )
    pairs = [
        np.linalg.norm(e[v], axis=1) * np.linalg.norm(e[(v + 1) % 3] - e[(v + 2) % 3], axis=1)
        for v in range(3)
    ]
    half = 0.5 * sum(pairs)
    crelle = half * np.prod([half - pair for pair in pairs], axis=0)
    circumscribed = np.sqrt(np.maximum(crelle, 0.0)) / (6.0 * volume)
    return np.asarray(9.0 * volume / area / circumscribed)


def triple(
    a: NDArray[np.number], b: NDArray[np.number], c: NDArray[np.number]
) -> NDArray[np.number]:
    """a . (b x c) (n,)."""
    return np.asarray((a * cross(b, c)).sum(axis=1))


def cross(a: NDArray[np.number], b: NDArray[np.number]) -> NDArray[np.number]:
    """a x b (n, 3), faster than that of numpy and exact in integers."""
    (x, y, z), (u, v, w) = a.T, b.T
    return np.stack([y * w - z * v, z * u - x * w, x * v - y * u], axis=1)
