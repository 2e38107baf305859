"""Following a defect that leaves its core: the zone opens ahead of it along its way.

    x_ahead = x + s d,    0 <= s <= 2 |x - x_last|,    d = (x - x_last)/|x - x_last|

A defect can move only as far as its core reaches, and stops there in every cycle; doubling the way
ahead lets it travel a distance L in O(log L) cycles. What was opened in vain is dropped when the
next load is applied (`shrink`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from qcmethod.base.stored import stored
from qcmethod.base.types import Array

LONGEST = 32
"""No further ahead than this many lattice steps in a cycle."""


@stored
class Glide:
    """Where a defect has been in the cycles since the last equilibrium."""

    def __init__(self) -> None:
        self.last: Array | None = None
        self.reach = 2.0

    @classmethod
    def of(cls, parts: dict[str, Any]) -> Glide:
        """One that has been where `parts`, its attributes, say."""
        glide = cls()
        glide.last, glide.reach = parts["last"], parts["reach"]
        return glide

    def ahead(self, at: Array, step: float) -> Array:
        """The points `at` (n, 2 or 3) and those ahead of them, A; `step` is the lattice step.

        The points move together or not at all: only those near the one that has moved least far
        from the last place are continued.
        """
        place = at.mean(axis=0)
        if len(at) > 1:
            place = at[int(np.argmin(np.linalg.norm(at - place, axis=1)))]
        last, self.last = self.last, place
        if last is None:
            return at
        way = place - last
        length = float(np.linalg.norm(way))
        if length < 0.5 * step:
            return at
        self.reach = min(2.0 * self.reach, LONGEST)
        s = np.arange(0.0, self.reach, 0.5) * step
        return np.concatenate([at, place + s[:, None] * way / length])
