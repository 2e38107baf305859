"""Multigrid on nested meshes: the coarse matrices, the cycle as a linear map, and its quality."""

from __future__ import annotations

from functools import cache

import nested
import numpy as np
import pytest
from scipy.sparse import bsr_array, csr_array, kron
from scipy.sparse.linalg import spsolve

from qcmethod.base.multigrid import Births, Blocks, coarsest, multigrid
from qcmethod.base.multigrid import cycle as module
from qcmethod.base.multigrid.births import interpolation
from qcmethod.base.multigrid.blocks import residual, sweep

D = nested.stencil(nested.random_tensor(3))


def matrix(A: Blocks) -> csr_array:
    return csr_array(bsr_array((A.blocks, A.indices, A.indptr)))


def scrambled(A: Blocks) -> Blocks:
    """The same rows with other blocks, without a symmetry, in which diagonals prevail."""
    blocks = np.random.default_rng(9).standard_normal(A.blocks.shape)
    blocks[A.row == A.indices] += 40.0 * np.eye(3)
    return Blocks(A.indptr, A.indices, blocks)


@cache
def box(reach: int, hole: float = 0.0):
    """Points, stiffness and births of a clamped box; clamped as well in a ball off the middle."""
    h = nested.inside(reach)
    h = h[np.linalg.norm(h - [1, -2, 1], axis=1) >= hole]
    return h, nested.stiffness(h, D), nested.births(h, reach)


def cycle(reach: int, hole: float = 0.0):
    _, A, births = box(reach, hole)
    return A, multigrid(A, births, np.arange(3 * A.n))


def iterations(K, solve, b, part=1e-6) -> tuple[int, np.ndarray]:
    """Of preconditioned conjugate gradients, until the residual is that part; and the solution."""
    x, r = np.zeros_like(b), b.copy()
    p = z = solve(r)
    for count in range(1, 100):
        q = K @ p
        step = (r @ z) / (p @ q)
        x, new = x + step * p, r - step * q
        if np.linalg.norm(new) <= part * np.linalg.norm(b):
            return count, x
        z_new = solve(new)
        p, r, z = z_new + (new @ z_new) / (r @ z) * p, new, z_new
    raise AssertionError("no convergence")


def test_the_stencil_is_elastic():
    """Translations cost nothing and a linear field makes no force; it is symmetric."""
    total = sum(D.values())
    moment = sum(np.multiply.outer(np.array(o), d) for o, d in D.items())
    assert np.abs(total).max() < 1e-14 and np.abs(moment).max() < 1e-14
    for o, d in D.items():
        np.testing.assert_allclose(D[tuple(-i for i in o)], d.T, atol=1e-14)


@pytest.mark.parametrize("octaves", [1, 2])
def test_the_galerkin_matrix_is_the_one_assembled_on_the_coarser_mesh(octaves):
    h, A, births = box(8)
    kept = (h % 2**octaves == 0).all(axis=1)
    P = interpolation(births, np.arange(len(h)), kept)
    expected = nested.stiffness(h[kept], D, 2**octaves)
    difference = matrix(A.coarse(P)) - matrix(expected)
    assert abs(difference).max() < 1e-13 * np.abs(expected.blocks).max()


def test_the_galerkin_matrix_of_blocks_that_are_not_symmetric():
    """Those of the box are, as it is its own inversion: a block could be transposed unnoticed."""
    h, A, births = box(8)
    P = interpolation(births, np.arange(len(h)), (h % 4 == 0).all(axis=1))
    general, Q = scrambled(A), kron(P, np.eye(3), format="csr")
    difference = matrix(general.coarse(P)) - Q.T @ matrix(general) @ Q
    assert abs(difference).max() < 1e-12 * np.abs(general.coarse(P).blocks).max()


def test_interpolation_is_exact_for_linear_fields_away_from_the_boundary():
    h, _, births = box(8)
    kept = (h % 4 == 0).all(axis=1)
    P = interpolation(births, np.arange(len(h)), kept)
    away = (np.abs(h) <= 4).all(axis=1)
    np.testing.assert_array_equal((P @ h[kept])[away], h[away])


def test_interpolation_of_some_nodes_to_fewer_is_part_of_a_chain():
    h, _, births = box(8)
    two, four = ((h % s == 0).all(axis=1) for s in (2, 4))
    fine = interpolation(births, np.arange(len(h)), two)
    coarse = interpolation(births, np.flatnonzero(two), four[two])
    at_once = interpolation(births, np.arange(len(h)), four)
    assert abs(fine @ coarse - at_once).max() == 0.0


