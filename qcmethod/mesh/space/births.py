r"""The edges that the nodes of a mesh of tetrahedra have cut (`base.multigrid`).

With s the largest power of two that divides h, and o its odd coordinates at that scale, the node is
the middle of the edge from h + o to h - o, with signs such that one end is even there at 4 s. Both
are of a larger scale. Youngest of a scale are the middles of the bricks' edges, oldest their
centres.
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.multigrid.births import Births
from qcmethod.base.types import Index
from qcmethod.mesh.space.bricks import halves, key_of, scale_of
from qcmethod.mesh.space.core import Tetrahedra


def births(mesh: Tetrahedra, nodes: Index) -> Births:
    """Of some nodes (n,) of a mesh, ascending; others are clamped."""
    h, grid = halves(mesh.ij[nodes]), mesh.grid
    root = grid.is_macro(h)
    low = np.where(root[:, None], grid.reach, h)
    s = scale_of(low)
    odd = (low // s[:, None]) & 1
    step = odd * s[:, None]
    even = ((h + step) // (2 * s[:, None])) % 2 == 0
    one = np.where(even, h + step, h - step)
    ends = np.stack([one, 2 * h - one], axis=1)
    number = _numbers(key_of(grid.wrapped(ends)), key_of(h))
    number[root] = -1
    young = np.array([0, 0, 1, 2])[odd.sum(axis=1)]
    return Births(number, 3 * np.round(np.log2(s)).astype(np.int64) + young, root)


def _numbers(wanted: Index, keys: Index) -> Index:
    """Where some keys (n, 2) are among others (n,), -1: nowhere."""
    order = np.argsort(keys)
    at = np.minimum(np.searchsorted(keys[order], wanted), len(keys) - 1)
    return np.where(keys[order][at] == wanted, order[at], -1)
