r"""A nested mesh of its own kind: Kuhn's six tetrahedra a cube, on points of Z^3 inside a box.

Each cell runs from a corner of a cube along its edges, in one of six orders, so that the edges of
the mesh are the 7 vectors {0, 1}^3 \ 0 at every scale. With s the largest power of two that divides
a point, and o its odd coordinates at that scale, it is the middle of the edge h - s o, h + s o; the
mesh of the points of 2 Z^3 is the mesh of Z^3 left out of these. Every point inside has the same
stencil, which makes the stiffness: K_ij = D(h_j - h_i), and s D at the spacing s.
"""

from __future__ import annotations

from itertools import permutations, product

import numpy as np

from qcmethod.base.multigrid import Births, Blocks

TO_VOIGT = np.array([[0, 5, 4], [5, 1, 3], [4, 3, 2]])


def random_tensor(seed, softest=1.0, stiffest=5.0):
    """C (3, 3, 3, 3) with the symmetries of elasticity, of strain energies between two bounds."""
    rng = np.random.default_rng(seed)
    axes, _ = np.linalg.qr(rng.standard_normal((6, 6)))
    C = (axes * rng.uniform(softest, stiffest, 6)) @ axes.T
    return C[TO_VOIGT[:, :, None, None], TO_VOIGT]


def stencil(C):
    """Blocks D (3, 3) by the offset of two points, at the spacing 1."""
    found = {}
    for order in permutations(range(3)):
        path = np.cumsum([np.zeros(3, int), *np.eye(3, dtype=int)[list(order)]], axis=0)
        G = np.linalg.inv(np.column_stack([np.ones(4), path]))[1:].T
        K = np.einsum("mj,ajbk,nk->mnab", G, C, G) / 6.0
        for m, n in product(range(4), repeat=2):
            offset = tuple((path[n] - path[m]).tolist())
            found[offset] = found.get(offset, 0.0) + K[m, n]
    return found


def inside(reach, spacing=1):
    """The points h (n, 3), multiples of a spacing, with |h_i| < reach."""
    line = np.arange(-reach + spacing, reach, spacing)
    return np.array(np.meshgrid(line, line, line, indexing="ij")).reshape(3, -1).T


def numbers(h, wanted):
    """Where points (..., 3) are among h (n, 3), which are ascending; -1: nowhere."""
    key, key_wanted = (((q + 512) << np.array([20, 10, 0])).sum(axis=-1) for q in (h, wanted))
    at = np.minimum(np.searchsorted(key, key_wanted), len(h) - 1)
    return np.where(key[at] == key_wanted, at, -1)


def births(h, reach):
    """The edges that points h (n, 3) have cut; others are clamped. The origin is a root."""
    root = (h % reach == 0).all(axis=1)
    low = np.where(root[:, None], reach, h)
    bits = low[:, 0] | low[:, 1] | low[:, 2]
    s = bits & -bits
    odd = (low // s[:, None]) & 1
    step = odd * s[:, None]
    parents = numbers(h, np.stack([h - step, h + step], axis=1))
    parents[root] = -1
    young = np.array([0, 2, 1, 0])[odd.sum(axis=1)]
    return Births(parents, 3 * np.log2(s).round().astype(np.int64) + young, root)


def stiffness(h, D, spacing=1):
    """The matrix on points h (n, 3) of a spacing, all others clamped."""
    offsets = np.array(sorted(D))
    blocks = spacing * np.array([D[tuple(o)] for o in offsets.tolist()])
    column = numbers(h, h[:, None] + spacing * offsets)
    on = column >= 0
    indptr = np.concatenate([[0], np.cumsum(on.sum(axis=1))])
    which = np.broadcast_to(np.arange(len(offsets)), on.shape)[on]
    return Blocks(indptr, column[on], np.ascontiguousarray(blocks[which]))
