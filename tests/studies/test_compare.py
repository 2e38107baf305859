"""`qcmethod.compare`: errors, stability, tables and pictures of methods side by side."""

from __future__ import annotations

import model_problem as mp
import numpy as np
import pytest
from scipy.linalg import eigh

import qcmethod as qc
from qcmethod.analysis.corrector import corrector_at
from qcmethod.mesh import canonical
from qcmethod.solve.free import FreeSystem
from qcmethod.studies.compare import Study
from qcmethod.studies.compare.measure import Yardstick
from qcmethod.studies.compare.reference import Reference
from qcmethod.studies.compare.stability import stability_constant, stiffness

F = [[1.0, 0.02], [0.0, 1.03]]
METHODS = ("atomistic", "qce", "gfc", "bqce", "bgfc", "bqcf")


def vacancy(extent: float = 16.0, F=F, potential: str = "toy2d-c10") -> tuple[qc.Problem, float]:
    """The model vacancy in a disc of `extent` steps, and the step, A."""
    crystal = qc.Crystal.hex2d(qc.load_potential(potential))
    step = crystal.lattice_constant
    return qc.vacancy(crystal, F, extent=extent * step), step


@pytest.fixture(scope="module")
def study() -> Study:
    problem, step = vacancy()
    cores = [3 * step, 5 * step]
    return qc.compare(problem, METHODS, cores, options={"blending": "cubic"}, fmax=1e-8)


@pytest.fixture(scope="module")
def aluminium() -> qc.Crystal:
    return qc.Crystal.fcc(
        qc.load_potential("Al-Ercolessi-1994"), x=(1, 1, -2), y=(1, 1, 1), z=(1, -1, 0)
    )


def column(study: Study, label: str, name: str) -> list:
    return [getattr(row, name) for row in study.rows if row.case.label == label]


def test_every_case_is_a_row(study):
    assert study.labels == METHODS and not study.failed and not study.missing
    # the atomistic method has neither core nor width: one case
    assert [len(column(study, label, "dof")) for label in METHODS] == [1, 2, 2, 2, 2, 2]
    assert all(row.fmax <= 1e-8 for row in study.rows)
    assert all(row.case.blend == row.case.core for row in study.rows if row.case.blend)


def test_errors_of_the_model_vacancy(study):
    """Measured; the order of the methods is that of the literature."""
    errors = {label: column(study, label, "error") for label in METHODS}
    assert errors["atomistic"] == [0.0]
    assert errors["qce"] == pytest.approx([0.2042, 0.2090], rel=1e-2)
    assert errors["gfc"] == pytest.approx([0.0577, 0.0367], rel=1e-2)
    assert errors["bqce"] == pytest.approx([0.0805, 0.0494], rel=1e-2)
    assert errors["bgfc"] == pytest.approx([0.0312, 0.0157], rel=1e-2)
    assert errors["bqcf"] == pytest.approx(errors["bgfc"], rel=0.02)


def test_errors_against_plain_loops():
    """The three norms once more, triangle by triangle, on two atomistic solutions."""
    problem, step = vacancy(8.0)
    exact = qc.relax(qc.couple(problem, "atomistic"), 1e-9)
    yardstick = Yardstick(Reference.of(exact), problem, near=2.2 * step)
    u = 1.1 * exact.u
    found = yardstick.errors(exact.system, u)
    assert found.error == pytest.approx(0.1, rel=1e-10)
    mesh, squares, largest = exact.system.body.mesh, 0.0, 0.0
    x = problem.position(mesh.ij)[:, :2]
    for cell in canonical(mesh):
        if problem.is_removed(mesh.ij[cell]).any():
            continue
        edges = x[cell[1:]] - x[cell[0]]
        G = np.linalg.solve(edges, exact.u[cell[1:], :2] - exact.u[cell[0], :2])
        squares += 0.5 * abs(np.linalg.det(edges)) * (G**2).sum()
        if np.linalg.norm(x[cell].mean(axis=0)) <= 2.2 * step:
            largest = max(largest, np.sqrt((G**2).sum()))
    near = np.linalg.norm(x, axis=1) <= 2.2 * step
    assert found.absolute == pytest.approx(0.1 * np.sqrt(squares), rel=1e-10)
    assert found.gradient == pytest.approx(0.1 * largest, rel=1e-10)
    moved = np.linalg.norm(exact.u[near], axis=1).max()
    assert found.displacement == pytest.approx(0.1 * moved, rel=1e-10)


