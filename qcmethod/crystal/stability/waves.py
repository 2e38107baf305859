"""Wave vectors k (1/A, 2 pi included) of a Bravais lattice, in its reference configuration.

A wave u_R = e exp(i k.R) of the deformed lattice F R has the wave vector F^-T k in space. Lengths
of waves are measured by the discrete Laplacian over the nearest neighbours,

    N(k) = nu sum_nn 4 sin^2(k.R/2),    N -> |k|^2 as k -> 0        (nu: fcc, bcc, hex2d, chain)

which vanishes at k = 0 (and its copies) only: D(k)/N(k) compares long with short waves, as the
stability constant inf <E''u, u>/|Du|^2 does (Dobson, Luskin, Ortner 2010, J. Mech. Phys. Solids 58,
1741). `plane` keeps to the waves of a quasi-2-D problem, which are uniform along z.
"""

from __future__ import annotations

from math import gcd

import numpy as np

from qcmethod.base.types import Array, Index
from qcmethod.lattice.lattice import Lattice

# reciprocal basis in 2 pi/a along the cube edges, dual to the usual primitive cells (and ASE's)
_CUBIC = {
    "fcc": np.array([[-1.0, 1.0, 1.0], [1.0, -1.0, 1.0], [1.0, 1.0, -1.0]]),
    "bcc": np.array([[0.0, 1.0, 1.0], [1.0, 0.0, 1.0], [1.0, 1.0, 0.0]]),
}


def reciprocal(lattice: Lattice, plane: bool = False) -> Array:
    """Rows (w, 3) of a reciprocal basis in the laboratory frame, 1/A; w = 3, 2 (plane) or 1."""
    if lattice.n_components == 3 and not plane:
        return 2.0 * np.pi / lattice.constant * _CUBIC[lattice.structure] @ lattice.axes.T
    rows = np.zeros((lattice.dim, 3))
    rows[:, : lattice.dim] = 2.0 * np.pi * np.linalg.inv(lattice.plane_basis).T
    return rows


def grid(B: Array, per_axis: int) -> Array:
    """One of each pair +-k of a grid over the Brillouin zone without k = 0, (n, 3), 1/A."""
    w, m = len(B), per_axis
    index = np.stack(np.meshgrid(*[np.arange(m)] * w, indexing="ij"), -1).reshape(-1, w)
    opposite = (-index) % m
    weight = m ** np.arange(w)
    keep = (index @ weight <= opposite @ weight) & index.any(axis=1)
    return index[keep] / m @ B


def directions(lattice: Lattice, plane: bool = False, order: int = 2) -> Array:
    """Unit vectors (m, 3) over half of the sphere (lattice directions up to an index) or circle."""
    if lattice.dim == 1:
        return np.array([[1.0, 0.0, 0.0]])
    if lattice.n_components == 2 or plane:
        angle = np.linspace(0.0, np.pi, 12 * order, endpoint=False)
        return np.stack([np.cos(angle), np.sin(angle), 0.0 * angle], axis=1)
    v = _triplets(order) @ lattice.axes.T
    return v / np.linalg.norm(v, axis=1)[:, None]


def fold(k: Array, B: Array) -> Array:
    """k (3,) in the first Brillouin zone, its first component that is not zero positive."""
    w = len(B)
    index = np.stack(np.meshgrid(*[np.arange(-3, 4)] * w, indexing="ij"), -1).reshape(-1, w)
    G = index[index.any(axis=1)] @ B
    while True:
        length = np.linalg.norm(k - G, axis=1)
        best = int(np.argmin(length))
        if length[best] > np.linalg.norm(k) * (1.0 - 1e-9):
            break
        k = k - G[best]
    small = 1e-6 * np.linalg.norm(B[0])
    # on the boundary of the zone several copies are equally near: one rule for all of them
    copies = np.concatenate([k[None], k - G, -k[None], -(k - G)])
    copies = copies[np.linalg.norm(copies, axis=1) < np.linalg.norm(k) + small]
    order = np.lexsort((copies / small).round().T[::-1])
    return np.where(np.abs(copies[order[-1]]) < small, 0.0, copies[order[-1]])


def neighbours(lattice: Lattice) -> tuple[Array, float]:
    """Half of the nearest neighbours R (m, 3), A, and nu (1/A^2) of the discrete Laplacian."""
    nearest = lattice.shell(1.05 * lattice.neighbour)
    return nearest, lattice.n_components / float((nearest**2).sum())


def laplacian(k: Array, lattice: Lattice) -> Array:
    """N(k) (n,), 1/A^2, of k (n, 3)."""
    nearest, nu = neighbours(lattice)
    return nu * (4.0 * np.sin(0.5 * k @ nearest.T) ** 2).sum(axis=1)


def direction_name(lattice: Lattice, v: Array) -> str:
    """A direction (3,) of the laboratory in crystal axes, by Miller indices where they fit."""
    if lattice.n_components < 3:
        x = v / np.abs(v).max()
        return "x" if abs(x[1]) < 1e-6 else "y" if abs(x[0]) < 1e-6 else f"({v[0]:.3f}, {v[1]:.3f})"
    c = v @ lattice.axes
    all_ = _triplets(4)
    cosine = np.abs(all_ @ c) / np.linalg.norm(all_, axis=1) / np.linalg.norm(c)
    best = int(np.argmax(cosine - 1e-9 * np.abs(all_).sum(axis=1)))
    if cosine[best] < np.cos(np.radians(0.5)):
        return "(" + ", ".join(f"{x:.3f}" for x in c / np.linalg.norm(c)) + ")"
    miller = all_[best] * (1 if all_[best] @ c > 0.0 else -1)
    return "[" + "".join(str(h) if h >= 0 else f"-{-h}" for h in miller.tolist()) + "]"


def _triplets(order: int) -> Index:
    """One of each pair +-h of coprime integer triplets up to an index."""
    n = np.arange(-order, order + 1)
    h = np.stack(np.meshgrid(n, n, n, indexing="ij"), -1).reshape(-1, 3)[
        : (2 * order + 1) ** 3 // 2
    ]
    return -h[[gcd(*row) == 1 for row in h.tolist()]]
