"""Minima and saddles: the softest direction against dense matrices, and force methods that leave
saddles."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import eig, eigh

import qcmethod as qc
from qcmethod.analysis.conservation.curl import Jacobian
from qcmethod.errors import ConvergenceError, SaddleError
from qcmethod.solve import force
from qcmethod.solve.solution import Solution

PLANE = qc.Crystal.hex2d(qc.load_potential("toy2d-c10"))
IRON = qc.Crystal.bcc(qc.load_potential("Fe-Finnis-1984"))
SCREW = ((0.5, 0.5, 0.5), (1, -1, 0), (1, 1, 1))


def screw(method: str, blend: float) -> qc.System:
    """A screw in the middle of three columns: the symmetric state is a saddle (value -0.021)."""
    problem = qc.dislocation(IRON, *SCREW, extent=60.0, centre=(0.5, 1 / 3))
    return qc.couple(problem, method, 12.0, blend)


@pytest.fixture(scope="module")
def settled() -> qc.Solution:
    return qc.relax(screw("bqcf", 8.0), 1e-7)


@pytest.mark.parametrize("method", ["bgfc", "bqcf", "qcf"])
def test_the_value_is_the_lowest_eigenvalue_of_dense_matrices(method):
    system = qc.couple(qc.vacancy(PLANE, extent=12.0), method, 3.0, 0.0 if method == "qcf" else 3.0)
    solution = qc.relax(system)
    J, on = Jacobian(system, solution.u).dense(), system.free.ravel()
    M = system.elastic_stiffness.toarray()[np.ix_(on, on)]
    lowest = eigh(J, M, eigvals_only=True)[0] if method == "bgfc" else eig(J, M)[0].real.min()
    found = solution.stability
    assert found.value == pytest.approx(lowest, rel=5e-3) and found.stable
    assert found.of == ("Hessian" if method == "bgfc" else "Jacobian") and found.left is None
    v = found.mode.ravel()[on]
    assert v @ J @ v / (v @ M @ v) == pytest.approx(lowest, rel=0.05)
    assert np.linalg.norm(found.mode, axis=1).max() == pytest.approx(1.0)


def test_a_force_method_leaves_the_saddle_that_a_symmetric_start_leads_to(settled, monkeypatch):
    monkeypatch.setattr(force, "UNSTABLE", -10.0)  # every zero is good enough
    saddle = qc.relax(settled.system, 1e-7)
    assert saddle.stability.value < -0.01 and not saddle.stability.stable
    assert settled.stability.value > 0.1 and settled.stability.left == pytest.approx(
        saddle.stability.value, rel=0.05
    )
    assert np.abs(settled.u - saddle.u).max() > 0.1
    assert settled.summary()["stability"] == settled.stability.value
    assert "saddle" in repr(settled.stability)


@pytest.mark.parametrize("start", ["predictor", "answer"])
def test_a_push_of_the_start_decides_nothing(settled, start):
    system, rng = settled.system, np.random.default_rng(3)
    u = settled.u if start == "answer" else system.zero
    push = np.where(system.free, rng.uniform(-0.01, 0.01, u.shape), 0.0)
    assert np.abs(qc.relax(system, 1e-7, u=u + push).u - settled.u).max() < 1e-5


def test_stability_comes_back_from_a_file(settled, tmp_path):
    again = qc.load(settled.write(tmp_path / "a.npz"))
    assert again.known_stability is not None
    assert again.stability.value == settled.stability.value
    assert np.array_equal(again.stability.mode, settled.stability.mode)


def test_saddles_without_end_are_refused_by_name(monkeypatch):
    monkeypatch.setattr(force, "UNSTABLE", 10.0)  # no state is stable enough
    with pytest.raises(SaddleError, match="5 equilibria, all saddles") as caught:
        qc.relax(qc.couple(qc.vacancy(PLANE, extent=12.0), "bqcf", 3.0, 3.0))
    assert caught.value.softest > 0.0 and isinstance(caught.value.best, Solution)


@pytest.mark.parametrize("method", ["bgfc", "bqcf"])
def test_the_best_of_a_failed_relaxation_is_a_solution(method):
    system = qc.couple(qc.vacancy(PLANE, extent=12.0), method, 3.0, 3.0)
    with pytest.raises(ConvergenceError) as caught:
        qc.relax(system, max_iterations=1)
    best = caught.value.best
    assert isinstance(best, Solution) and best.system is system
    assert np.array_equal(best.forces, system.model.at(best.u).forces)
    assert best.fmax > 1e-5 and qc.relax(system, u=best).fmax <= 1e-5
