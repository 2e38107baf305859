"""A box as LAMMPS takes it: periods first, in its restricted triclinic frame.

    cell = L Q,    L lower triangular with a positive diagonal,  Q a rotation

The vectors of a box are put in the order periods, open directions; an open direction is a unit
vector normal to what is before it. Positions and forces turn with Q (y' = y Q^T). An open direction
has a lowest and a highest coordinate in place of a vector, with a margin to move in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qcmethod.base.types import Array
from qcmethod.potentials.engine import Periodic

MARGIN = 8.0
"""Of an open box around its atoms, A."""
INSIDE = 1e-6
"""Atoms that are closer than this to the end of an open box are outside, A."""


@dataclass(frozen=True, eq=False)
class Frame:
    """Q (3, 3), L (3, 3) with the lengths of open directions on its diagonal, the origin (3,) in
    the frame, A, and how many directions are periods."""

    Q: Array
    L: Array
    origin: Array
    periods: int

    @classmethod
    def of(cls, y: Array, cell: Array, periodic: Periodic) -> Frame:
        """The frame of atoms at y (n, 3), A, in a box with vectors `cell` (3, 3), A."""
        order = sorted(range(3), key=lambda a: not periodic[a])
        periods = sum(periodic)
        rows = np.array([cell[a] for a in order[:periods]]).reshape(periods, 3)
        Q, R = np.linalg.qr(np.concatenate([rows, np.eye(3)]).T)
        sign = np.where(np.diag(R[:, :3]) < 0.0, -1.0, 1.0)
        sign[periods:] = 1.0
        Q = (Q * sign).T
        if np.linalg.det(Q) < 0.0 and periods < 3:
            Q[2] *= -1.0
        L, origin = np.zeros((3, 3)), np.zeros(3)
        L[:periods] = rows @ Q.T
        L[:periods, periods:] = 0.0
        turned = y @ Q.T
        for a in range(periods, 3):
            origin[a] = float(turned[:, a].min()) - MARGIN
            L[a, a] = float(turned[:, a].max()) + MARGIN - origin[a]
        return cls(Q, _upright(L, periods), origin, periods)

    @property
    def boundary(self) -> str:
        """After the command `boundary`."""
        return " ".join("p" if a < self.periods else "f" for a in range(3))

    @property
    def prism(self) -> str:
        """The box after `region ID prism`."""
        low, high = self.origin, self.origin + np.diag(self.L)
        sides = " ".join(f"{float(a)!r} {float(b)!r}" for a, b in zip(low, high, strict=True))
        return f"{sides} {self.tilts}"

    @property
    def tilts(self) -> str:
        """xy, xz, yz."""
        return f"{float(self.L[1, 0])!r} {float(self.L[2, 0])!r} {float(self.L[2, 1])!r}"

    def holds(self, turned: Array) -> bool:
        """Whether positions (n, 3) in the frame are inside the open directions."""
        part = turned[:, self.periods :] - self.origin[self.periods :]
        length = np.diag(self.L)[self.periods :]
        return bool((part > INSIDE).all() and (part < length - INSIDE).all())

    def steps(self, offset: Array) -> Array:
        """Whole periods (n, 3) in displacements (n, 3) of the frame, as displacements, A."""
        if self.periods == 0:
            return np.zeros_like(offset)
        whole = np.rint(offset @ np.linalg.inv(self.L))
        whole[:, self.periods :] = 0.0
        moved: Array = whole @ self.L
        return moved

    def wrapped(self, turned: Array) -> Array:
        """What brings positions (n, 3) into the box, whole periods, A."""
        if self.periods == 0:
            return np.zeros_like(turned)
        whole = np.floor((turned - self.origin) @ np.linalg.inv(self.L))
        whole[:, self.periods :] = 0.0
        moved: Array = -whole @ self.L
        return moved


def _upright(L: Array, periods: int) -> Array:
    """The same periods with tilts of at most half a length."""
    L = L.copy()
    for b in range(1, periods):
        for a in range(b - 1, -1, -1):
            L[b] -= np.rint(L[b, a] / L[a, a]) * L[a]
    return L
