"""Half lists of neighbours in the deformed configuration, with explicit images along z.

A pair (i, j, m) stands for the bond from site i to the image of site j that is m periods up the z
axis; of the two descriptions (i, j, m) and (j, i, -m) of one bond the list holds one. The period
may be shorter than the cut-off, so a site may be its own neighbour. The list reaches a skin beyond
the cut-off and stays valid until some site has moved half of it (Verlet 1967).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qcmethod.base.types import Array, Bools, Index
from qcmethod.lattice.linked_cells import pairs


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
    """All bonds shorter than `reach` (A) with an active end; r (n, 3) A, active (n,).

    Neighbours of a site ascend, itself first where it is one; so do the images of each.
    """
    return HalfList(*pairs(r, period, reach, active))


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
