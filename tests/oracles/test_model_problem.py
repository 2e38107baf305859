"""The published model problem: excess energies, error tables and rates.

Measured numbers, and what they were compared with, are in docs/model_problem.md.
"""

from __future__ import annotations

import model_problem as mp
import numpy as np
import pytest

import qcmethod as qc

METHODS = ("qce", "gfc", "grac", "bqce", "bgfc", "bqcf")
MEASURED = mp.PUBLISHED["measured"]
FLOOR = {"A": 0.004, "C": 0.0045}  # of the published reference, fitted; in quadrature
# Departure from the published error, with their floor: at the same K0, and at the same number of
# nodes from 1000 nodes on. Meshes and domains differ (docs/model_problem.md): sharp methods have
# fewer nodes at the same K0 beyond 8, and the domain of C seems to be larger.
SAME_K0 = {
    "A": {"qce": 0.05, "gfc": 0.25, "grac": 0.23, "bqce": 0.03, "bgfc": 0.055, "bqcf": 0.055},
    "C": {"qce": 0.17, "gfc": 0.39, "grac": 0.41, "bqce": 0.15, "bgfc": 0.15, "bqcf": 0.15},
}
SAME_NODES = {
    "A": {"qce": 0.02, "gfc": 0.13, "grac": 0.05, "bqce": 0.16, "bgfc": 0.23, "bqcf": 0.23},
    "C": {"qce": 0.03, "gfc": 0.06, "grac": 0.07, "bqce": 0.31, "bgfc": 0.31, "bqcf": 0.31},
}
RATES = {
    "A": {"qce": 0.0, "gfc": -1.06, "grac": -1.08, "bqce": -0.56, "bgfc": -1.02, "bqcf": -1.02},
    "C": {"qce": -0.5, "gfc": -1.07, "grac": -1.11, "bqce": -1.01, "bgfc": -1.03, "bqcf": -1.03},
}
# Fewest nodes found for an error: case, method, elements, core, width, extent, metric, nodes, error
WINNERS = [
    ("A", "gfc", "P1", 4, 0, 90, "hops", 409, 0.0493),
    ("A", "gfc", "P2", 5, 0, 110, "hops", 731, 0.0197),
    ("A", "bgfc", "P2", 3, 2, 130, "euclid", 797, 0.0195),
    ("A", "bgfc", "P2", 5, 2, 350, "euclid", 1173, 0.0097),
    ("C", "gfc", "P2", 5, 0, 200, "hops", 859, 0.0434),
    ("C", "bgfc", "P2", 3, 1, 150, "euclid", 881, 0.0468),
    ("C", "bgfc", "P2", 6, 3, 850, "euclid", 1625, 0.0199),
    ("C", "bgfc", "P2", 10, 5, 1000, "euclid", 2639, 0.0096),
]


@pytest.fixture(scope="module", params=["A", "C"])
def reference(request) -> tuple[str, mp.Reference]:
    return request.param, mp.Reference.build(request.param, core=30, blend=12, extent=3000)


@pytest.mark.parametrize("case", ["A", "C"])
def test_atomistic_excess_energy(case):
    solutions = [mp.solve_atoms(case, extent) for extent in (30, 37, 45)]
    energies = [s.excess_energy for s in solutions]
    published = mp.CASES[case]["excess_energy"]
    assert mp.extrapolated(solutions, energies) == pytest.approx(published, abs=1e-4)
    # a clamped disc is too stiff; in case A it is already large enough by itself
    assert all(np.diff(energies) < 0) and energies[-1] > published
    if case == "A":
        assert energies[-1] == pytest.approx(published, abs=1e-4)


def test_coupled_excess_energy(reference):
    case, coupled = reference
    published = mp.CASES[case]["excess_energy"]
    assert coupled.solution.excess_energy == pytest.approx(published, abs=1e-4)


@pytest.mark.parametrize("K0", [4, 8])
def test_errors_of_small_cores(reference, K0):
    """Two columns of the table; the whole of it is in the slow test."""
    case, coupled = reference
    for method in METHODS:
        solution = mp.as_published(case, method, K0)
        i = mp.CASES[case]["K0"].index(K0)
        assert mp.nodes(solution) == MEASURED[case]["nodes"][method][i]
        error = coupled.error(solution, cut=False)
        # this reference is smaller than that of the table
        assert error == pytest.approx(MEASURED[case]["error"][method][i], rel=0.015), method


