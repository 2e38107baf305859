"""Assembly against the operator of gradients, K = D^T A D: P1 and P2 cells, whole and in part."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import block_diag, csr_array, kron

import qcmethod as qc
from qcmethod.mesh.assembly import Pattern, elastic_blocks, products

PLANE = qc.Crystal.hex2d(qc.load_potential("toy2d-c10"))


@pytest.fixture(scope="module", params=["P1", "P2"])
def cells(request):
    problem = qc.vacancy(PLANE, extent=20.0)
    return qc.couple(problem, "bgfc", 4.0, 4.0, elements=request.param).body.cells


def by_operator(cells, A_r):
    """D^T A D with D on flattened displacements (3 n_k,)."""
    n_row, dim = len(cells.row_cell), cells.gradients.shape[2]
    A = A_r[:, :, :dim, :, :dim].transpose(0, 2, 1, 4, 3).reshape(n_row, 3 * dim, 3 * dim)
    D = kron(cells.D, np.eye(3), format="csr")
    return csr_array(D.T @ block_diag(list(A), format="csr") @ D)


def test_tangents_that_differ_from_row_to_row(cells):
    rng = np.random.default_rng(0)
    A_r = rng.standard_normal((len(cells.row_cell), 3, 3, 3, 3))  # not even symmetric
    K = cells.assemble(A_r)
    assert K.has_sorted_indices and K.indices.dtype == np.int32
    np.testing.assert_allclose((K - by_operator(cells, A_r)).toarray(), 0.0, atol=1e-12)


def test_one_tangent(cells):
    rng = np.random.default_rng(1)
    A, volume = rng.standard_normal((3, 3, 3, 3)), rng.uniform(0.5, 2.0, len(cells.volume))
    A_r = cells.row_volume(volume)[:, None, None, None, None] * A
    K = cells.elastic(A, volume)
    np.testing.assert_allclose((K - by_operator(cells, A_r)).toarray(), 0.0, atol=1e-12)


def test_some_nodes_in_another_order(cells):
    """Rows and columns of the whole matrix, formed alone; and no zero is stored."""
    rng = np.random.default_rng(2)
    n = cells.D.shape[1]
    nodes = rng.permutation(n)[: n // 2]
    number = np.full(n, -1)
    number[nodes] = np.arange(len(nodes))
    A = rng.standard_normal((3, 3, 3, 3))
    A[:2, :, 2] = A[2, :, :2] = 0.0
    pattern = Pattern.of(cells.shapes, number)
    L = products(cells.shapes, pattern, cells.row_volume(cells.volume))
    group = np.array([0, 2])
    K = pattern.matrix(elastic_blocks(L, A, group))
    rows = (3 * nodes[:, None] + group).ravel()
    whole = cells.elastic(A, cells.volume)[rows][:, rows].toarray()
    np.testing.assert_allclose(K.toarray(), whole, atol=1e-13)
    assert np.all(K.data != 0.0) and K[::2][:, 1::2].nnz == 0


def test_no_nodes(cells):
    pattern = Pattern.of(cells.shapes, np.full(cells.D.shape[1], -1))
    L = products(cells.shapes, pattern, cells.row_volume(cells.volume))
    assert pattern.matrix(elastic_blocks(L, np.ones((3, 3, 3, 3)), np.arange(3))).shape == (0, 0)
