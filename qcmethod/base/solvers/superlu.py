"""SuperLU of SciPy: L U factors without exchange of rows, in single precision as a preconditioner.

Li 2005, ACM Trans. Math. Softw. 31, 302. A positive definite matrix needs no pivots. Conjugate
gradients forgive factors of seven digits: their number of steps stays, and the memory halves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array
from scipy.sparse.linalg import SuperLU, splu

from qcmethod.base.linear import SOLVERS, USUAL, Solver
from qcmethod.base.types import Array


@dataclass(frozen=True, eq=False)
class InSingle:
    """Factors in single precision."""

    lu: SuperLU

    def solve(self, b: Array) -> Array:
        """The solution (n,) of M x = b, to single precision."""
        x: NDArray[np.float32] = self.lu.solve(b.astype(np.float32))
        return x.astype(np.float64)


def in_single(M: csr_array) -> InSingle:
    """Factors of a symmetric, positive definite M; its rows are its columns."""
    data = M.data.astype(np.float32)
    return InSingle(eliminated(csc_array((data, M.indices, M.indptr), shape=M.shape)))


def eliminated(M: csc_array, symmetric: bool = True) -> SuperLU:
    """Factors in the order in which M stands; symmetric : no rows are exchanged."""
    return splu(
        M,
        permc_spec="NATURAL",
        diag_pivot_thresh=0.0 if symmetric else 1.0,
        options={"SymmetricMode": symmetric},
    )


SOLVERS.add_named(Solver(USUAL, in_single))
