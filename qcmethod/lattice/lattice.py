"""Bravais lattices in integer coordinates, seen along their line direction.

    x(i, j, k) = i A1 + j A2 + k A3

A3 lies along the laboratory z axis (crack front, dislocation line), A1 along x when projected
(`lattice.oriented`). Projected along A3 a Bravais lattice is a plane Bravais lattice with a height
that is linear in the integer coordinates, so a straight defect needs a plane mesh only: one site
(i, j) is a column of atoms, one per `period` = |A3|. A plane problem lies at z = 0 and a chain on
the x axis, with an infinite period.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from qcmethod.base.stored import stored
from qcmethod.base.types import Array, Index
from qcmethod.errors import InputError
from qcmethod.lattice.compact import compact
from qcmethod.lattice.oriented import Triplet, orientation, oriented_basis, rotation
from qcmethod.lattice.plane import in_plane

MOST = 1e7
"""More lattice vectors in a box take a gigabyte."""


REACH = 4.0
"""Lattice constants within which the shortest vector along x is looked for."""
SLACK = 1e-9
"""Of a period: rounding of heights is less."""


@stored
@dataclass(frozen=True, eq=False)
class Lattice:
    """A Bravais lattice in the laboratory frame.

    Attributes
    ----------
    structure : "fcc", "bcc", "hex2d" or "chain"
    constant : lattice constant, A
    basis : (3, 3) rows A1, A2, A3, A; of three integer coordinates see `lattice.bricked`
    axes : (3, 3) rows are the unit vectors x, y, z of the laboratory in crystal axes
    dim : number of integer coordinates of a site, 1, 2 or 3
    n_components : number of displacement components, 1, 2 or 3
    repeats : of three integer coordinates, the edges of a brick along z after which all repeats
        itself (`lattice.bricked`), 0: nothing does
    """

    structure: str
    constant: float
    basis: Array
    axes: Array
    dim: int
    n_components: int
    repeats: int = 0

    @property
    def period(self) -> float:
        """Repeat along z, A; infinite for plane problems, chains and problems in all of space."""
        if self.repeats:
            third = 2.0 * self.basis[2] - self.basis[0] - self.basis[1]
            return self.repeats * float(np.linalg.norm(third))
        return float(self.basis[2, 2]) if self.is_column else math.inf

    @property
    def is_column(self) -> bool:
        """Whether a site is a column of atoms along z, one a period."""
        return self.n_components == 3 and self.dim < 3

    @property
    def is_space(self) -> bool:
        """Whether a problem is one of all of space: distances are those of balls, not of tubes."""
        return self.dim == 3 and not self.repeats

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
    def along_x(self) -> Index:
        """(dim,) the shortest lattice vector along x, in integer coordinates: of columns A1."""
        if self.dim < 3:
            return np.eye(1, self.dim, dtype=np.int64)[0]
        vectors = self.shell(REACH * self.constant)
        on = np.abs(vectors[:, 1:]).max(axis=1) < SLACK * self.constant
        if not on.any():
            raise InputError("x", self.axes[0].tolist(), "a direction of low indices")
        first = vectors[on][0] * np.sign(vectors[on][0, 0])
        return np.rint(np.linalg.solve(self.basis.T, first)).astype(np.int64)

    @cached_property
    def neighbour(self) -> float:
        """Distance of nearest neighbours, A; in no structure more than `constant`."""
        return math.hypot(*self.shell(1.01 * self.constant)[0])  # rounds once

    def positions(self, ij: Index | Array) -> Array:
        """Positions (n, 3) of the sites ij (n, dim), A; z is wrapped into [0, period), and what
        rounding leaves below a whole number of periods counts as that number."""
        x = np.asarray(ij, dtype=np.float64) @ self.basis[: self.dim]
        if self.is_column:
            x[:, 2] -= self.period * np.floor(x[:, 2] / self.period + SLACK)
            x[:, 2] = np.maximum(x[:, 2], 0.0)
        return x

    def shell(self, radius: float) -> Array:
        """One of each pair +-R of lattice vectors with 0 < |R| < radius: (m, 3), A.

        Raises InputError for a radius that asks for more than MOST vectors.
        """
        n = self.n_components
        steps = compact(self.basis[:n])  # a box of a slanted basis may hold a million times more
        dual = np.linalg.inv((steps @ self.basis[:n])[:, :n]).T
        reach = np.minimum(radius * np.linalg.norm(dual, axis=1), MOST)
        if not np.prod(2.0 * reach + 3.0) < MOST:
            expected = f"a radius that asks for fewer than {MOST:.0e} lattice vectors"
            raise InputError("radius", radius, expected, "less compression, a larger constant")
        grid = np.meshgrid(*[np.arange(-m, m + 1) for m in reach.astype(int) + 1], indexing="ij")
        index = np.stack([g.ravel() for g in grid], axis=1) @ steps
        index = index[np.linalg.norm(index @ self.basis[:n], axis=1) < 1.001 * radius]
        index = index[np.lexsort(index.T[::-1])]
        index = index[len(index) // 2 + 1 :]  # lexicographically positive half
        vectors = index @ self.basis[:n]
        length = np.linalg.norm(vectors, axis=1)
        vectors, length = vectors[length < radius], length[length < radius]
        return np.ascontiguousarray(vectors[np.argsort(length, kind="stable")])

    def seen(self, cutoff: float, F: Array) -> float:
        """How far apart columns, or sites, with a bond below the cut-off, A, at F (3, 3) are before
        it, A."""
        stretch = min(float(np.linalg.svd(F, compute_uv=False)[-1]), 1.0)
        vectors = self.shell(1.001 * cutoff / stretch)
        bonds = vectors[np.linalg.norm(vectors @ F.T, axis=1) < cutoff]
        across = in_plane(bonds) if self.dim < 3 else bonds
        return float(np.linalg.norm(across, axis=1).max(initial=0.0))

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
    triad = orientation(x, y, z)
    basis = oriented_basis(structure, constant, triad)
    return Lattice(structure, constant, basis, rotation(triad), 2, 3)


STRUCTURES = ("fcc", "bcc", "hex2d", "chain")


@cache
def unit(structure: str) -> Lattice:
    """The lattice of one of `STRUCTURES` at the constant 1 A, along the edges of its cube."""
    if structure in ("chain", "hex2d"):
        return chain(1.0) if structure == "chain" else hex2d(1.0)
    return cubic(structure, 1.0, (1, 0, 0), (0, 1, 0), (0, 0, 1))
