"""Sparse systems in parts: components of displacement that no entry couples are solved apart."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from qcmethod.base.linear import apart, coupled_components, without_noise
from qcmethod.solve.linear import factorised

COMPONENT = np.tile(np.arange(3), 12)


def matrix(coupled: np.ndarray, symmetric: bool) -> np.ndarray:
    """Random entries (36, 36) where two components are coupled, some negative eigenvalues."""
    rng = np.random.default_rng(3)
    M = rng.standard_normal((36, 36))
    M = M + M.T if symmetric else M
    return np.where(coupled[COMPONENT][:, COMPONENT], M, 0.0)


APART = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]], dtype=bool)


@pytest.mark.parametrize("symmetric", [True, False])
@pytest.mark.parametrize(("coupled", "parts"), [(APART, 2), (np.eye(3, dtype=bool), 3)])
def test_parts_make_the_whole(coupled, parts, symmetric):
    """Solutions, and the sign of the determinant by the pivots of the parts."""
    M, rng = matrix(coupled, symmetric), np.random.default_rng(4)
    order, b = rng.permutation(36), rng.standard_normal(36)
    factors = factorised(csr_array(M), order, COMPONENT, symmetric)
    assert [len(rows) for rows, _ in factors.parts] == ([24, 12] if parts == 2 else [12] * 3)
    np.testing.assert_allclose(M @ factors.solve(b), b, atol=1e-8)
    if symmetric:
        negative = sum(int((lu.U.diagonal() < 0.0).sum()) for _, lu in factors.parts)
        assert negative == (np.linalg.eigvalsh(M) < 0.0).sum() > 0


def test_rounding_couples_nothing_and_a_small_entry_does():
    M = matrix(APART, True)
    M[0, 1] = M[1, 0] = 1e-14
    assert len(factorised(csr_array(M), np.arange(36), COMPONENT).parts) == 2
    M[0, 1] = M[1, 0] = 1e-6
    assert len(factorised(csr_array(M), np.arange(36), COMPONENT).parts) == 1
    found = coupled_components(csr_array(M), COMPONENT)
    assert found[0, 1] and not found[1, 2]
    assert [list(group) for group in apart(found)] == [[0, 1, 2]]


def test_noise_is_what_is_small_beside_the_largest():
    np.testing.assert_array_equal(without_noise(np.array([3.0, 1e-13, -1e-9])), [3.0, 0.0, -1e-9])
    assert (
        without_noise(np.zeros(2)).tolist() == [0.0, 0.0] and without_noise(np.zeros(0)).size == 0
    )