def test_a_sweep_solves_a_triangle():
    """From y = 0 down: (L + D) y = b; up from there: (D + U) y' = b - L y."""
    A = scrambled(box(4)[1])
    K = matrix(A).toarray()
    node = np.repeat(np.arange(A.n), 3)
    down, up = np.where(node[:, None] >= node, K, 0.0), np.where(node[:, None] <= node, K, 0.0)
    b = np.random.default_rng(0).standard_normal((A.n, 3))
    y, r = np.zeros_like(b), np.empty_like(b)
    sweep(A.indptr, A.indices, A.blocks, A.inverse_diagonal(), b, y, True)
    first = np.linalg.solve(down, b.ravel())
    np.testing.assert_allclose(y.ravel(), first, rtol=1e-11, atol=1e-13)
    residual(A.indptr, A.indices, A.blocks, b, y, r)
    np.testing.assert_allclose(r.ravel(), b.ravel() - K @ first, rtol=0, atol=1e-12)
    sweep(A.indptr, A.indices, A.blocks, A.inverse_diagonal(), b, y, False)
    second = np.linalg.solve(up, b.ravel() - (K - up) @ first)
    np.testing.assert_allclose(y.ravel(), second, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("hole", [0.0, 4.5])
def test_the_cycle_is_a_symmetric_positive_matrix_close_to_the_inverse(hole):
    """M K has its spectrum in (0, 1], where conjugate gradients need it near 1."""
    A, M = cycle(8, hole)
    assert len(M.levels) >= 1 and M.memory > A.blocks.nbytes
    rng = np.random.default_rng(1)
    X = rng.standard_normal((3 * A.n, 30))
    MX = np.column_stack([M.solve(x) for x in X.T])
    inner = X.T @ MX
    assert np.abs(inner - inner.T).max() < 1e-13 * np.abs(inner).max()
    assert np.linalg.eigvalsh(inner).min() > 0.0
    b = matrix(A) @ X[:, 0]
    two = M.solve(b) - 2.0 * M.solve(0.5 * b)
    assert np.abs(two).max() < 1e-13 * np.abs(X[:, 0]).max()


def test_the_largest_eigenvalue_of_the_preconditioned_matrix_is_one():
    """Exact on the coarse space and with sweeps that never overshoot: 0 < M K <= 1."""
    A, M = cycle(8)
    K, x = matrix(A), np.random.default_rng(2).standard_normal(3 * A.n)
    for _ in range(60):
        y = M.solve(K @ x)
        value, x = (x @ (K @ y)) / (x @ (K @ x)), y / np.linalg.norm(y)
    assert 0.97 < value <= 1.0 + 1e-12


@pytest.mark.parametrize("hole", [0.0, 4.5])
def test_iterations_do_not_depend_on_the_size(hole):
    counts = []
    for reach in (8, 16):
        A, M = cycle(reach, hole)
        K, rng = matrix(A), np.random.default_rng(3)
        for b in (rng.standard_normal(3 * A.n), K @ rng.standard_normal(3 * A.n)):
            counts.append(iterations(K, M.solve, b)[0])
    assert max(counts) <= 15
    assert abs(np.max(counts[:2]) - np.max(counts[2:])) <= 3


def test_many_levels_are_as_good_as_two(monkeypatch):
    """Down to the single node that cuts no edge, instead of factors of 7^3 nodes."""
    A, two = cycle(16)
    monkeypatch.setattr(module, "COARSEST", 1)
    _, many = cycle(16)
    assert [level.A.n for level in two.levels] == [31**3]
    assert [level.A.n for level in many.levels] == [31**3, 7**3, 3**3]
    assert len(many.coarsest.factors[0]) == 3
    K, b = matrix(A), np.random.default_rng(8).standard_normal(3 * A.n)
    assert iterations(K, many.solve, b)[0] <= iterations(K, two.solve, b)[0] + 1


def test_iterated_it_gives_the_direct_solution():
    A, M = cycle(8, 4.5)
    K, b = matrix(A), np.random.default_rng(4).standard_normal(3 * A.n)
    exact = spsolve(K.tocsc(), b)
    _, found = iterations(K, M.solve, b, 1e-12)
    np.testing.assert_allclose(found, exact, rtol=0, atol=1e-10 * np.abs(exact).max())
    x = np.zeros_like(b)  # and as an iteration of its own
    for _ in range(60):
        x = x + M.solve(b - K @ x)
    np.testing.assert_allclose(x, exact, rtol=0, atol=1e-8 * np.abs(exact).max())


def test_rows_that_are_not_asked_for_carry_no_load():
    """A void filled for the coarse levels: the part of the full cycle that is asked for."""
    h, A, births = box(8)
    rows = np.flatnonzero(np.repeat(np.linalg.norm(h, axis=1) >= 3.0, 3))
    whole, part = multigrid(A, births, np.arange(3 * A.n)), multigrid(A, births, rows)
    b = np.random.default_rng(5).standard_normal(len(rows))
    full = np.zeros(3 * A.n)
    full[rows] = b
    np.testing.assert_array_equal(part.solve(b), whole.solve(full)[rows])


def test_a_small_system_is_solved_at_once():
    h, A, births = box(4)
    M = multigrid(A, births, np.arange(3 * A.n))
    b = np.random.default_rng(6).standard_normal(3 * A.n)
    assert not M.levels
    np.testing.assert_allclose(matrix(A) @ M.solve(b), b, atol=1e-12 * np.abs(b).max())


def test_nodes_without_births_stay_on_all_levels():
    """Roots in the middle of a box, as bubbles and contacts would be: still a preconditioner."""
    h, A, births = box(8)
    stays = np.linalg.norm(h - 3, axis=1) < 2.5
    parents = np.where(stays[:, None], -1, births.parents)
    kept = Births(parents, births.generation, births.root | stays)
    M = multigrid(A, kept, np.arange(3 * A.n))
    K, b = matrix(A), np.random.default_rng(7).standard_normal(3 * A.n)
    assert iterations(K, M.solve, b)[0] <= 15
    assert len(M.coarsest.factors[0]) >= 3 * stays.sum()


def test_many_roots_have_sparse_factors():
    """As in a plate of cubes, whose corners cut no edge: dense ones would be larger, and agree."""
    h = nested.inside(32, 2)
    h = h[np.abs(h[:, 2]) <= 2]
    A, none = nested.stiffness(h, D, 2), np.full((len(h), 2), -1)
    roots = Births(none, np.full(len(h), 3), np.ones(len(h), dtype=bool))
    M = multigrid(A, roots, np.arange(3 * A.n))
    assert not M.levels and A.n > coarsest.COARSEST
    assert M.memory < 72 * A.n**2 / 10
    b = np.random.default_rng(10).standard_normal(3 * A.n)
    np.testing.assert_allclose(matrix(A) @ M.solve(b), b, atol=1e-12 * np.abs(b).max())
