"""Solutions to all digits where the preconditioner is a cycle: conjugate gradients.

    M x = b,     |b - M x|_C <= TOLERANCE |b|_C,     C: one V cycle of multigrid

Eigenvalues against M need M^-1 itself: against C they would be those of another inner product, off
by what a cycle leaves of an error. (Hestenes and Stiefel 1952, J. Res. Natl. Bur. Stand. 49, 409.)
"""

from __future__ import annotations

from dataclasses import dataclass

from scipy.sparse import csr_array

from qcmethod.base.linear import Linear
from qcmethod.base.types import Array

TOLERANCE, MOST = 1e-10, 200


@dataclass(frozen=True, eq=False)
class Conjugate:
    """A `Linear` of a symmetric, positive definite matrix M (n, n), eV/A^2, and a solver that is
    near to its inverse."""

    M: csr_array
    near: Linear

    def solve(self, b: Array) -> Array:
        """The solution (n,) of M x = b."""
        r = b.copy()
        z = self.near.solve(r)
        x, d, rz = 0.0 * b, z, float(r @ z)
        enough = TOLERANCE**2 * rz
        for _ in range(MOST):
            if not rz > enough:
                break
            Md = self.M @ d
            alpha = rz / float(d @ Md)
            x, r = x + alpha * d, r - alpha * Md
            z = self.near.solve(r)
            rz, before = float(r @ z), rz
            d = z + rz / before * d
        return x
