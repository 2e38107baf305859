"""Full lists of neighbours, nearest first, with explicit images along z.

The period may be shorter than the reach: an atom is then its own neighbour, and several images of
one column are neighbours of one atom.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qcmethod.base.types import Array, Index
from qcmethod.lattice.neighbours import half_list


class Surroundings(NamedTuple):
    """Neighbours of atom i are ``site[start[i]:start[i+1]]`` at ``d``: y_j + image - y_i, A."""

    start: Index  # (n + 1,)
    site: Index  # (pairs,)
    d: Array  # (pairs, 3)

    @property
    def owner(self) -> Index:
        """The atom of each pair (pairs,)."""
        return np.repeat(np.arange(len(self.start) - 1), np.diff(self.start))


def surroundings(
    y: Array, period: float, reach: float, active: NDArray[np.bool_] | None = None
) -> Surroundings:
    """Neighbours nearer than reach, A, of the active atoms (n,) among those at y (n, 3), A.

    period : repeat along z, A, infinite where there is none

    Atoms that are not active have none.
    """
    active = np.ones(len(y), dtype=bool) if active is None else active
    half = half_list(y, period, reach, active)
    i, j = half.owner, half.site.astype(np.int64)
    d = y[j] - y[i]
    d[:, 2] += half.shift
    i, j, d = np.concatenate([i, j]), np.concatenate([j, i]), np.concatenate([d, -d])
    r2 = np.einsum("pa,pa->p", d, d)
    keep = np.flatnonzero((r2 < reach**2) & active[i])
    keep = keep[np.argsort(r2[keep], kind="stable")]
    keep = keep[np.argsort(i[keep], kind="stable")]
    start = np.zeros(len(y) + 1, dtype=np.int64)
    np.cumsum(np.bincount(i[keep], minlength=len(y)), out=start[1:])
    return Surroundings(start, j[keep], d[keep])
