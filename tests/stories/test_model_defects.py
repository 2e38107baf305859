"""Two and eleven vacancies in the plane model crystal against independent atomistic solutions.

Those were relaxed in a hexagon of 100 steps, three rings clamped; their energy is counted from the
unrelaxed defect, E(y) - E(F x). The displacement that a clamped rim at R suppresses near the defect
is its elastic image, about 60 R^-2 (A) for eleven vacancies and 1.9 R^-2 for two: domains are
compared at the same area.
"""

from __future__ import annotations

import json

import model_problem as mp
import numpy as np
import pytest
from paths import DATA

import qcmethod as qc

LOV = json.loads((DATA / "toy2d_lov.json").read_text())


@pytest.fixture(scope="module", params=sorted(LOV["defects"]))
def defect(request) -> tuple[dict, qc.Crystal]:
    return LOV["defects"][request.param], qc.Crystal.hex2d(qc.load_potential("toy2d-lov"))


def near_field(solution: qc.Solution, sample: dict) -> np.ndarray:
    """Corrector (n, 2) at the sampled sites."""
    body = solution.system.body
    where = {tuple(ij): l for l, ij in enumerate(body.ij_l)}
    return (body.S @ solution.u)[[where[tuple(ij)] for ij in sample["ij"]], :2]


def unrelaxed_energy(system: qc.System) -> float:
    return system.model.at(system.zero).energy


def test_independent_solution_is_in_equilibrium(defect):
    """An outside solution leaves no force: no question of domains or solvers."""
    sample, crystal = defect
    problem = qc.microcrack(crystal, sample["vacancies"], LOV["F"], extent=20.0)
    system = qc.couple(problem, "atomistic")
    node = {tuple(ij): k for k, ij in enumerate(system.body.mesh.ij)}
    u = system.zero
    u[[node[tuple(ij)] for ij in sample["ij"]], :2] = sample["u"]
    forces = system.model.at(u).forces
    inside = np.linalg.norm(system.body.x_k, axis=1) < 15.0 - 2.1
    assert np.abs(forces[inside]).max() < 1e-11


def test_atomistic_approaches_independent_solution(defect):
    """Discs extrapolated in their area to that of the outside hexagon, 28.5 thousand sites."""
    sample, crystal = defect
    n = sample["vacancies"]
    problems = [qc.microcrack(crystal, n, LOV["F"], extent=R) for R in (28.0, 36.0, 46.0)]
    solutions = [qc.relax(qc.couple(p, "atomistic"), 1e-10) for p in problems]
    at = 3 * 97 * 98 + 1 - n
    energies = [s.excess_energy - unrelaxed_energy(s.system) for s in solutions]
    energy = mp.extrapolated(solutions, energies, at)
    u = mp.extrapolated(solutions, [near_field(s, sample) for s in solutions], at)
    assert energy == pytest.approx(sample["energy"], rel=2e-3)
    assert np.abs(u - sample["u"]).max() < 5e-3 * np.abs(sample["u"]).max()


def test_coupled_matches_independent_solution(defect):
    """bgfc in a disc of the area of the hexagon, with a quarter of its sites as nodes."""
    sample, crystal = defect
    n = sample["vacancies"]
    same_area = np.sqrt(3 * 97.5 * 98 * 0.75**0.5 / np.pi) + 2.9  # free zone and rim
    problem = qc.microcrack(crystal, n, LOV["F"], extent=same_area)
    solution = qc.relax(qc.couple(problem, "bgfc", 20.0, 12.0, metric="hops"), 1e-10)
    assert solution.system.n_repatoms < 0.25 * 28508
    energy = solution.excess_energy - unrelaxed_energy(solution.system)
    assert energy == pytest.approx(sample["energy"], rel=1e-3)
    apart = np.abs(near_field(solution, sample) - sample["u"]).max()
    assert apart < 1e-3 * np.abs(sample["u"]).max()


def test_eleven_vacancies_in_an_infinite_domain():
    sample = LOV["defects"]["crack11"]
    crystal = qc.Crystal.hex2d(qc.load_potential("toy2d-lov"))
    problem = qc.microcrack(crystal, 11, LOV["F"], extent=4000.0)
    solution = qc.relax(qc.couple(problem, "bgfc", 20.0, 12.0, metric="hops"), 1e-9)
    # the unrelaxed energy of the whole body is exact: a homogeneous continuum has no excess
    energy = solution.excess_energy - unrelaxed_energy(solution.system)
    assert energy == pytest.approx(sample["energy_infinite"], abs=2e-3)
