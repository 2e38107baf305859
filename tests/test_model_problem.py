"""The published model problem: excess energies, error tables and rates.

Measured numbers, and what they were compared with, are in docs/model_problem.md.
"""

from __future__ import annotations

import model_problem as mp
import numpy as np
import pytest

import qcmethod as qc

METHODS = ("qce", "gfc", "bqce", "bgfc", "bqcf")
# Largest departure from the published error at the same K0. The meshes differ: bisection of lattice
# squares has more nodes at small K0 and fewer at large ones.
SAME_K0 = {
    "A": {"qce": 0.07, "gfc": 0.25, "bqce": 0.06, "bgfc": 0.12, "bqcf": 0.12},
    "C": {"qce": 0.20, "gfc": 0.35, "bqce": 0.20, "bgfc": 0.20, "bqcf": 0.20},
}
RATES = {
    "A": {"qce": (-0.05, 0.05), "gfc": (-1.2, -0.9), "bqce": (-0.65, -0.45), "bgfc": (-1.2, -0.85)},
    "C": {
        "qce": (-1.2, -0.4),
        "gfc": (-1.25, -0.9),
        "bqce": (-1.15, -0.85),
        "bgfc": (-1.15, -0.85),
    },
}


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


def test_error_of_small_cores(reference):
    """Table and rates at K0 = 4 and 8; the whole table is in the slow test."""
    case, coupled = reference
    check_table(case, coupled, (4, 8))


@pytest.mark.slow
@pytest.mark.parametrize("case", ["A", "C"])
def test_error_table(case):
    coupled = mp.Reference.build(case, core=44, blend=16, extent=6000)
    check_table(case, coupled, (3, 4, 6, 8, 11, 16, 22))


def check_table(case: str, coupled: mp.Reference, sizes: tuple[int, ...]) -> None:
    """Errors against the published ones at the same K0 and, where it is fair, the same nodes."""
    table = mp.CASES[case]
    for method in METHODS:
        solutions = [mp.solve(case, method, K0) for K0 in sizes]
        error = np.array([coupled.error(s) for s in solutions])
        dof = [mp.nodes(s) for s in solutions]
        name = method if method in table["error"] else "bgfc"
        published = np.array([table["error"][name][table["K0"].index(K0)] for K0 in sizes])
        # the published reference has a floor of .005: below .01 only an upper bound
        ratio = np.where(published < 0.01, np.maximum(error / published, 1.0), error / published)
        assert np.abs(ratio - 1.0).max() < SAME_K0[case][method], (method, ratio)
        for n, e in zip(dof, error, strict=True):
            ratio = e / mp.published_at(case, name, n)
            # fewer than a thousand nodes: bisection grades more slowly than a free mesh
            assert ratio < (1.15 if n > 1150 else 1.55), (method, n, ratio)
        low, high = RATES[case][name if name in RATES[case] else "bgfc"]
        assert low < mp.rate(dof, error) < high, (method, mp.rate(dof, error))


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
