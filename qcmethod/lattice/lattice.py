"""Bravais lattices in integer coordinates, seen along their line direction.

    x(i, j, k) = i A1 + j A2 + k A3

A3 is the shortest lattice vector along the laboratory z axis (crack front, dislocation line), A1
the shortest one whose projection lies along x, A2 completes a basis and is reduced against A1.
Projected along A3 a Bravais lattice is a plane Bravais lattice with a height that is linear in the
integer coordinates, so a straight defect needs a plane mesh only: one site (i, j) is a column of
atoms, one per `period` = |A3|. A plane problem lies at z = 0 and a chain on the x axis, with an
infinite period.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from qcmethod.base.stored import stored
from qcmethod.base.types import Array, Index
from qcmethod.errors import InputError, OrientationError
from qcmethod.lattice.miller import lowest

Triplet = Sequence[int]
LARGEST = 60
"""Of the indices of a direction: lattice vectors are looked for in a cube of that size."""


@stored
@dataclass(frozen=True, eq=False)
class Lattice:
    """A Bravais lattice in the laboratory frame.

    Attributes
    ----------
    structure : "fcc", "bcc", "hex2d" or "chain"
    constant : lattice constant, A
    basis : (3, 3) rows A1, A2, A3, A
    axes : (3, 3) rows are the unit vectors x, y, z of the laboratory in crystal axes
    dim : number of integer coordinates of a site, 1 or 2
    n_components : number of displacement components, 1, 2 or 3
    """

    structure: str
    constant: float
    basis: Array
    axes: Array
    dim: int
    n_components: int

    @property
    def period(self) -> float:
        """Repeat along z, A; infinite for plane problems and chains."""
        return float(self.basis[2, 2]) if self.n_components == 3 else math.inf

    @property
    def site_volume(self) -> float:
        """Volume (A^3), area (A^2, hex2d) or length (A, chain) of one site."""
        n = self.n_components
        return float(abs(np.linalg.det(self.basis[:n, :n])))

    @property
    def plane_basis(self) -> Array:
        """(dim, dim) rows: A1, A2 projected along z, A."""
        return self.basis[: self.dim, : self.dim]

    @property
    def step(self) -> float:
        """The longer of the two lattice steps in the plane, A: past it every unit cell is whole."""
        return float(np.linalg.norm(self.plane_basis, axis=1).max())

    @cached_property
    def neighbour(self) -> float:
        """Distance of nearest neighbours, A; in no structure more than `constant`."""
        return math.hypot(*self.shell(1.01 * self.constant)[0])  # rounds once

    def positions(self, ij: Index | Array) -> Array:
        """Positions (n, 3) of the sites ij (n, dim), A; z is wrapped into [0, period)."""
        x = np.asarray(ij, dtype=np.float64) @ self.basis[: self.dim]
        if self.n_components == 3:
            x[:, 2] = np.mod(x[:, 2], self.period)
        return x

    def shell(self, radius: float) -> Array:
        """One of each pair +-R of lattice vectors with 0 < |R| < radius: (m, 3), A."""
        n = self.n_components
        dual = np.linalg.inv(self.basis[:n, :n]).T
        reach = [int(radius * np.linalg.norm(d)) + 1 for d in dual]
        grid = np.meshgrid(*[np.arange(-m, m + 1) for m in reach], indexing="ij")
        index = np.stack([g.ravel() for g in grid], axis=1)
        index = index[len(index) // 2 + 1 :]  # lexicographically positive half
        vectors = index @ self.basis[:n]
        length = np.linalg.norm(vectors, axis=1)
        vectors, length = vectors[length < radius], length[length < radius]
        return np.ascontiguousarray(vectors[np.argsort(length, kind="stable")])

    def steps(self, radius: float) -> Index:
        """Distinct ij (m, dim) of all lattice vectors R with 0 < |R| < radius, A: of columns."""
        half = self.shell(radius)
        index = np.rint(np.concatenate([half, -half]) @ np.linalg.inv(self.basis))
        return np.unique(index[:, : self.dim].astype(np.int64), axis=0)


def chain(constant: float) -> Lattice:
    """Chain of sites on the x axis, spacing `constant` (A)."""
    return Lattice("chain", constant, constant * np.eye(3), np.eye(3), 1, 1)


def hex2d(constant: float) -> Lattice:
    """Triangular lattice at z = 0, nearest neighbours `constant` (A) apart, A1 along x."""
    rows = np.array([[1.0, 0.0, 0.0], [0.5, math.sqrt(0.75), 0.0], [0.0, 0.0, 1.0]])
    return Lattice("hex2d", constant, constant * rows, np.eye(3), 2, 2)


def cubic(structure: str, constant: float, x: Triplet, y: Triplet, z: Triplet) -> Lattice:
    """fcc or bcc lattice with laboratory axes along the Miller directions x, y, z.

    Raises OrientationError when the triplets are not orthogonal, not right-handed or zero, or have
    indices above 60 in lowest terms.
    """
    axes = orientation(x, y, z)
    largest = max(abs(n) for triplet in (x, y, z) for n in lowest(triplet))
    if largest > LARGEST:
        expected = f"directions with indices up to {LARGEST} in lowest terms"
        raise OrientationError("x, y, z", tuple(map(lowest, (x, y, z))), expected)
    doubled = _doubled_vectors(structure, 2 * max(2, largest))
    laboratory = 0.5 * constant * doubled @ axes.T
    a3 = _shortest_along_z(laboratory, constant)
    a1 = _first_along_x(laboratory, constant)
    a2 = _completing(laboratory, constant)
    return Lattice(structure, constant, np.array([a1, a2, a3]), axes, 2, 3)


STRUCTURES = ("fcc", "bcc", "hex2d", "chain")


@cache
def unit(structure: str) -> Lattice:
    """The lattice of one of `STRUCTURES` at the constant 1 A, along the edges of its cube."""
    if structure in ("chain", "hex2d"):
        return chain(1.0) if structure == "chain" else hex2d(1.0)
    return cubic(structure, 1.0, (1, 0, 0), (0, 1, 0), (0, 0, 1))


def orientation(x: Triplet, y: Triplet, z: Triplet) -> Array:
    """Rotation (rows: unit x, y, z) of three Miller directions; refuses impossible ones."""
    for name, triplet in zip("xyz", (x, y, z), strict=True):
        v = np.asarray(triplet)
        if v.shape != (3,) or not np.isfinite(v).all() or (v != np.round(v)).any() or not v.any():
            hint = "e.g. x=(1, 1, -2), y=(1, 1, 1), z=(1, -1, 0)"
            raise OrientationError(name, triplet, "three integers, not all zero", hint)
    rows = np.array([x, y, z], dtype=np.int64)
    for a, b in ((0, 1), (1, 2), (0, 2)):
        if rows[a] @ rows[b] != 0:
            pair = f"{'xyz'[a]}, {'xyz'[b]}"
            given = (tuple(rows[a].tolist()), tuple(rows[b].tolist()))
            raise OrientationError(pair, given, "orthogonal directions", "h.k = 0 for each pair")
    if np.linalg.det(rows) < 0:
        hint = f"z={tuple((-rows[2]).tolist())}"
        raise OrientationError("x, y, z", rows.tolist(), "a right-handed triad", hint)
    return rows / np.linalg.norm(rows, axis=1)[:, None]


def _doubled_vectors(structure: str, reach: int) -> Index:
    """Lattice vectors in units a/2: fcc i + j + k even; bcc i, j, k of one parity."""
    n = np.arange(-reach, reach + 1)
    grid = np.stack([g.ravel() for g in np.meshgrid(n, n, n, indexing="ij")], axis=1)
    if structure == "fcc":
        return grid[grid.sum(axis=1) % 2 == 0]
    if structure == "bcc":
        parity = grid % 2
        return grid[(parity == parity[:, :1]).all(axis=1)]
    raise InputError("structure", structure, "'fcc' or 'bcc'")


def _shortest_along_z(v: Array, constant: float) -> Array:
    small = 1e-9 * constant
    along = v[(np.abs(v[:, 0]) < small) & (np.abs(v[:, 1]) < small) & (v[:, 2] > small)]
    shortest = along[np.argmin(along[:, 2])]
    return np.array([0.0, 0.0, shortest[2]])


def _first_along_x(v: Array, constant: float) -> Array:
    small = 1e-9 * constant
    along = v[(np.abs(v[:, 1]) < small) & (v[:, 0] > small)]
    order = np.lexsort((-along[:, 2], np.abs(along[:, 2]).round(9), along[:, 0].round(9)))
    return _without_dust(along[order[0]], constant)


def _completing(v: Array, constant: float) -> Array:
    above = v[v[:, 1] > 1e-9 * constant]
    keys = (above[:, 0], np.abs(above[:, 2]).round(9), np.abs(above[:, 0]).round(9))
    order = np.lexsort((*keys, above[:, 1].round(9)))
    return _without_dust(above[order[0]], constant)


def _without_dust(v: Array, constant: float) -> Array:
    """Exact zeros where rounding left 1e-16: rows of sites stay rows."""
    return np.where(np.abs(v) < 1e-9 * constant, 0.0, v)
