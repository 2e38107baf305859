"""The lowest eigenvalues by products and a multigrid, against factors and closed forms."""

from __future__ import annotations

from functools import cache

import nested
import numpy as np
import pytest
from scipy.sparse import bsr_array, csc_array
from scipy.sparse.linalg import LinearOperator, eigsh, splu

from qcmethod.base.multigrid import lowest as module
from qcmethod.base.multigrid import multigrid
from qcmethod.base.multigrid.lowest import lowest
from qcmethod.errors import ConvergenceError


@cache
def box(reach):
    """Stiffness (3 n, 3 n) of a clamped box, and its cycle."""
    h = nested.inside(reach)
    A = nested.stiffness(h, nested.stencil(nested.random_tensor(3)))
    K = csc_array(bsr_array((A.blocks, A.indices, A.indptr)))
    return K, multigrid(A, nested.births(h, reach), np.arange(3 * A.n))


@cache
def factors(reach):
    K, _ = box(reach)
    return splu(K, "MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True})


@cache
def exact(reach):
    """Its three lowest eigenvalues, by Lanczos's method on the inverse."""
    K, _ = box(reach)
    inverse = LinearOperator(K.shape, matvec=factors(reach).solve, dtype=np.float64)
    return np.sort(eigsh(K, 3, sigma=0.0, OPinv=inverse, return_eigenvectors=False))


class Counted:
    """Products with a matrix."""

    def __init__(self, H):
        self.H, self.count = H, 0

    def __call__(self, v):
        self.count += 1
        return self.H @ v


@pytest.mark.parametrize("k", [1, 3])
def test_values_are_those_of_factors(k):
    K, M = box(8)
    values, vectors = lowest(Counted(K), M, K.shape[0], k)
    np.testing.assert_allclose(values, exact(8)[:k], rtol=1e-5)
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(k), atol=1e-8)
    assert np.linalg.norm(K @ vectors - vectors * values, axis=0).max() <= 1e-3 * values.max()


def test_values_of_a_dense_matrix():
    K, M = box(4)
    expected = np.linalg.eigvalsh(K.toarray())[:4]
    np.testing.assert_allclose(lowest(Counted(K), M, K.shape[0], 4)[0], expected, rtol=1e-5)


def test_products_do_not_depend_on_the_size():
    counts = []
    for reach in (8, 16):
        K, M = box(reach)
        H = Counted(K)
        lowest(H, M, K.shape[0], 2)
        counts.append(H.count)
    assert max(counts) <= 80 and counts[1] <= 1.5 * counts[0]


@pytest.mark.parametrize(("part", "negative"), [(0.9, 0), (1.1, 1)])
def test_a_soft_spring_makes_a_state_unstable_where_the_determinant_says(part, negative):
    """det(K - c v v^T) = det K (1 - c v K^-1 v): M knows nothing of the spring."""
    K, M = box(8)
    v = np.zeros(K.shape[0])
    v[len(v) // 2 - 1 : len(v) // 2 + 2] = 1.0
    c = part / (v @ factors(8).solve(v))
    values, _ = lowest(lambda x: K @ x - c * v * (v @ x), M, K.shape[0], 2)
    assert (values < 0.0).sum() == negative


def test_a_shift_makes_values_negative():
    K, M = box(8)
    known = exact(8)
    shift = 0.5 * (known[1] + known[2])
    values, _ = lowest(lambda x: K @ x - shift * x, M, K.shape[0], 3)
    np.testing.assert_allclose(values, known - shift, atol=1e-4 * known[2])


def test_a_guess_saves_products():
    K, M = box(8)
    n, first, again = K.shape[0], Counted(K), Counted(K)
    values, vectors = lowest(first, M, n, 2)
    noise = 1e-3 * np.random.default_rng(0).standard_normal((n, 2)) / np.sqrt(n)
    found, _ = lowest(again, M, n, 2, vectors + noise)
    np.testing.assert_allclose(found, values, rtol=1e-5)
    assert again.count < first.count


def test_a_tiny_matrix_has_no_room_for_iterations():
    K, M = box(2)
    n = K.shape[0]
    values, vectors = lowest(Counted(K), M, n, n // 4)
    np.testing.assert_allclose(values, np.linalg.eigvalsh(K.toarray())[: n // 4], rtol=1e-10)
    assert vectors.shape == (n, n // 4)


def test_what_does_not_converge_says_so(monkeypatch):
    monkeypatch.setattr(module, "FIRST", 1)
    monkeypatch.setattr(module, "MOST", 2)
    K, M = box(8)
    with pytest.raises(ConvergenceError, match="residual") as caught:
        lowest(Counted(K), M, K.shape[0], 2)
    assert caught.value.best[1].shape == (K.shape[0], 2)
