"""Half lists of neighbours in the deformed configuration, with explicit images along z.

A pair (i, j, m) stands for the bond from site i to the image of site j that is m periods up the z
axis; of the two descriptions (i, j, m) and (j, i, -m) of one bond the list holds one. The period
may be shorter than the cut-off, so a site may be its own neighbour. The list reaches a skin beyond
the cut-off and stays valid until some site has moved half of it (Verlet 1967).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from qcmethod.base.types import Array, Bools, Index
from qcmethod.lattice.plane import in_plane


class HalfList(NamedTuple):
    """Neighbours of site i are ``site[start[i]:start[i+1]]``, shifted by ``image`` periods."""

    start: Index  # (n + 1,)
    site: NDArray[np.uint32]  # (pairs,), unsigned: Numba then tests for no negative index
    shift: Array  # (pairs,), A along z

    @property
    def owner(self) -> NDArray[np.int64]:
        """The site i of each pair (pairs,)."""
        return np.repeat(np.arange(len(self.start) - 1), np.diff(self.start))


def half_list(r: Array, period: float, reach: float, active: Bools) -> HalfList:
    """All bonds shorter than `reach` (A) with an active end; r (n, 3) A, active (n,)."""
    n = len(r)
    across = in_plane(r) if math.isfinite(period) else r
    pairs = cKDTree(across).query_pairs(reach, output_type="ndarray")
    pairs = pairs[active[pairs[:, 0]] | active[pairs[:, 1]]]
    i, j, shift = _images(r, pairs, period, reach)
    if math.isfinite(period):  # a site and its own images up the z axis
        own = np.flatnonzero(active)
        m = np.arange(1, int(reach / period) + 1)
        i = np.concatenate([i, np.repeat(own, len(m))])
        j = np.concatenate([j, np.repeat(own, len(m))])
        shift = np.concatenate([shift, np.tile(m * period, len(own))])
    order = np.lexsort((j, i))
    start = np.zeros(n + 1, dtype=np.int64)
    np.cumsum(np.bincount(i, minlength=n), out=start[1:])
    return HalfList(start, j[order].astype(np.uint32), shift[order])


def _images(r: Array, pairs: Index, period: float, reach: float) -> tuple[Index, Index, Array]:
    """Expand pairs of columns (p, 2) into bonds: i, j, shift along z."""
    i, j = pairs[:, 0].astype(np.int64), pairs[:, 1].astype(np.int64)
    d = r[j] - r[i]
    height = np.sqrt(np.maximum(reach**2 - d[:, 0] ** 2 - d[:, 1] ** 2, 0.0))
    if not math.isfinite(period):
        near = np.abs(d[:, 2]) <= height
        return i[near], j[near], np.zeros(int(near.sum()))
    lowest = np.ceil((-height - d[:, 2]) / period).astype(np.int64)
    count = np.floor((height - d[:, 2]) / period).astype(np.int64) - lowest + 1
    count = np.maximum(count, 0)
    first = np.repeat(np.cumsum(count) - count, count)
    image = np.repeat(lowest, count) + np.arange(count.sum()) - first
    return np.repeat(i, count), np.repeat(j, count), image * period


@dataclass
class VerletList:
    """Keeps a half list while it is valid; `at(r)` rebuilds it when it is not."""

    period: float
    cutoff: float
    active: Bools
    skin: float = 0.6
    _built_at: Array | None = field(default=None, repr=False)
    _list: HalfList | None = field(default=None, repr=False)

    def at(self, r: Array) -> HalfList:
        """The half list for the positions r (n, 3), A."""
        if self._list is None or self._built_at is None or self._moved(r, self._built_at):
            self._list = half_list(r, self.period, self.cutoff + self.skin, self.active)
            self._built_at = r.copy()
        return self._list

    def _moved(self, r: Array, old: Array) -> bool:
        return bool((((r - old) ** 2).sum(axis=1) > 0.25 * self.skin**2).any())
