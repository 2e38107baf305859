r"""Sections of tetrahedra by a plane: a triangle or a quadrangle of each that it cuts.

    s_v = (x_v - c) . n,      x = (s_b x_a - s_a x_b)/(s_b - s_a) on an edge with s_a < 0 <= s_b

The planes that matter are planes of the mesh, whose nodes lie in them; a section is of the cells
below it then, each of which has a face there. Where the crystal is deformed its plane is, and is
drawn as it lies. The same plane cuts atoms: those of the layers next to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from qcmethod.base.arguments import as_numbers
from qcmethod.base.types import Array, Bools, Index
from qcmethod.errors import InputError

NAMES = ("$x$", "$y$", "$z$")
THICK = 0.42
"""Nearest-neighbour distances on either side within which an atom is in a section: of no low-index
plane three layers."""
ONE = np.array([[0, 1], [0, 2], [0, 3], [0, 3]])
"""Edges about a vertex that is alone on its side, and those between two and two, in turn."""
TWO = np.array([[0, 2], [0, 3], [1, 3], [1, 2]])


@dataclass(frozen=True, eq=False)
class Section:
    """A plane through a point c (3,), A, of unit normal (3,), seen from its positive side."""

    normal: Array
    c: Array

    @classmethod
    def of(cls, normal: object, c: Array) -> Section:
        """Of a normal of any length (InputError); None: the z axis, as the plane problems have."""
        expected = "a normal (3,) in laboratory axes, not 0"
        n = as_numbers("normal", (0.0, 0.0, 1.0) if normal is None else normal, expected)
        if n.shape != (3,) or not np.isfinite(n).all() or not n.any():
            raise InputError("normal", normal, expected, "(0, 1, 0)")
        return cls(n / np.linalg.norm(n), c)

    @cached_property
    def axes(self) -> Array:
        """(2, 3) rows: to the right and upwards; x and y about z, and y upwards where that can
        be."""
        up = np.array([0.0, 1.0, 0.0])
        if abs(self.normal[1]) > 0.9:
            up = np.array([0.0, 0.0, -np.sign(self.normal[1])])
        up = up - (up @ self.normal) * self.normal
        up /= np.linalg.norm(up)
        return np.stack([np.cross(up, self.normal), up])

    @property
    def labels(self) -> list[str]:
        """What to call the two axes."""
        return [_label(axis) for axis in self.axes]

    def height(self, x: Array) -> Array:
        """Distance (...) of points (..., 3) above the plane, A."""
        return np.asarray((x - self.c) @ self.normal)

    def seen(self, x: Array) -> Array:
        """Points or vectors (..., 3) in its axes (..., 2); the origin is that of the laboratory."""
        return np.asarray(x @ self.axes.T)

    def at(self, p: Array) -> Array:
        """The points (..., 3) in the plane that are seen at (..., 2)."""
        return np.asarray(p @ self.axes + (self.c @ self.normal) * self.normal)

    def holds(self, x: Array, neighbour: float) -> Bools:
        """Atoms (n,) at x (n, 3) of the layers next to it."""
        return np.asarray(np.abs(self.height(x)) < THICK * neighbour)

    def cut(self, corners: Array, moved: Array | None = None) -> tuple[Index, Array]:
        """Which of the tetrahedra (n, 4, 3) it cuts (m,), and the polygons (m, 4, 2) as they are
        seen; of a triangle the last corner is there twice.

        moved : (n, 4, 3) where the corners are after a deformation (default: where they were): the
            plane is one of the crystal, and moves with it
        """
        s = self.height(corners)
        above = (s >= -1e-9 * np.abs(s).max(initial=1.0)).sum(axis=1)
        cell = np.flatnonzero((above > 0) & (above < 4))
        order = np.argsort(s[cell], axis=1)  # from below
        polygon = np.empty((len(cell), 4, 2))
        for count, edges in ((3, ONE), (1, 3 - ONE), (2, TWO)):
            of = above[cell] == count
            take = order[of]
            now = corners if moved is None else moved
            x = np.take_along_axis(now[cell[of]], take[:, :, None], axis=1)
            h = np.take_along_axis(s[cell[of]], take, axis=1)
            polygon[of] = self.seen(_crossings(x, h, edges))
        return cell, polygon


def _crossings(x: Array, s: Array, edges: Array) -> Array:
    """Points (n, 4, 3) of edges of tetrahedra (n, 4, 3) at height 0, heights s (n, 4)."""
    a, b = edges.T
    part = np.clip(s[:, a] / np.where(s[:, a] == s[:, b], 1.0, s[:, a] - s[:, b]), 0.0, 1.0)
    return np.asarray(x[:, a] + part[:, :, None] * (x[:, b] - x[:, a]))


def _label(axis: Array) -> str:
    for name, unit in zip(NAMES, np.eye(3), strict=True):
        if abs(abs(axis @ unit) - 1.0) < 1e-9:
            return name if axis @ unit > 0.0 else f"$-${name}"
    return "along (" + ", ".join(f"{a:.2g}" for a in axis) + ")"