def test_norms_within_a_disc():
    """Every cell is inside or outside: squares add up."""
    problem, step = vacancy(12.0)
    exact = qc.relax(qc.couple(problem, "atomistic"), 1e-9)
    reference = Reference.of(exact)
    whole = Yardstick(reference, problem, near=2 * step)
    disc = Yardstick(reference, problem, near=2 * step, within=5 * step)
    assert 0 < len(disc.cells) < len(whole.cells)
    middle = problem.position(reference.ij)[whole.cells].mean(axis=1)
    outside = np.linalg.norm(middle, axis=1) > 5 * step
    G = whole._gradient(reference.v)[outside]
    rest = whole.volume[outside] @ (G**2).sum(axis=(1, 2))
    assert disc.norm**2 + rest == pytest.approx(whole.norm**2, rel=1e-12)
    assert disc.errors(exact.system, 1.1 * exact.u).error == pytest.approx(0.1, rel=1e-10)


@pytest.mark.parametrize("case", ["A", "C"])
def test_error_is_that_of_the_model_problem(case):
    """The same solutions, in smaller domains, as the published tables are compared with."""
    known = mp.Reference.build(case, core=12, blend=6, extent=150)
    for method in ("gfc", "bqce", "bqcf"):
        solution = mp.solve(case, method, 4)
        problem = solution.system.problem
        yardstick = Yardstick(
            Reference.of(known.solution), problem, near=problem.crystal.potential.cutoff
        )
        error = yardstick.errors(solution.system, solution.u).error
        assert error == pytest.approx(known.error(solution, cut=False), rel=1e-10)


def test_published_choices_through_compare():
    """Cores, widths, domains and metrics of the literature as arguments of `compare`."""
    known = mp.Reference.build("A", core=12, blend=6, extent=150)
    problem, step = mp.problem("A", 150)
    sharp = {"metric": "hops", "core": lambda core: core + step}
    study = qc.compare(
        problem,
        {"gfc": sharp, "bgfc": {}},
        [(K0 + mp.EDGE) * step for K0 in (3, 4)],
        lambda core: round(core / step) * step,
        extents=lambda core: (round(core / step) ** 2 + 10) * step,
        reference=known.solution,
        options={"blending": "cubic", "grading": 1.5},
        fmax=1e-9,
    )
    for method in ("gfc", "bgfc"):
        wanted = [known.error(mp.solve("A", method, K0), cut=False) for K0 in (3, 4)]
        assert column(study, method, "error") == pytest.approx(wanted, rel=1e-8)


def test_energies_of_a_homogeneous_predictor(study):
    exact = study.reference["energy"]
    assert exact == pytest.approx(3.7601, abs=2e-4)
    assert column(study, "atomistic", "energy_error") == [0.0]
    for label in ("qce", "bqce", "bgfc"):
        for energy, error in zip(
            column(study, label, "energy"), column(study, label, "energy_error"), strict=True
        ):
            assert error == abs(energy - exact)
    assert (
        max(column(study, "bgfc", "energy_error"))
        < 1e-4
        < min(column(study, "qce", "energy_error"))
    )
    assert column(study, "bqcf", "energy_error") == [None, None]


def test_ghost_forces(study):
    assert column(study, "atomistic", "ghost_strained") == [None]  # nothing to couple
    assert max(column(study, "bqcf", "ghost_strained")) < 1e-12
    assert max(column(study, "bgfc", "ghost_predictor")) < 1e-12 < 1e-4
    assert min(column(study, "bgfc", "ghost_strained")) > 1e-3
    assert min(column(study, "qce", "ghost_predictor")) > 0.1


def test_stability_does_not_depend_on_the_mesh(study):
    """Consistent methods approach the constant of the atomistic model; a sharp interface not."""
    exact = column(study, "atomistic", "stability")[0]
    assert exact == pytest.approx(0.88043, abs=1e-5)
    assert column(study, "bgfc", "stability") == pytest.approx([0.88385, 0.88063], abs=1e-5)
    assert column(study, "qce", "stability") == pytest.approx([0.85374, 0.85432], abs=1e-5)
    assert column(study, "bqcf", "stability") == [None, None]
    assert column(study, "bqcf", "twin_stability") == pytest.approx([0.88385, 0.88063], abs=1e-5)
    # domains of twice and ten times the radius: the same
    for extent in (32.0, 160.0):
        problem, step = vacancy(extent)
        solution = qc.relax(qc.couple(problem, "bgfc", 5 * step, 5 * step, blending="cubic"), 1e-8)
        gamma = stability_constant(solution.system, solution.u)
        assert gamma == pytest.approx(0.8802, abs=5e-4)


@pytest.mark.parametrize("method", ["atomistic", "qce", "bgfc", "bqcf"])
def test_stability_against_dense_matrices(method):
    problem, step = vacancy(10.0)
    solution = qc.relax(qc.couple(problem, method, 2 * step, 2 * step), 1e-9)
    twin = solution.system.conservative_twin(solution.u)
    free = FreeSystem(twin)
    action = free.jacobian(free.at(solution.u))
    H = np.stack([action.matvec(e) for e in np.eye(len(free.index))])
    K = stiffness(twin).tocsr()[free.index][:, free.index].toarray()
    assert abs(H - H.T).max() < 1e-10 and abs(K - K.T).max() < 1e-10
    exact = eigh(H, K, eigvals_only=True)
    gamma = stability_constant(solution.system, solution.u)
    assert gamma == pytest.approx(exact[0], rel=1e-6)
    assert exact[0] < 0.91 < exact[-1]


