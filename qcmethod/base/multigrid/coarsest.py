r"""The coarsest matrix of a multigrid, solved: A = L L^T, or A = L U in a sparse order.

Dense factors of n nodes take 72 n^2 bytes: nothing where a mesh has few nodes that cut no edge.
A mesh that is periodic along a line is a plate of cubes, whose corners are all of that kind, tens
of thousands of them. A plate has small separators, so that sparse factors in an order of least
degree (Liu 1985, ACM Trans. Math. Softw. 11, 141) are a twentieth of the dense ones, or less.
"""

from __future__ import annotations

from dataclasses import dataclass

from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import bsr_array, csc_array
from scipy.sparse.linalg import SuperLU, splu

from qcmethod.base.multigrid.blocks import Blocks
from qcmethod.base.types import Array

COARSEST = 400
"""Nodes, at most, of a matrix whose factors are dense."""


@dataclass(frozen=True, eq=False)
class Dense:
    """Cholesky's factors, and whether they are the lower ones."""

    factors: tuple[Array, bool]

    def solve(self, b: Array) -> Array:
        """The solution (3 n,) of A x = b."""
        x: Array = cho_solve(self.factors, b)
        return x

    @property
    def memory(self) -> int:
        """Bytes."""
        return self.factors[0].nbytes


@dataclass(frozen=True, eq=False)
class Sparse:
    """Factors without exchange of rows, which a positive definite matrix does not need."""

    lu: SuperLU

    def solve(self, b: Array) -> Array:
        """The solution (3 n,) of A x = b."""
        x: Array = self.lu.solve(b)
        return x

    @property
    def memory(self) -> int:
        """Bytes, about: a number and its row for each entry."""
        return 12 * int(self.lu.nnz)


def factorised(A: Blocks) -> Dense | Sparse:
    """Factors of a symmetric, positive definite matrix."""
    if A.n <= COARSEST:
        return Dense(cho_factor(A.dense()))
    matrix = csc_array(bsr_array((A.blocks, A.indices, A.indptr), shape=(3 * A.n, 3 * A.n)))
    options = {"SymmetricMode": True}
    return Sparse(splu(matrix, "MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options=options))
