"""Assembly and products against the operator of gradients, K = D^T A D: P1 and P2 cells of a plane
and of space, whole and in part."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import bsr_array, csr_array, kron

import qcmethod as qc
from qcmethod.crystal.rows import packed
from qcmethod.mesh.assembly import Pattern, elastic_blocks, products
from qcmethod.mesh.operators import ShapeFunctions

POTENTIALS = {"plane": "toy2d-c10", "space": "Al-Ercolessi-1994"}


@pytest.fixture(scope="module", params=["P1 plane", "P2 plane", "P1 space", "P2 space"])
def cells(request):
    element, kind = request.param.split()
    potential = qc.load_potential(POTENTIALS[kind])
    if kind == "plane":
        problem = qc.vacancy(qc.Crystal.hex2d(potential), extent=20.0)
        return qc.couple(problem, "bgfc", 4.0, 4.0, elements=element).body.cells
    problem = qc.vacancy(qc.Crystal.fcc(potential, dimensions=3), extent=25.0)
    return qc.couple(problem, "bgfc", 6.0, 3.0, elements=element).body.cells


def symmetric(rng, n, dim):
    """Random tangents as matrices (n, 3 dim, 3 dim) of the pairs (i, a)."""
    A = rng.standard_normal((n, 3 * dim, 3 * dim))
    return A + A.transpose(0, 2, 1)


def by_operator(cells, A):
    """D^T A D with D on flattened displacements (3 n_k,), of matrices A (n_row, 3 dim, 3 dim)."""
    n = len(A)
    D = kron(cells.D, np.eye(3), format="csr")
    return csr_array(D.T @ bsr_array((A, np.arange(n), np.arange(n + 1))) @ D)


def assert_same(K, expected):
    assert abs(K - expected).max() < 1e-13 * abs(expected).max()


def test_tangents_that_differ_from_row_to_row(cells):
    A = symmetric(np.random.default_rng(0), len(cells.row_cell), cells.dim)
    K = cells.assemble(packed(A))
    assert K.has_sorted_indices and K.indices.dtype == np.int32
    assert_same(K, by_operator(cells, A))


def test_blocks_are_those_of_the_matrix(cells):
    """What a multigrid takes: rows of blocks, their columns ascending, both ends of each pair."""
    A = packed(symmetric(np.random.default_rng(4), len(cells.row_cell), cells.dim))
    pattern, blocks = cells.pattern, cells.blocks(A)
    n = 3 * pattern.n
    K = bsr_array((blocks, pattern.indices, pattern.indptr), shape=(n, n))
    assert_same(cells.assemble(A), K.tocsr())
    row = np.repeat(np.arange(pattern.n), np.diff(pattern.indptr))
    key = row * pattern.n + pattern.indices
    assert np.all(np.diff(key) > 0)
    np.testing.assert_array_equal(np.sort(pattern.indices * np.int64(pattern.n) + row), key)


def test_products_without_a_matrix(cells):
    rng = np.random.default_rng(5)
    A = symmetric(rng, len(cells.row_cell), cells.dim)
    u = rng.standard_normal((cells.D.shape[1], 3))
    strain = np.einsum("rxy,ry->rx", A, cells.row_gradients(u).reshape(len(A), -1))
    expected = cells.row_load(strain.reshape(len(A), cells.dim, 3))
    found = cells.product(packed(A), u)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-13 * np.abs(expected).max())


def test_one_tangent(cells):
    rng = np.random.default_rng(1)
    A, volume = rng.standard_normal((3, 3, 3, 3)), rng.uniform(0.5, 2.0, len(cells.volume))
    some = A[:, : cells.dim, :, : cells.dim].transpose(1, 0, 3, 2)
    A_r = cells.row_volume(volume)[:, None, None] * some.reshape(1, 3 * cells.dim, -1)
    assert_same(cells.elastic(A, volume), by_operator(cells, A_r))


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
    assert_same(K, cells.elastic(A, cells.volume)[rows][:, rows])
    assert np.all(K.data != 0.0) and K[::2][:, 1::2].nnz == 0


def test_no_nodes(cells):
    pattern = Pattern.of(cells.shapes, np.full(cells.D.shape[1], -1))
    L = products(cells.shapes, pattern, cells.row_volume(cells.volume))
    assert pattern.matrix(elastic_blocks(L, np.ones((3, 3, 3, 3)), np.arange(3))).shape == (0, 0)


def test_a_cell_that_holds_a_node_twice():
    """As where a mesh repeats itself after one cell: both of its parts add up."""
    gradients = np.array([[[[-1.0], [1.0]]], [[[-2.0], [2.0]]]])
    shape = ShapeFunctions(np.array([[0, 1], [1, 1]]), gradients, np.array([[0], [1]]))
    pattern = Pattern.of([shape], np.arange(2))
    np.testing.assert_array_equal(pattern.indptr, [0, 2, 4])
    L = products([shape], pattern, np.ones(2))[:, 0, 0]
    np.testing.assert_array_equal(L, [1.0, -1.0, -1.0, 1.0])  # the second cell cancels
