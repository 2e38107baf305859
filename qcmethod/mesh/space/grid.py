r"""The macro mesh of tetrahedra: a grid of cubes of 2 L halves of a brick, 48 cells each.

    centres at 2 L Z^3,   corners at 2 L Z^3 + (L, L, L),   h in [low, low + 2 L span)

One cube about the origin holds any ball. A mesh that repeats along the third edge of the bricks, as
often as a straight line's problem is long, is a plate of cubes that is closed on itself: its nodes
are those of one period, and no cell is longer than L.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qcmethod.base.types import Bools, Index
from qcmethod.mesh.space.bricks import macro_cells


@dataclass(frozen=True)
class Grid:
    """Cubes of half edge `reach`, `span` of them along each edge of the bricks (odd across);
    whether the third direction is periodic."""

    reach: int
    span: tuple[int, int, int] = (1, 1, 1)
    periodic: bool = False

    @property
    def low(self) -> Index:
        """(3,) lowest h."""
        low = -self.reach * np.array(self.span)
        if self.periodic:
            low[2] = -self.reach
        return low

    @property
    def high(self) -> Index:
        """(3,) highest h; along a period the first that is not there."""
        return np.asarray(self.low + 2 * self.reach * np.array(self.span))

    def wrapped(self, h: Index) -> Index:
        """Points h (..., 3) in the period about the origin."""
        found: Index = self._in_period(h, -self.reach * self.span[2])
        return found

    def _in_period(self, h: NDArray[Any], low: int) -> NDArray[Any]:
        if not self.periodic:
            return h
        out = np.array(h)
        out[..., 2] = (out[..., 2] - low) % (2 * self.reach * self.span[2]) + low
        return out

    def holds(self, h: NDArray[np.number], slack: float = 0.0) -> Bools:
        """Which points (n, 3) are in it."""
        inside = (h >= self.low - slack) & (h <= self.high + slack)
        if self.periodic:
            inside[:, 2] = True
        return np.asarray(inside.all(axis=1))

    def clipped(self, h: NDArray[Any]) -> NDArray[Any]:
        """Points (n, 3), those outside by rounding moved to the boundary."""
        inside = np.clip(h, self.low, self.high)
        if self.periodic:
            inside[:, 2] = h[:, 2]
        return inside

    def is_macro(self, h: Index) -> Bools:
        """Which points (n, 3) are corners of macro cells, which need no parents."""
        return np.asarray((h % self.reach == 0).all(axis=1))

    @cached_property
    def centres(self) -> Index:
        """(n, 3) centres of the cubes."""
        steps = [np.arange(n) for n in self.span]
        at = np.stack(np.meshgrid(*steps, indexing="ij"), axis=-1).reshape(-1, 3)
        return np.asarray(self.low + self.reach + 2 * self.reach * at)

    @cached_property
    def macro(self) -> Index:
        """(48 n, 4, 3) macro cells, cube by cube."""
        one = macro_cells(self.reach)
        return np.asarray((self.centres[:, None, None] + one).reshape(-1, 4, 3))

    def cube_of(self, h: NDArray[np.number]) -> tuple[Index, NDArray[np.number]]:
        """The cube (n,) of each point (n, 3), and the point from its centre."""
        h, span = self._in_period(h, int(self.low[2])), np.array(self.span)
        at = np.floor((h - self.low) / (2 * self.reach)).astype(np.int64)
        at = np.clip(at, 0, span - 1)
        cube = (at[:, 0] * span[1] + at[:, 1]) * span[2] + at[:, 2]
        return cube, h - self.centres[cube]
