"""The box that a calculator is given: periods as they are, open directions with room.

    cell = periods and unit vectors normal to them,   |open vector| = span of the atoms + 2 GAP

Whatever a calculator thinks of open directions, no atom sees another across the room. Some find the
neighbours of an atom among its nearest images alone; they are given whole copies of a short period,
so that a box is nowhere thinner than two cut-offs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qcmethod.base.types import Array
from qcmethod.potentials.engine import Periodic

ROOM = 1.0
"""Of a box beyond a cut-off at either side of its atoms, A."""


@dataclass(frozen=True, eq=False)
class Box:
    """Vectors (3, 3) in rows, A, of one copy, with those of open directions made up; the origin
    (3,) of the box; how many copies along each vector; which are periods."""

    cell: Array
    origin: Array
    copies: tuple[int, int, int]
    periodic: Periodic

    @classmethod
    def of(
        cls, y: Array, cell: Array, periodic: Periodic, cutoff: float, alone: bool = True
    ) -> Box:
        """The box of atoms at y (n, 3), A, with the periods of `cell`.

        alone : one copy is enough, as for a calculator that sees all images of an atom
        """
        on = np.array(periodic)
        rows = np.array(cell, dtype=np.float64)
        rows[~on] = _normals(rows[on])
        if np.linalg.det(rows) < 0.0 and not on.all():
            rows[np.flatnonzero(~on)[0]] *= -1.0
        origin, gap = np.zeros(3), cutoff + ROOM
        for a in np.flatnonzero(~on):
            along = y @ rows[a]
            origin += (float(along.min()) - gap) * rows[a]
            rows[a] *= float(np.ptp(along)) + 2.0 * gap
        across = 1.0 / np.linalg.norm(np.linalg.inv(rows), axis=0)  # between opposite faces
        n = np.where(on & (not alone), np.ceil(2.0 * cutoff / across - 1e-9), 1.0).astype(int)
        return cls(rows, origin, (int(n[0]), int(n[1]), int(n[2])), periodic)

    @property
    def n_copies(self) -> int:
        """Of the atoms."""
        return int(np.prod(self.copies))

    @property
    def whole(self) -> Array:
        """Vectors (3, 3) of all copies together, A."""
        whole: Array = self.cell * np.array(self.copies)[:, None]
        return whole

    def holds(self, y: Array, cutoff: float) -> bool:
        """Whether a cut-off of room is left at either side of atoms at y (n, 3) still."""
        s = (y - self.origin) @ np.linalg.inv(self.cell)
        gap = (cutoff + 0.5 * ROOM) / np.linalg.norm(self.cell, axis=1)
        inside = (s.min(axis=0) > gap) & (s.max(axis=0) < 1.0 - gap)
        return bool(inside[~np.array(self.periodic)].all())

    def filled(self, y: Array) -> Array:
        """Positions (copies n, 3) of all copies of atoms at y (n, 3), the atoms themselves first,
        from the origin of the box."""
        grid = np.meshgrid(*[np.arange(k) for k in self.copies], indexing="ij")
        shifts = np.stack([g.ravel() for g in grid], axis=1) @ self.cell
        found: Array = (shifts[:, None] + (y - self.origin)[None]).reshape(-1, 3)
        return found


def _normals(rows: Array) -> Array:
    """Unit vectors (3 - k, 3) normal to k vectors and to one another: axes where they are."""
    found = list(rows)
    normals: list[Array] = []
    while len(found) < 3:
        Q = np.linalg.qr(np.array(found).T)[0].T if found else np.zeros((0, 3))
        left = np.eye(3) - Q.T @ Q  # what of each axis is normal to them
        best = int(np.argmax(np.linalg.norm(left, axis=1) > 0.57))
        normals.append(left[best] / np.linalg.norm(left[best]))
        found.append(normals[-1])
    return np.array(normals).reshape(-1, 3)
