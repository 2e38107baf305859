"""Steihaug's steps along a path that is kept: against fresh ones, and against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import eigh, solve
from scipy.sparse.linalg import LinearOperator

import qcmethod as qc
from qcmethod.solve import preconditioner
from qcmethod.solve.cg_path import Path
from qcmethod.solve.linear import elastic
from qcmethod.solve.preconditioner import Preconditioner
from qcmethod.studies.compare.stability import stability_constant

N = 30


class Dense:
    """A preconditioner that is a matrix."""

    def __init__(self, M):
        self.M = M

    def solve(self, b):
        return solve(self.M, b)


def model(lowest: float):
    """A Hessian (n, n) whose eigenvalues over M begin at `lowest`, a preconditioner and forces."""
    rng = np.random.default_rng(3)
    A = rng.standard_normal((N, N))
    M = A @ A.T + np.eye(N)
    _, V = eigh(np.eye(N), M)  # M-orthonormal columns
    MV = M @ V
    H = MV @ np.diag(np.linspace(lowest, 2.0, N)) @ MV.T
    return H, M, rng.standard_normal(N)


def path(H, M, f, coarse=False, products=None):
    def product(v):
        if products is not None:
            products.append(1)
        return H @ v

    return Path(LinearOperator(H.shape, matvec=product, dtype=float), f, Dense(M), coarse)


@pytest.mark.parametrize("lowest", [0.2, -0.5])
@pytest.mark.parametrize("coarse", [False, True])
def test_a_smaller_radius_takes_no_new_product(lowest, coarse):
    H, M, f = model(lowest)
    done = []
    kept = path(H, M, f, coarse, done)
    _, longest, _ = kept.step(np.inf)
    products = len(done)
    for part in (0.9, 0.5, 0.1, 1e-3):
        fresh = path(H, M, f, coarse).step(part * longest)
        for one, other in zip(kept.step(part * longest), fresh, strict=True):
            np.testing.assert_array_equal(one, other)
    assert len(done) == products


@pytest.mark.parametrize("lowest", [0.2, -0.5])
@pytest.mark.parametrize("part", [1.0, 0.5, 0.05])
def test_length_and_decrease_of_a_step_are_those_of_its_vector(lowest, part):
    H, M, f = model(lowest)
    kept = path(H, M, f)
    radius = part * kept.step(np.inf)[1]
    p, length, decrease = kept.step(radius)
    assert length == pytest.approx(np.sqrt(p @ M @ p), rel=1e-9)
    assert length <= radius * (1 + 1e-12)
    assert decrease == pytest.approx(f @ p - 0.5 * p @ H @ p, rel=1e-9) and decrease > 0.0


def test_steps_grow_and_gain_with_the_radius():
    kept = path(*model(-0.5))
    found = [kept.step(r)[1:] for r in (1e-3, 0.1, 0.5, 1.0, 2.0)]
    assert np.all(np.diff(found, axis=0) > 0.0)


def test_a_short_step_goes_along_the_elastic_answer():
    H, M, f = model(0.2)
    kept = path(H, M, f)
    p, z = kept.step(1e-6)[0], solve(M, f)
    np.testing.assert_allclose(p / 1e-6, z / np.sqrt(z @ M @ z), atol=1e-9)
    assert kept.first == pytest.approx(np.sqrt(f @ z))


def test_a_preconditioner_serves_the_loads_of_its_mesh_and_no_other(monkeypatch):
    made = []
    monkeypatch.setattr(preconditioner, "elastic", lambda s: made.append(s) or elastic(s))
    crystal = qc.Crystal.fcc(
        qc.load_potential("Al-Ercolessi-1994"), x=(1, 1, -2), y=(1, 1, 1), z=(1, -1, 0)
    )
    system = qc.couple(qc.crack(crystal, KI=0.46, extent=40.0), "bgfc", core=8.0, blend=5.0)
    M = Preconditioner(system)
    assert not made  # nothing was asked
    there, other = system.at_load(KI=0.47), qc.couple(system.problem, "bqcf", core=8.0, blend=5.0)
    assert M.serving(there) is M and M.serving(other) is not M
    f = np.random.default_rng(0).standard_normal(there.n_dof)
    np.testing.assert_array_equal(M.serving(there).solve(f), elastic(there).solve(f))
    assert len(made) == 1


def test_a_stability_constant_factorises_its_own_matrix_only(monkeypatch):
    made = []
    monkeypatch.setattr(preconditioner, "elastic", lambda s: made.append(s) or elastic(s))
    plane = qc.Crystal.hex2d(qc.load_potential("toy2d-c10"))
    system = qc.couple(qc.vacancy(plane, extent=12.0), "bgfc", 3.0, 3.0)
    assert stability_constant(system, system.zero) > 0.0 and not made
