r"""The V cycle: a preconditioner whose cost and quality do not depend on the size of a mesh.

    y <- sweeps,   y <- y + P A_coarse^-1 P^T (b - A y),   y <- sweeps

with sweeps down the rows and up again, so that it is symmetric and conjugate gradients take it
(Briggs, Henson, McCormick 2000, A Multigrid Tutorial). A level leaves out an octave of the mesh
size, three generations of nodes, the first one two: the finest mesh of a graded one is small. The
coarsest is solved by factors (`coarsest`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from qcmethod.base.multigrid.births import Births, interpolation
from qcmethod.base.multigrid.blocks import Blocks, residual, sweep
from qcmethod.base.multigrid.coarsest import COARSEST, Dense, Sparse, factorised
from qcmethod.base.types import Array, Index

GENERATIONS = 3
"""Left out on the way to the next level, twice as many to the first."""
FEWER = 0.85
"""A level that keeps more than this part of its nodes takes more generations along."""


@dataclass(frozen=True, eq=False)
class Level:
    """A matrix, the inverses of its diagonal, the interpolation to it and its transpose."""

    A: Blocks
    inverse: Array
    P: csr_array
    PT: csr_array

    def smooth(self, b: Array, y: Array) -> None:
        """Sweeps down and up, into y (n, 3)."""
        A = self.A
        for down in (True, False):
            sweep(A.indptr, A.indices, A.blocks, self.inverse, b, y, down)


@dataclass(frozen=True, eq=False)
class Multigrid:
    """A `Linear` of n nodes with three displacements each: one V cycle.

    levels : from fine to coarse; coarsest : factors of the last matrix
    at : (n_free,) the rows that are asked for; the others are there to make the coarse levels
        whole, without a load
    """

    levels: tuple[Level, ...]
    coarsest: Dense | Sparse
    n: int
    at: Index

    def solve(self, b: Array) -> Array:
        """About the solution (n_free,) of M x = b."""
        full = np.zeros(3 * self.n)
        full[self.at] = b
        x: Array = self._cycle(0, full.reshape(-1, 3)).ravel()[self.at]
        return x

    def _cycle(self, number: int, b: Array) -> Array:
        if number == len(self.levels):
            return self.coarsest.solve(b.ravel()).reshape(-1, 3)
        level = self.levels[number]
        A, y, r = level.A, np.zeros_like(b), np.empty_like(b)
        level.smooth(b, y)
        residual(A.indptr, A.indices, A.blocks, b, y, r)
        y += level.P @ self._cycle(number + 1, level.PT @ r)
        level.smooth(b, y)
        return y

    @property
    def memory(self) -> int:
        """Bytes, about."""
        fine = sum(
            m.A.blocks.nbytes + m.A.indices.nbytes + m.inverse.nbytes + 3 * m.P.data.nbytes
            for m in self.levels
        )
        return fine + self.coarsest.memory


def multigrid(A: Blocks, births: Births, at: Index) -> Multigrid:
    """The cycle of a symmetric, positive definite matrix on nodes of known births.

    at : (n_free,) the rows, 3 n of them in all, that are asked for
    """
    levels, now, oldest = [], np.arange(A.n), 2 * GENERATIONS
    top = int(births.generation.max(initial=0))
    while len(now) > COARSEST and oldest <= top + GENERATIONS:
        kept = (births.generation[now] >= oldest) | births.root[now]
        oldest += GENERATIONS
        if kept.sum() > FEWER * len(now):
            continue
        P = interpolation(births, now, kept)
        levels.append(Level(A, A.inverse_diagonal(), P, csr_array(P.T)))
        A, now = A.coarse(P), now[kept]
    n = len(births.generation)
    return Multigrid(tuple(levels), factorised(A), n, at)
