"""Sums of the Cauchy-Born law over points in rows: chains, planes and space, point by point."""

from __future__ import annotations

import numpy as np
import pytest

import qcmethod as qc
from qcmethod.crystal.laws.cauchy_born import true_law
from qcmethod.crystal.rows import Points, packed, sums

NAMES = ["Al-Ercolessi-1994", "W-Zhou-2004", "Ar-Bernardes-1958"]
AXES = {"Al-Ercolessi-1994": "fcc", "W-Zhou-2004": "bcc", "Ar-Bernardes-1958": "fcc"}


def random_rows(dim, rng, n_row=5):
    """Points in rows of 1 to 3, some without a weight, and grad u in the rows (n_row, dim, 3)."""
    count = rng.integers(1, 4, n_row)
    last = np.cumsum(count)
    F0 = np.eye(3) + rng.uniform(-0.01, 0.01, (last[-1], 3, 3))
    weight = rng.uniform(0.5, 2.0, last[-1]) * (rng.random(last[-1]) < 0.8)
    row = np.repeat(np.arange(n_row), count)
    points = Points(F0, weight, row, last - count, last, -3.0, dim)
    return points, rng.uniform(-0.02, 0.02, (n_row, dim, 3))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dim", [1, 2, 3])
def test_energy_stress_and_tangent_of_rows(name, dim):
    rng = np.random.default_rng(dim)
    points, G = random_rows(dim, rng)
    crystal = getattr(qc.Crystal, AXES[name])(qc.load_potential(name))
    F = points.F0.copy()
    F[:, :, :dim] += G[points.row].transpose(0, 2, 1)
    law = true_law(crystal.potential, crystal.lattice, F)
    of_law = sums(law, points)
    found = of_law.at(G)
    single = law.at(F)
    A = law.tangent(F, single)
    E = np.bincount(points.row, points.weight * (single.W + 3.0))
    np.testing.assert_allclose(found.energy, E, rtol=1e-13)
    rows = np.array([3, 0, 4])
    tangents = of_law.tangents(G, found, rows)
    assert tangents.shape == (3, 3 * dim * (3 * dim + 1) // 2)
    for r in range(len(G)):
        of = points.row == r
        P = np.einsum("q,qai->ia", points.weight[of], single.P[of][:, :, :dim])
        np.testing.assert_allclose(found.P[r], P, rtol=0, atol=1e-12)
    for r, triangle in zip(rows, tangents, strict=True):
        of = points.row == r
        whole = np.einsum("q,qaibj->iajb", points.weight[of], A[of][:, :, :dim, :, :dim])
        expected = packed(whole.reshape(1, 3 * dim, 3 * dim))[0]
        np.testing.assert_allclose(triangle, expected, rtol=0, atol=1e-11)


@pytest.mark.parametrize("dim", [2, 3])
def test_the_triangle_is_the_derivative_of_the_stress(dim):
    """Central differences of P in every pair (i, a)."""
    rng = np.random.default_rng(7)
    points, G = random_rows(dim, rng)
    crystal = qc.Crystal.fcc(qc.load_potential("Al-Ercolessi-1994"))
    law = true_law(crystal.potential, crystal.lattice, points.F0 * 0.95)
    of_law, h, n = sums(law, points), 1e-5, 3 * dim
    A = np.empty((len(G), n, n))
    for x in range(n):
        step = np.zeros((dim, 3))
        step.flat[x] = h
        A[:, x] = ((of_law.at(G + step).P - of_law.at(G - step).P) / (2.0 * h)).reshape(-1, n)
    found = of_law.tangents(G, of_law.at(G), np.arange(len(G)))
    np.testing.assert_allclose(found, packed(A), rtol=0, atol=1e-7 * np.abs(A).max())