@pytest.mark.slow
@pytest.mark.parametrize("case", ["A", "C"])
def test_error_table(case):
    coupled = mp.Reference.build(case, core=44, blend=16, extent=6000)
    for method in METHODS:
        solutions = [mp.as_published(case, method, K0) for K0 in mp.CASES[case]["K0"][:7]]
        error = [coupled.error(s, cut=False) for s in solutions]
        measured = MEASURED[case]["error"][method][:7]
        np.testing.assert_allclose(error, measured, rtol=5e-3, err_msg=method)
        assert [mp.nodes(s) for s in solutions] == MEASURED[case]["nodes"][method][:7]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("case", ["A", "C"])
def test_measured_table_against_the_published_one(case, method):
    """What docs/model_problem.md says of the two tables, and the rates of the last four sizes."""
    table = mp.CASES[case]
    name = method if method in table["error"] else "bgfc"
    dof = np.array(MEASURED[case]["nodes"][method])
    error = np.array(MEASURED[case]["error"][method])
    assert mp.rate(dof[3:7], error[3:7]) == pytest.approx(RATES[case][method], abs=0.01)
    error = np.hypot(error, FLOOR[case])
    ratio = error / table["error"][name]
    assert np.abs(ratio - 1.0).max() < SAME_K0[case][method], ratio
    published = [mp.published_at(case, name, n) for n in dof]
    ratio = (error / published)[dof > 1000]
    assert np.abs(ratio - 1.0).max() < SAME_NODES[case][method], ratio


@pytest.mark.parametrize("K0", [4, 8])
def test_sharp_corrected_methods_are_near_the_best_of_their_mesh(reference, K0):
    """Best approximation of the exact field on the same mesh: they have at most 8 % more error."""
    case, coupled = reference
    solution = mp.as_published(case, "grac", K0)
    best = coupled.best(solution.system)
    corrected = mp.as_published(case, "gfc", K0, core=K0 + 2 + mp.EDGE)
    for found in (solution, corrected):
        assert best < coupled.error(found, cut=False) < 1.08 * best


@pytest.mark.slow
@pytest.mark.parametrize("case", ["A", "C"])
def test_fewest_nodes_for_an_error(case):
    """At 2 and 1 % fewer than GRAC (A 994, 2039; C 2871, 5558), at 5 % in C only (368; 1246)."""
    coupled = mp.Reference.build(case, core=44, blend=16, extent=6000)
    for _, method, elements, core, width, extent, metric, dof, error in (
        row for row in WINNERS if row[0] == case
    ):
        solution = mp.tuned(case, method, core, width, extent, elements=elements, metric=metric)
        assert mp.nodes(solution) == dof
        assert coupled.error(solution, cut=False) == pytest.approx(error, abs=6e-5), core


def test_one_per_cent(reference):
    """P2 and a narrow blend: A with 1173 nodes (GRAC 2039), C with 2639 (5558)."""
    case, coupled = reference
    zone = {"A": (5, 2, 350), "C": (10, 5, 1000)}[case]
    solution = mp.tuned(case, "bgfc", *zone, elements="P2", metric="euclid")
    assert mp.nodes(solution) == {"A": 1173, "C": 2639}[case]
    assert coupled.error(solution, cut=False) < 0.01


def test_truncated_atomistic_error_falls_with_the_radius(reference):
    case, coupled = reference
    solutions = [mp.solve_atoms(case, extent) for extent in (15.8, 21.4, 30.7)]
    error, dof = [coupled.error(s) for s in solutions], [mp.nodes(s) for s in solutions]
    for n, e in zip(dof, error, strict=True):
        assert e == pytest.approx(mp.published_at(case, "atomistic", n), rel=0.12)
    assert -0.65 < mp.rate(dof, error) < -0.45


def test_shape_of_the_blending():
    """bqce at K0 = 8: the cubic on discs attains the published optimum, .0375.

    The quintic has the larger second derivative, and so have the corners of hexagons.
    """
    coupled = mp.Reference.build("A", core=24, blend=8, extent=1000)
    choices = ({}, {"blending": "linear"}, {"blending": "quintic"}, {"metric": "hops"})
    error = np.array([coupled.error(mp.solve("A", "bqce", 8, **choice)) for choice in choices])
    assert error[0] == pytest.approx(0.0375, rel=0.03)
    assert np.all(error[1:] > 1.05 * error[0]) and np.all(error[1:] < 1.35 * error[0])


@pytest.mark.parametrize("n", [1, 5])
@pytest.mark.parametrize("K", [3, 6])
def test_hexagonal_core_counts_its_sites(n, K):
    crystal = qc.Crystal.hex2d(qc.load_potential("toy2d-c10"))
    step = crystal.lattice_constant
    problem = qc.microcrack(crystal, n, extent=40 * step)
    system = qc.couple(problem, "qce", (K + 1e-4) * step, metric="hops")
    hexagon = 3 * K * (K + 1) + 1 + (n - 1) * (2 * K + 1)
    assert system.weights.w_l.sum() == hexagon - n