def test_quadratic_elements_are_evaluated_with_their_bubbles():
    """P2 against P1 on one core: v at lattice points is what the element says there."""
    problem, step = vacancy(60.0)
    both = {"P1": {"method": "bgfc"}, "P2": {"method": "bgfc", "elements": "P2"}}
    reference = qc.relax(qc.couple(problem, "bgfc", 12 * step, 6 * step), 1e-8)
    study = qc.compare(problem, both, [4 * step], reference=reference, fmax=1e-8)
    (p1,), (p2,) = column(study, "P1", "error"), column(study, "P2", "error")
    assert p2 < 0.75 * p1
    solution = qc.relax(qc.couple(problem, "bgfc", 4 * step, 4 * step, elements="P2"), 1e-8)
    body, known = solution.system.body, Reference.of(reference)
    assert len(body.bubbles) > 0
    inside = np.linalg.norm(problem.position(known.ij), axis=1) <= problem.extent
    v = corrector_at(solution.system, solution.u, known.ij, known.lower)
    np.testing.assert_allclose(v[inside], body.interpolation(known.ij[inside]) @ solution.u)
    without = solution.u.copy()
    without[body.is_bubble] = 0.0
    other = corrector_at(solution.system, without, known.ij, known.lower)
    assert abs(v - other).max() > 1e-5


def test_stability_of_few_directions_and_of_the_reference_itself():
    problem, step = vacancy(4.4)
    system = qc.couple(problem, "atomistic")
    assert 0 < system.n_dof <= 40
    assert 0.5 < stability_constant(system, system.zero) < 1.5
    # Cauchy-Born in the reference state is K itself
    crystal = qc.Crystal.hex2d(qc.load_potential("toy2d-c10"))
    local = qc.couple(qc.homogeneous(crystal, F, extent=12.0), "local")
    assert stability_constant(local, local.zero) == pytest.approx(1.0, abs=1e-9)


def test_unstable_state_has_a_negative_constant():
    problem, step = vacancy(8.0)
    system = qc.couple(problem, "atomistic")
    stretched = system.zero
    stretched[:, 1] = 0.2 * system.body.x_k[:, 1]
    assert stability_constant(system, np.where(system.free, stretched, 0.0)) < 0.0


def test_aluminium(aluminium):
    """A row of vacancies in EAM aluminium: measured."""
    problem = qc.vacancy(aluminium, extent=45.0)
    study = qc.compare(problem, ("qce", "bqce", "bgfc", "bqcf"), [8.0, 11.0])
    assert [row.dof for row in study.rows[:2]] == column(study, "qce", "dof")
    assert study.reference["repatoms"] == 1112
    assert column(study, "qce", "error") == pytest.approx([0.618, 0.694], rel=0.01)
    assert column(study, "bqce", "error") == pytest.approx([0.377, 0.323], rel=0.01)
    assert column(study, "bgfc", "error") == pytest.approx([0.0402, 0.0287], rel=0.01)
    assert column(study, "bqcf", "error") == pytest.approx([0.0396, 0.0286], rel=0.01)
    assert column(study, "bgfc", "stability") == pytest.approx([0.3286, 0.3288], abs=2e-4)


def test_corrector_of_a_crack_holds_the_relaxed_flank(aluminium):
    """v = y - y0 on all sites, where y0 of a coupled system has relaxed surface layers."""
    problem = qc.crack(aluminium, KI=0.35, extent=80.0)
    system = qc.couple(problem, "bgfc", 12.0, 10.0)
    body = system.body
    u = np.random.default_rng(1).normal(scale=0.01, size=system.zero.shape)
    upper = np.zeros(len(body.ij_l), dtype=bool)
    predicted = body.x_l + problem.predictor.displacement(body.x_l, upper.astype(np.int8))
    v = corrector_at(system, u, body.ij_l, upper)
    np.testing.assert_allclose(v, body.positions(u) - predicted, atol=1e-12)
    assert abs(v - body.S @ u).max() > 1e-3


def test_crack(aluminium):
    problem = qc.crack(aluminium, KI=0.44, extent=60.0)
    study = qc.compare(problem, ("atomistic", "bgfc"), [12.0], [8.0], stability=False)
    exact, bgfc = study.rows
    assert exact.error == 0.0 and 0.0 < bgfc.error < 0.5
    assert bgfc.energy is None and "none that is comparable" in str(study)
    assert bgfc.stability is None
    # a K-field's corrector decays slowly: its norm is taken in half the domain
    assert study.about["within"] == 30.0 and "in L2 within 30 A" in str(study)
