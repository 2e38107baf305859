"""Lattice correspondence of an atom and its curl: the Nye tensor of Hartley and Mishin 2005.

    Q G = P        rows of Q: where the neighbours are, rows of P: lattice vectors they belong to
    alpha_jk = - e_jim d_i G_mk          (Acta Mater. 53, 1313)

Each neighbour is paired with the lattice vector at the smallest angle, if that is at most
`angle`; of two neighbours with one lattice vector the one whose length is nearer to that of the
shortest lattice vector stays. G maps the crystal as it is onto the perfect one, both by least
squares; its gradient is that of a linear fit to the differences between an atom and all of its
neighbours. Across a stacking fault of fcc the neighbours of the twinned side (33.6 degrees away)
are in no pair: the fault is no dislocation.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from qcmethod.analysis.structure.surroundings import Surroundings
from qcmethod.base.types import Array

Mask = NDArray[np.bool_]
FLAT = 1e-6
"""A set of neighbours spans space when the smallest eigenvalue of Q^T Q is above this, over the
largest."""


def correspondence(near: Surroundings, vectors: Array, angle: float) -> tuple[Array, Mask]:
    """G (n, 3, 3) of every atom, and whether its pairs determine it (n,); elsewhere G = 1.

    vectors : (p, 3) lattice vectors to the neighbours in the perfect crystal, A
    angle : largest angle between neighbour and lattice vector, degrees
    """
    n, owner = len(near.start) - 1, near.owner
    partner = _pairs(near, vectors, angle)
    on = partner >= 0
    Q, P, i = near.d[on], vectors[partner[on]], owner[on]
    QQ, known = _moments(Q, i, n)
    QP = _sums(Q[:, :, None] * P[:, None, :], i, n)
    G = np.linalg.solve(QQ, np.where(known[:, None, None], QP, np.eye(3)))
    return np.asarray(G, dtype=np.float64), known


def nye(near: Surroundings, G: Array, known: Mask) -> tuple[Array, Mask]:
    """alpha (n, 3, 3), 1/A, of atoms with the correspondences G, and where it is known (n,).

    Where an atom's own G is unknown, or those of its neighbours do not span space, alpha = 0.
    """
    n, i = len(near.start) - 1, near.owner
    on = known[i] & known[near.site]
    Q, i, j = near.d[on], i[on], near.site[on]
    QQ, spanned = _moments(Q, i, n)
    QdG = _sums(Q[:, :, None] * (G[j] - G[i]).reshape(-1, 1, 9), i, n)
    slope = np.linalg.solve(QQ, np.where(spanned[:, None, None], QdG, 0.0))
    dG = slope.reshape(n, 3, 3, 3)  # [atom, i, m, k] = d_i G_mk
    curl = np.empty((n, 3, 3))
    for a in range(3):
        b, c = (a + 1) % 3, (a + 2) % 3
        curl[:, a] = dG[:, b, c] - dG[:, c, b]
    return -curl, spanned & known


def _pairs(near: Surroundings, vectors: Array, angle: float) -> NDArray[np.int64]:
    """The lattice vector of each pair (pairs,), -1 where it has none."""
    length = np.linalg.norm(near.d, axis=1)
    size = np.linalg.norm(vectors, axis=1)
    cosine = (near.d / length[:, None]) @ (vectors / size[:, None]).T
    partner = cosine.argmax(axis=1)
    close = cosine[np.arange(len(partner)), partner] >= np.cos(np.radians(angle))
    order = np.lexsort((np.abs(length - size.min()), ~close, partner, near.owner))
    who = np.stack([near.owner[order], partner[order]], axis=1)
    first = np.ones(len(order), dtype=bool)
    first[1:] = (who[1:] != who[:-1]).any(axis=1)
    kept = np.zeros(len(order), dtype=bool)
    kept[order] = first
    return np.where(kept & close, partner, -1)


def _moments(Q: Array, i: NDArray[np.int64], n: int) -> tuple[Array, Mask]:
    """Q^T Q (n, 3, 3) of each atom, and whether it has an inverse (n,); elsewhere 1."""
    QQ = _sums(Q[:, :, None] * Q[:, None, :], i, n)
    values = np.linalg.eigvalsh(QQ)
    spans = values[:, 0] > FLAT * values[:, 2]
    return np.where(spans[:, None, None], QQ, np.eye(3)), spans


def _sums(terms: Array, i: NDArray[np.int64], n: int) -> Array:
    """Sums (n, ...) of the terms (pairs, ...) of each atom; i (pairs,) does not decrease."""
    flat = terms.reshape(len(terms), math.prod(terms.shape[1:]))
    total = np.zeros((n, flat.shape[1]))
    atoms, first = np.unique(i, return_index=True)
    if len(atoms):
        total[atoms] = np.add.reduceat(flat, first, axis=0)
    return total.reshape(n, *terms.shape[1:])
