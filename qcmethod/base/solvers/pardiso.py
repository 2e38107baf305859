"""PARDISO of Intel's MKL: L L^T factors in blocks, of half the size of L U factors and sooner made.

Schenk and Gaertner 2004, Future Gener. Comput. Syst. 20, 475. It takes the upper triangle and
orders the unknowns itself (nested dissection); its Python package keeps double precision.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from scipy.sparse import csr_array, triu

from qcmethod.base.linear import SOLVERS, Solver
from qcmethod.base.types import Array


@dataclass(frozen=True, eq=False)
class Pardiso:
    """Factors that PARDISO keeps."""

    kept: Any

    def solve(self, b: Array) -> Array:
        """The solution (n,) of M x = b."""
        x: Array = self.kept.solve(b)
        return x


def factors(M: csr_array) -> Pardiso:
    """Factors of a symmetric, positive definite M."""
    from pymklpardiso import MTYPE_REAL_SYM_POSDEF, PardisoSolver

    return Pardiso(PardisoSolver(csr_array(triu(M, format="csr")), MTYPE_REAL_SYM_POSDEF))


HOW = "pip install 'qcmethod[pardiso]'"
SOLVERS.add_named(Solver("pardiso", factors, package="pymklpardiso", how=HOW))
