"""The curl of a force field: the antisymmetric part of its Jacobian.

    K = -df/du,    curl(p, q) = p . (K - K^T) q = lim W/(pi a^2),    |curl| <= |K - K^T| |p| |q|

K - K^T is real and antisymmetric, so its eigenvalues are imaginary and come in pairs; the largest
modulus is its norm, found by Lanczos iteration on the symmetric (K - K^T)^T (K - K^T). The forces
of an energy have none: K is a second derivative.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigsh

from qcmethod.base.types import Array
from qcmethod.coupling.system import System
from qcmethod.errors import ConvergenceError

FEW = 20
"""Up to this many unknowns eigenvalues are found with dense matrices."""


class Jacobian:
    """K = -df/du of a system at the corrector u (n_k, 3), on its free directions."""

    def __init__(self, system: System, u: Array) -> None:
        self.system = system
        self._K = system.model.stiffness(system.model.at(u))
        self._index = np.flatnonzero(system.free.ravel())

    def matvec(self, v: Array) -> Array:
        """K v on the free directions (n,), eV/A^2."""
        product: Array = self._K.matvec(self._spread(v))[self._index]
        return product

    def rmatvec(self, v: Array) -> Array:
        """K^T v."""
        product: Array = self._K.rmatvec(self._spread(v))[self._index]
        return product

    def curl(self, p: Array, q: Array) -> float:
        """p . (K - K^T) q of two directions (n_k, 3), eV/A^2."""
        a, b = p.ravel()[self._index], q.ravel()[self._index]
        return float(a @ self.matvec(b) - b @ self.matvec(a))

    def largest_curl(self) -> float:
        """|K - K^T|, the largest curl of unit directions (Euclidean norm), eV/A^2.

        Raises ConvergenceError.
        """
        if self.system.method.conservative:
            return 0.0
        n = len(self._index)

        def square(v: Array) -> Array:
            w = self.matvec(v) - self.rmatvec(v)
            return self.rmatvec(w) - self.matvec(w)

        A = LinearOperator((n, n), matvec=square, dtype=np.float64)
        if n <= FEW:
            return float(np.sqrt(max(np.linalg.eigvalsh(A @ np.eye(n))[-1], 0.0)))
        v0 = np.random.default_rng(0).standard_normal(n)
        if not square(v0).any():  # symmetric to the last bit: Lanczos has nowhere to go
            return 0.0
        try:
            top = eigsh(A, k=1, tol=1e-6, v0=v0, return_eigenvectors=False)[0]
        except ArpackNoConvergence as error:
            name = self.system.method.name
            raise ConvergenceError(f"curl({name}): Lanczos iteration did not end") from error
        return float(np.sqrt(max(top, 0.0)))

    def dense(self) -> Array:
        """K as a matrix (n, n): for systems of up to a few thousand directions."""
        return np.stack([self.matvec(e) for e in np.eye(len(self._index))], axis=1)

    def _spread(self, v: Array) -> Array:
        full = np.zeros(self.system.free.size)
        full[self._index] = v
        return full
