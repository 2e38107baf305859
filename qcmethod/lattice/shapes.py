"""The shapes that regions are made of: tubes, balls, boxes, half spaces, segments, points."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy.spatial import cKDTree

from qcmethod.base.types import Array, Bools
from qcmethod.lattice.ellipsoid import beyond
from qcmethod.lattice.plane import in_plane
from qcmethod.lattice.region import Region


@dataclass(frozen=True)
class Tube(Region):
    """A disc along the period: |x - centre| <= radius, A. Of a chain an interval."""

    radius: float
    centre: tuple[float, float] = (0.0, 0.0)

    def distance(self, x: Array) -> Array:
        """(n,), A."""
        return np.maximum(self._from_centre(x) - self.radius, 0.0)

    def contains(self, x: Array) -> Bools:
        """(n,)."""
        return np.asarray(self._from_centre(x) <= self.radius)

    def bounds(self) -> Array:
        """(2, 3), A."""
        middle = np.array([*self.centre, 0.0])
        return np.stack([middle - self._reach, middle + self._reach])

    def chords(self, y: Array) -> tuple[Array, Array]:
        """(n,), (n,), A."""
        half = np.sqrt(np.maximum(self.radius * self.radius - (y - self.centre[1]) ** 2, 0.0))
        return self.centre[0] - half, self.centre[0] + half

    def _from_centre(self, x: Array) -> Array:
        return np.asarray(np.linalg.norm(in_plane(x) - self.centre, axis=1))

    @property
    def _reach(self) -> Array:
        return np.array([self.radius, self.radius, np.inf])


@dataclass(frozen=True)
class Ball(Region):
    """|x - centre| <= radius, A, in space."""

    radius: float
    centre: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def distance(self, x: Array) -> Array:
        """(n,), A."""
        return np.maximum(self._from_centre(x) - self.radius, 0.0)

    def contains(self, x: Array) -> Bools:
        """(n,)."""
        return np.asarray(self._from_centre(x) <= self.radius)

    def bounds(self) -> Array:
        """(2, 3), A."""
        return np.array([self.centre]) + np.array([[-self.radius], [self.radius]])

    def _from_centre(self, x: Array) -> Array:
        return np.asarray(np.linalg.norm(x - self.centre, axis=1))


@dataclass(frozen=True)
class Ellipsoid(Region):
    """sum_i ((x - centre)_i/axes_i)^2 <= 1 in space, semi-axes in A along x, y, z."""

    axes: tuple[float, float, float]
    centre: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def distance(self, x: Array) -> Array:
        """(n,), A."""
        d, outside = np.zeros(len(x)), ~self.contains(x)
        far = beyond(x[outside] - self.centre, np.array(self.axes, dtype=np.float64))
        d[outside] = np.maximum(far, np.finfo(np.float64).tiny)
        return d

    def contains(self, x: Array) -> Bools:
        """(n,)."""
        return np.asarray(self._size(x) <= 1.0)

    def bounds(self) -> Array:
        """(2, 3), A."""
        return np.array([self.centre]) + np.array([[-1.0], [1.0]]) * np.array(self.axes)

    def _size(self, x: Array) -> Array:
        return np.asarray(np.linalg.norm((x - self.centre) / self.axes, axis=1))


@dataclass(frozen=True)
class Slab(Region):
    """low <= z <= high, A."""

    low: float
    high: float

    def distance(self, x: Array) -> Array:
        """(n,), A."""
        return np.maximum(np.maximum(self.low - x[:, 2], x[:, 2] - self.high), 0.0)

    def bounds(self) -> Array:
        """(2, 3), A."""
        return np.array([[-np.inf, -np.inf, self.low], [np.inf, np.inf, self.high]])


@dataclass(frozen=True)
class Box(Region):
    """low <= (x, y) <= high, A."""

    low: tuple[float, float]
    high: tuple[float, float]

    def distance(self, x: Array) -> Array:
        """(n,), A."""
        p = in_plane(x)
        beyond = np.maximum(np.maximum(self.low - p, p - self.high), 0.0)
        return np.asarray(np.hypot(*beyond.T))

    def bounds(self) -> Array:
        """(2, 3), A."""
        return np.array([[*self.low, -np.inf], [*self.high, np.inf]])


@dataclass(frozen=True)
class Below(Region):
    """What lies at or below a height: y <= height, A."""

    height: float

    def distance(self, x: Array) -> Array:
        """(n,), A."""
        return np.maximum(x[:, 1] - self.height, 0.0)

    def bounds(self) -> Array:
        """(2, 3), A."""
        return np.array([[-np.inf] * 3, [np.inf, self.height, np.inf]])


@dataclass(frozen=True)
class Segment(Region):
    """The straight line between two points (x, y) or (x, y, z), A, or one point."""

    first: tuple[float, ...]
    last: tuple[float, ...]

    def distance(self, x: Array) -> Array:
        """(n,), A."""
        p, first = x[:, : len(self.first)], np.array(self.first)
        along = np.array(self.last) - first
        length2 = float(along @ along)
        s = np.clip((p - first) @ along / length2, 0.0, 1.0) if length2 else np.zeros(len(x))
        return np.asarray(np.linalg.norm(p - first - s[:, None] * along, axis=1))

    def bounds(self) -> Array:
        """(2, 3), A."""
        return _box_around(np.array([self.first, self.last]))


@dataclass(frozen=True, eq=False)
class Points(Region):
    """A set of points (m, 2) or (m, 3), A: a zone, once it is `grown`."""

    x: Array = field(repr=False)

    def distance(self, x: Array) -> Array:
        """(n,), A."""
        return np.asarray(self._tree.query(x[:, : self.x.shape[1]])[0])

    def near(self, x: Array, by: float) -> Bools:
        """(n,): those that are farther are not measured."""
        most = by + 1e-6  # the tree's bound is an open one
        return np.asarray(
            self._tree.query(x[:, : self.x.shape[1]], distance_upper_bound=most)[0] <= by
        )

    def bounds(self) -> Array:
        """(2, 3), A."""
        return _box_around(self.x)

    @cached_property
    def _tree(self) -> cKDTree:
        return cKDTree(self.x)


def _box_around(x: Array) -> Array:
    box = np.array([x.min(axis=0), x.max(axis=0)])
    return box if x.shape[1] == 3 else np.column_stack([box, [-np.inf, np.inf]])
