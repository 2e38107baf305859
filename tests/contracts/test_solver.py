"""Every solver is one, and a solver is one file: conjugate gradients as an example."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.linalg import cg

import qcmethod as qc
from qcmethod.base.linear import SOLVERS, Solver
from qcmethod.errors import CouplingError, InputError
from qcmethod.solve.linear import elastic, on_mesh
from qcmethod.testing import check_solver

# --- a solver in one file: from here ------------------------------------------------------------


@dataclass
class Steps:
    """Conjugate gradients to ten digits, without factors."""

    M: csr_array

    def solve(self, b):
        x, failed = cg(self.M, b, rtol=1e-10, maxiter=10 * len(b))
        if failed:
            raise ArithmeticError("conjugate gradients did not converge")
        return x


STEPS = Solver("conjugate gradients", Steps)


# --- to here --------------------------------------------------------------------------------------


AL = qc.load_potential("Al-Ercolessi-1994")
PLANE = qc.Crystal.hex2d(qc.load_potential("toy2d-c10"))


def systems() -> dict[str, qc.System]:
    """With and without a mirror in the plane, with bubbles, and a chain."""
    mirror = qc.Crystal.fcc(AL, (1, 1, -2), (1, 1, 1), (1, -1, 0))
    skew = qc.Crystal.fcc(AL, (4, -2, 0), (1, 2, -5), (1, 2, 1))
    chain = qc.Crystal.chain(qc.load_potential("toy2d-c10"), a=1.0)
    return {
        "mirror": qc.couple(qc.crack(mirror, KI=0.42, extent=50.0), "bgfc", 10.0, 6.0),
        "no mirror": qc.couple(qc.vacancy(skew, extent=60.0), "bgfc", 8.0, 6.0),
        "bubbles": qc.couple(qc.vacancy(PLANE, extent=20.0), "bgfc", 4.0, 4.0, elements="P2"),
        "chain": qc.couple(qc.vacancy(chain, extent=60.0), "bgfc", 8.0, 6.0),
    }


@pytest.fixture(scope="module")
def small() -> dict[str, qc.System]:
    return systems()


@pytest.fixture
def registered(monkeypatch):
    monkeypatch.setattr(SOLVERS, "_known", {**SOLVERS})
    return SOLVERS.add_named(STEPS)


@pytest.mark.parametrize("kind", ["mirror", "no mirror", "bubbles", "chain"])
@pytest.mark.parametrize("name", SOLVERS)
def test_every_solver_is_one(small, name, kind):
    if not SOLVERS[name].is_installed:
        pytest.skip(f"{name} is not installed")
    assert len(check_solver(name, small[kind])) == 4


def test_a_solver_of_a_user(registered, small):
    """It is checked, asked for by its name, and finds what the usual one finds."""
    check_solver(STEPS, small["mirror"], tolerance=1e-8)
    problem = small["bubbles"].problem
    usual, own = (
        qc.relax(qc.couple(problem, "bgfc", 4.0, 4.0, solver=name), 1e-8)
        for name in ("superlu", "conjugate gradients")
    )
    np.testing.assert_allclose(own.u, usual.u, atol=1e-8)
    assert own.iterations == usual.iterations


@pytest.mark.parametrize("kind", ["mirror", "no mirror"])
def test_single_precision_takes_no_more_steps(small, kind, monkeypatch):
    """The same Newton steps, products and answer as with all digits."""
    system = small[kind]
    exact = on_mesh(system, system.elastic_stiffness, np.flatnonzero(system.free.ravel()))
    single = qc.relax(system)
    with monkeypatch.context() as patch:
        patch.setattr("qcmethod.solve.preconditioner.elastic", lambda system: exact)
        double = qc.relax(system)
    assert (single.iterations, single.inner) == (double.iterations, double.inner)
    np.testing.assert_allclose(single.u, double.u, atol=1e-6)


def test_components_are_solved_apart_where_a_mirror_parts_them(small):
    groups = {
        kind: [list(group) for group, _ in system.elastic.groups(np.arange(3))]
        for kind, system in small.items()
    }
    assert groups["mirror"] == [[0, 1], [2]] and groups["no mirror"] == [[0, 1, 2]]
    assert [len(elastic(small[kind]).parts) for kind in ("mirror", "no mirror")] == [2, 1]
    assert len(elastic(small["chain"]).parts) == 1  # nothing is free but along it


def test_wrong_words_are_refused(small, monkeypatch):
    problem = small["bubbles"].problem
    with pytest.raises(CouplingError, match=r"^solver: got 'superlux'.*Try: superlu"):
        qc.couple(problem, "bgfc", 4.0, 4.0, solver="superlux")
    with pytest.raises(CouplingError, match=r"^solver: got None"):
        qc.Coupling("bgfc", 4.0, 4.0, solver=None).checked(problem)
    monkeypatch.setattr(SOLVERS, "_known", {**SOLVERS})
    SOLVERS.add_named(replace(STEPS, name="far", package="no_such_package", how="pip install far"))
    with pytest.raises(CouplingError, match=r"'far', expected one that is installed.*pip install"):
        qc.couple(problem, "bgfc", 4.0, 4.0, solver="far")
    monkeypatch.setattr("qcmethod.testing.solver.MOST", 10)
    with pytest.raises(InputError, match=r"^system: got '\d+ free components'"):
        check_solver("superlu", small["bubbles"])


def test_a_wrong_solver_is_found(monkeypatch, small):
    monkeypatch.setattr(SOLVERS, "_known", {**SOLVERS})

    class Halved(Steps):
        def solve(self, b):
            return 0.5 * super().solve(b)

    SOLVERS.add_named(Solver("halved", Halved))
    with pytest.raises(AssertionError, match=r"halved: M x = b: 0\.5"):
        check_solver("halved", small["bubbles"])
