"""Bonds between nearest neighbours of the reference crystal, and how they change between states.

    d_b = (y_j - y_i)_after - (y_j - y_i)_before

A bond belongs to the reference sites i and j for ever: a site that slips past another takes its
bonds along. Slip by a vector s across a plane changes every bond that crosses the plane by s
(the slip vector of Zimmerman et al. 2001, PRL 87, 165507, bond by bond); elastic strain changes
none by more than a few hundredths of an Angstrom between neighbouring loads. Bonds across the open
flanks, before and after, are left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qcmethod.base.stored import stored
from qcmethod.base.types import Array
from qcmethod.coupling.system import System
from qcmethod.lattice.neighbours import half_list

OPEN = 1.5
"""A bond longer than this many nearest-neighbour distances is open."""


@stored
@dataclass(frozen=True, eq=False)
class Bonds:
    """Bonds i -> j (n_b,) with their reference vectors X and midpoints (n_b, 3), A; `length` is the
    nearest-neighbour distance, x (n_l, 3) are the reference positions of the sites, A."""

    i: NDArray[np.int64]
    j: NDArray[np.int64]
    X: Array
    middle: Array
    length: float
    x: Array

    @classmethod
    def of(cls, system: System) -> Bonds:
        """The bonds between sites that have an atomistic weight; images along z counted once."""
        lattice, body = system.problem.crystal.lattice, system.body
        length = lattice.neighbour
        resolved = system.weights.w_l > 0.0
        near = half_list(body.x_l, lattice.period, 1.1 * length, resolved)
        i, j = near.owner, near.site.astype(np.int64)
        keep = resolved[i] & resolved[j] & (i != j)
        X = body.x_l[j] - body.x_l[i]
        X[:, 2] += near.shift
        middle = body.x_l[i] + 0.5 * X
        return cls(i[keep], j[keep], X[keep], middle[keep], length, body.x_l)

    def change(self, before: Array, after: Array) -> Array:
        """d_b (n_b, 3) between two sets of positions (n_l, 3), A; 0 for bonds open in both."""
        moved = after - before
        d = moved[self.j] - moved[self.i]
        d[self._open(before) & self._open(after)] = 0.0
        return d

    def _open(self, y: Array) -> NDArray[np.bool_]:
        """Bonds of the flanks, which open and close as the load does."""
        u = y - self.x
        far: NDArray[np.bool_] = (
            np.linalg.norm(self.X + u[self.j] - u[self.i], axis=1) > OPEN * self.length
        )
        return far

    def largest(self, before: Array, after: Array) -> float:
        """Largest |d_b|, A."""
        d = self.change(before, after)
        return float(np.sqrt((d**2).sum(axis=1).max(initial=0.0)))
