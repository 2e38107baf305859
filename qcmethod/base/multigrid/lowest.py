r"""The lowest eigenvalues of a symmetric matrix that is known by its products only.

    H x = lambda x,     x <- the lowest of span{x, M^-1 (H x - lambda x), the last step}

(Knyazev 2001, SIAM J. Sci. Comput. 23, 517), with a multigrid for M^-1: the number of products does
not depend on the mesh. M is positive definite, H need not be: negative values say along how many
directions a state is unstable, where no factors tell their inertia.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
from scipy.sparse.linalg import LinearOperator, lobpcg

from qcmethod.base.linear import Linear
from qcmethod.base.types import Array
from qcmethod.errors import ConvergenceError

Apply = Callable[[Array], Array]
"""A product v (n,) -> H v (n,)."""
FIRST, MOST = 8, 200
"""Iterations after which the size of the values is known, and those made in all, at most."""
PART = 1e-3
"""Of the largest value wanted: the norm of a residual, at most. Values err by its square."""
ROUNDING = 1e-10
"""Of the size of H: a smaller residual is none."""


def lowest(
    apply: Apply, multigrid: Linear, n: int, k: int, guess: Array | None = None
) -> tuple[Array, Array]:
    """The k lowest eigenvalues (k,), ascending, and their vectors (n, k), orthonormal.

    Raises ConvergenceError, with the values and vectors so far.

    multigrid : a symmetric, positive definite preconditioner, near H up to few directions
    guess : (n, k) independent columns near the vectors (default: random ones, made smooth)
    """
    H, M = _operator(apply, n), _operator(multigrid.solve, n)
    start = np.random.default_rng(0).standard_normal((n, k))
    rounding = ROUNDING * float(np.linalg.norm(H @ start, axis=0).max() / np.sqrt(n))
    if 5 * k >= n:  # no room for three directions of each
        values, vectors = np.linalg.eigh(H @ np.eye(n))
        return values[:k], vectors[:, :k]
    vectors = M @ start if guess is None else guess
    values, vectors = _iterated(H, M, vectors, rounding, FIRST)
    wanted = max(PART * float(np.abs(values).max()), rounding)
    if _residual(H, values, vectors) > wanted:
        values, vectors = _iterated(H, M, vectors, wanted, MOST - FIRST)
    left = _residual(H, values, vectors)
    if not left <= max(PART * float(np.abs(values).max()), rounding):
        message = f"lowest {k} eigenvalues: a residual of {left:.3g} is left"
        raise ConvergenceError(message, (values, vectors), MOST)
    return values, vectors


def _iterated(
    H: LinearOperator, M: LinearOperator, start: Array, enough: float, most: int
) -> tuple[Array, Array]:
    """At most so many iterations, or until all residuals are small enough; ascending."""
    with warnings.catch_warnings():  # that it has not converged; the caller looks for itself
        warnings.simplefilter("ignore")
        values, vectors = lobpcg(H, start, M=M, tol=enough, maxiter=most, largest=False)
    order = np.argsort(values)
    return values[order], vectors[:, order]


def _residual(H: LinearOperator, values: Array, vectors: Array) -> float:
    """The largest norm of H x - lambda x."""
    return float(np.linalg.norm(H @ vectors - vectors * values, axis=0).max())


def _operator(product: Apply, n: int) -> LinearOperator:
    """Products with columns, one by one."""
    return LinearOperator((n, n), matvec=lambda v: product(np.ravel(v)), dtype=np.float64)
