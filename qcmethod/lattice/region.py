"""Where: closed sets in the plane of the mesh, which say how far a point is from them.

    d(x) >= 0,   d(x) = 0 <=> x in the region

A region stretches along the period, so points are (n, 2) or (n, 3) and z is not looked at. Regions
grow and intersect; the shapes that they are made of are in `lattice.shapes`, the lattice sites in
one are listed by `lattice.sites`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from qcmethod.base.types import Array, Bools


class Region(Protocol):
    """A closed set of points; a new kind needs `distance` and `bounds`."""

    def distance(self, x: Array) -> Array:
        """How far points (n, 2) or (n, 3) are, (n,), A; 0 inside."""

    def bounds(self) -> Array:
        """(2, 3) lower and upper corner of a box around it, A; may be infinite."""

    def contains(self, x: Array) -> Bools:
        """Which points (n, 2) or (n, 3) are in it, (n,)."""
        return np.asarray(self.distance(x) == 0.0)

    def near(self, x: Array, by: float) -> Bools:
        """Which points (n, 2) or (n, 3) are within a distance of it, A, (n,)."""
        return np.asarray(self.distance(x) <= by)

    def chords(self, y: Array) -> tuple[Array, Array]:
        """Left and right ends (n,), A, of what it covers of the lines at the heights y (n,), A;
        never less."""
        (left, *_), (right, *_) = self.bounds()
        return np.full(len(y), left), np.full(len(y), right)

    def grown(self, by: float) -> Region:
        """All points within a distance of it, A."""
        return Grown(self, by)

    def __and__(self, other: Region) -> Region:
        return Both(self, other)


@dataclass(frozen=True)
class Grown(Region):
    """All points within a distance of a region, A."""

    region: Region
    by: float

    def distance(self, x: Array) -> Array:
        """(n,), A."""
        return np.maximum(self.region.distance(x) - self.by, 0.0)

    def contains(self, x: Array) -> Bools:
        """(n,)."""
        return self.region.near(x, self.by)

    def bounds(self) -> Array:
        """(2, 3), A."""
        low, high = self.region.bounds()
        return np.stack([low - self.by, high + self.by])


@dataclass(frozen=True)
class Both(Region):
    """The points of two regions; the distance is that from the further one, a lower bound."""

    one: Region
    other: Region

    def distance(self, x: Array) -> Array:
        """(n,), A."""
        return np.maximum(self.one.distance(x), self.other.distance(x))

    def contains(self, x: Array) -> Bools:
        """(n,)."""
        return self.one.contains(x) & self.other.contains(x)

    def bounds(self) -> Array:
        """(2, 3), A."""
        (low, high), (low2, high2) = self.one.bounds(), self.other.bounds()
        return np.stack([np.maximum(low, low2), np.minimum(high, high2)])

    def chords(self, y: Array) -> tuple[Array, Array]:
        """(n,), (n,), A."""
        (left, right), (left2, right2) = self.one.chords(y), self.other.chords(y)
        return np.maximum(left, left2), np.minimum(right, right2)
