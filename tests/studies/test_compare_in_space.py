"""`qcmethod.compare` of a vacancy in space: methods side by side against all atoms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import eigh

import qcmethod as qc
from qcmethod.errors import InputError
from qcmethod.mesh.space.simplex import tetrahedra_gradients, tetrahedra_volumes
from qcmethod.solve.free import FreeSystem
from qcmethod.studies.compare.measure import Yardstick
from qcmethod.studies.compare.reference import Reference
from qcmethod.studies.compare.stability import stability_constant, stiffness

METHODS = {
    "atomistic": {},
    "qce": {},
    "bqce": {},
    "gfc": {},
    "bgfc": {},
    "bqcf": {},
    "P2": {"method": "bgfc", "elements": "P2"},
}


@pytest.fixture(scope="module")
def crystal():
    return qc.Crystal.fcc(qc.load_potential("Al-Ercolessi-1994"), dimensions=3)


@pytest.fixture(scope="module")
def problem(crystal):
    return qc.vacancy(crystal, extent=30.0)


@pytest.fixture(scope="module")
def exact(problem):
    return qc.relax(qc.couple(problem, "atomistic"), 1e-8)


@pytest.fixture(scope="module")
def study(problem, exact):
    return qc.compare(problem, METHODS, [6.0], 3.0, reference=exact, fmax=1e-7, stability=False)


def test_every_method_has_its_row(study):
    assert not study.failed and study.labels == tuple(METHODS)
    rows = {row.case.label: row for row in study.rows}
    assert rows["atomistic"].error < 1e-6 and rows["atomistic"].energy_error < 1e-9
    # no ghost forces at the predictor: a few percent; with them, more than the field itself
    assert max(rows[name].error for name in ("bgfc", "bqcf", "P2")) < 0.1
    assert rows["bgfc"].error < rows["gfc"].error < 0.25
    assert min(rows[name].error for name in ("qce", "bqce")) > 1.0
    assert rows["bqcf"].energy is None and rows["bgfc"].energy_error < 5e-3
    assert rows["bqcf"].ghost_strained < 1e-12 < rows["bqce"].ghost_strained


def test_the_picture_and_the_table_are_made(study, tmp_path):
    assert "bqcf" in str(study)
    assert study.plot(tmp_path / "error.png").stat().st_size > 10_000
    study.write(tmp_path / "study.json")
    assert type(study).read(tmp_path / "study.json").rows == study.rows


def test_errors_against_plain_loops(problem, exact):
    """The norms over the tetrahedra of the reference, cell by cell."""
    system = qc.couple(problem, "bgfc", 6.0, 3.0)
    u = np.where(system.free, 0.01 * np.random.default_rng(1).standard_normal((1, 3)), 0.0)
    u = u * np.exp(-0.1 * problem.from_centre(system.body.x_k))[:, None] * system.free
    reference = Reference.of(exact)
    found = Yardstick(reference, problem, near=5.6).errors(system, u)
    v = system.body.interpolation(reference.ij) @ u - reference.v
    square, whole = 0.0, 0.0
    x = problem.position(reference.ij)
    for cell in reference.cells:
        if (problem.is_removed(reference.ij[cell])).any():
            continue
        G = tetrahedra_gradients(x[cell][None])[0]
        volume = abs(float(tetrahedra_volumes(x[cell][None])[0]))
        square += volume * float(((v[cell].T @ G) ** 2).sum())
        whole += volume * float(((reference.v[cell].T @ G) ** 2).sum())
    assert found.absolute == pytest.approx(np.sqrt(square), rel=1e-9)
    assert found.error == pytest.approx(np.sqrt(square / whole), rel=1e-9)
    near = problem.from_centre(x) <= 5.6
    near &= ~problem.is_removed(reference.ij)
    assert found.displacement == pytest.approx(np.linalg.norm(v[near], axis=1).max(), rel=1e-9)


def test_stability_against_dense_matrices(crystal):
    """The multigrid cycle is no inverse: eigenvalues are those of the stiffness all the same."""
    problem = qc.vacancy(crystal, extent=18.5)
    solution = qc.relax(qc.couple(problem, "atomistic"), 1e-8)
    system = solution.system
    free = FreeSystem(system)
    n = len(free.index)
    assert 100 < n < 500
    H = np.stack([free.jacobian(free.at(solution.u)).matvec(e) for e in np.eye(n)])
    for K, found, rel in (
        (stiffness(system), stability_constant(system, solution.u), 1e-6),
        (system.elastic.stiffness, solution.stability.value, 0.1),
    ):
        inner = K.tocsr()[free.index][:, free.index].toarray()
        assert found == pytest.approx(eigh(H, inner, eigvals_only=True)[0], rel=rel)


def test_atomistic_reference_says_how_many_atoms(crystal):
    with pytest.raises(InputError, match=r"at most 300,000 atoms; this problem has 2,0\d\d,\d\d\d"):
        qc.compare(qc.vacancy(crystal, extent=200.0), ["bgfc"], [6.0])
