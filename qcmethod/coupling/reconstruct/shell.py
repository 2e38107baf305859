"""The sites about the edge of a core, and the lattice vectors of their bonds as columns along z."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from qcmethod.base.types import Array, Index
from qcmethod.crystal.crystal import Crystal
from qcmethod.discretisation.body import Body
from qcmethod.lattice.plane import radius
from qcmethod.lattice.sites import Sites

SHELL_FACTOR = 1.15
"""The shell of interface sites reaches this many cut-offs: it covers stretches down to 0.87."""


@dataclass(frozen=True, eq=False)
class Columns:
    """The lattice vectors within a radius (A), those above one another in one column.

    Column c holds ij_c (A1, A2) + (height_c + shift) e_z with shift[start[c]:start[c + 1]], A;
    `vectors` (m, 3) is its member with shift 0. The opposite of column c is column m - 1 - c.
    """

    ij: Index
    vectors: Array
    start: Index
    shift: Array
    radius: float

    @classmethod
    def within(cls, crystal: Crystal, radius: float) -> Columns:
        """Columns of all lattice vectors shorter than a radius, A."""
        lattice = crystal.lattice
        half = lattice.shell(radius)
        vectors = np.concatenate([half, -half])
        index = np.rint(vectors @ np.linalg.inv(lattice.basis)).astype(np.int64)
        index = index[np.lexsort(index.T[::-1])]
        ij, count = np.unique(index[:, : lattice.dim], axis=0, return_counts=True)
        start = np.concatenate([[0], np.cumsum(count)])
        period = lattice.period if np.isfinite(lattice.period) else 0.0
        shift = period * index[:, 2] if lattice.dim == 2 else np.zeros(len(index))
        return cls(ij, ij @ lattice.basis[: lattice.dim], start, shift, radius)

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """Columns r and -r, without the one of the site itself."""
        m = len(self.ij)
        return [(m - 1 - c, c) for c in range(m // 2)]


@dataclass(frozen=True, eq=False)
class Interface:
    """The sites of a perfect crystal on a mesh about the edge of the core.

    Attributes
    ----------
    sites : all of them, the removed ones included
    S : (n_l, n_k) interpolation from nodes to sites
    atoms : (n_l,) sites of the core that keep their own neighbours
    own : (n_i,) sites of the core within the shell of what lies outside
    columns : the shell
    """

    sites: Sites
    S: csr_array
    atoms: NDArray[np.bool_]
    own: Index
    columns: Columns

    @classmethod
    def find(cls, body: Body, core: float, columns: Columns) -> Interface:
        """The interface of the core with that radius, A."""
        problem, ij = body.problem, body.ij_l
        if problem.removed is not None:
            ij = np.concatenate([ij, problem.removed])
        inside = problem.distance(problem.position(ij)) <= core
        edge = np.zeros(len(ij), dtype=bool)  # of a strip: not where it ends in vacuum
        for r in columns.ij:
            edge[inside] |= problem.distance(problem.position(ij[inside] + r)) > core
        sites, S, atoms = Sites(ij), body.interpolation(ij), inside & ~edge
        if problem.metric == "strip":
            inner = problem.extent - problem.crystal.potential.cutoff
            edge &= radius(problem.position(ij)) <= inner
        return cls(sites, S, atoms, np.flatnonzero(edge), columns)

    @property
    def on(self) -> NDArray[np.bool_]:
        """(n_i, m) bonds within the domain."""
        own = self.sites.ij[self.own]
        return np.asarray(self.sites.find(own[:, None] + self.columns.ij) >= 0)
