"""Neighbourhoods of atoms in space: vacancies, faults, lines across the end of a period."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from ase.neighborlist import neighbor_list

import qcmethod as qc
from qcmethod.analysis.structure.common import common_neighbours
from qcmethod.analysis.structure.differential import differential_displacement
from qcmethod.analysis.structure.nye import nye_tensor
from qcmethod.errors import InputError
from qcmethod.lattice.bricked import bricked, in_period, repeated
from qcmethod.solve.solution import evaluated


@cache
def crystal(structure: str) -> qc.Crystal:
    if structure == "fcc":
        return qc.Crystal.fcc(qc.load_potential("Al-Ercolessi-1994"), dimensions=3)
    return qc.Crystal.bcc(qc.load_potential("W-Ackland-1987"), dimensions=3)


def unrelaxed(problem: qc.Problem, core: float, blend: float) -> qc.Solution:
    system = qc.couple(problem, "bqcf", core=core, blend=blend)
    return evaluated(system, system.zero)


@pytest.mark.parametrize("structure", ["fcc", "bcc"])
def test_the_neighbours_of_a_vacancy_lack_one(structure):
    """12 of 12 in fcc, 8 + 6 of 14 in bcc; all others are what they were."""
    solution = unrelaxed(qc.vacancy(crystal(structure), extent=40.0), 9.0, 4.0)
    found = common_neighbours(solution)
    lattice = crystal(structure).lattice
    near = np.linalg.norm(found.zone.x, axis=1) < 1.05 * (
        lattice.neighbour if structure == "fcc" else lattice.constant
    )
    whole = 12 if structure == "fcc" else 14
    assert near.sum() == whole
    assert set(found.coordination[near]) == {whole - 1}
    assert set(found.coordination[~near]) == {whole}
    np.testing.assert_array_equal(found.of("other"), near)
    assert found.counts[structure] == len(found.zone) - whole
    atoms = found.to_atoms()
    np.testing.assert_array_equal(atoms.arrays["coordination"], found.coordination)


def test_a_frank_loop_is_two_planes_of_hcp_within_a_rim():
    """1/3 <111> closes the disc of missing atoms: its sides are stacked BC|BC."""
    b = (-1 / 3, -1 / 3, -1 / 3)
    problem = qc.loop(crystal("fcc"), b, (1, 1, 1), radius=12.0, faulted=True, extent=60.0)
    found = common_neighbours(unrelaxed(problem, 9.0, 4.0))
    height = found.zone.y @ np.ones(3) / np.sqrt(3.0)
    hcp = found.of("hcp")
    assert hcp.sum() > 40
    assert set(np.sign(height[hcp])) == {-1.0, 1.0}
    apart = 4.05 / np.sqrt(3.0)
    assert np.abs(height[hcp]) == pytest.approx(0.5 * apart, abs=0.25 * apart)
    across = np.linalg.norm(found.zone.y - height[:, None] * np.ones(3) / np.sqrt(3.0), axis=1)
    assert across[hcp].max() < 12.0 < across[found.of("other")].max()


def test_nothing_is_missing_at_the_end_of_a_period():
    vectors = ((0.5, -0.5, 0.0), (1, 1, 1), (1, -1, 0))
    problem = qc.dislocation(crystal("fcc"), *vectors, extent=40.0, period=12.0)
    solution = unrelaxed(problem, 9.0, 3.0)
    found = common_neighbours(solution)
    assert len(found.zone) == (solution.system.weights.w_l > 0.0).sum()
    away = np.linalg.norm(found.zone.x[:, :2], axis=1) > 4.0
    assert set(found.label[away]) == {1} and set(found.coordination[away]) == {12}
    atoms = found.to_atoms()
    inner = np.linalg.norm(found.zone.x[:, :2], axis=1) < 5.0
    count = np.bincount(neighbor_list("i", atoms, 3.45), minlength=len(atoms))
    np.testing.assert_array_equal(count[inner], found.coordination[inner])


@pytest.mark.parametrize("structure", ["fcc", "bcc"])
def test_sites_are_moved_by_whole_periods(structure):
    axes = ((1, 1, 1), (1, 1, -2), (-1, 1, 0)) if structure == "fcc" else ((1, 0, 0), (0, 1, 0))
    if structure == "bcc":
        axes = (*axes, (0, 0, 1))
    lattice = repeated(bricked(structure, 4.0, *axes), 6)
    ij = np.random.default_rng(3).integers(-40, 40, (200, 3))
    moved = in_period(ij, lattice)
    x, y = ij @ lattice.basis, moved @ lattice.basis
    periods = (x - y)[:, 2] / lattice.period
    assert periods == pytest.approx(np.rint(periods), abs=1e-9) and np.ptp(periods) > 2
    assert np.abs((x - y)[:, :2]).max() < 1e-9
    assert (np.abs(y[:, 2]) <= 0.5 * lattice.period + 1e-9).all()
    np.testing.assert_array_equal(in_period(moved, lattice), moved)


def test_what_needs_columns_says_so():
    vectors = ((0.5, -0.5, 0.0), (1, 1, 1), (1, -1, 0))
    problem = qc.dislocation(crystal("fcc"), *vectors, extent=40.0, period=12.0)
    solution = unrelaxed(problem, 9.0, 3.0)
    with pytest.raises(InputError, match="columns"):
        differential_displacement(solution)
    tensor = nye_tensor(solution)
    assert np.isfinite(tensor.alpha[tensor.known]).all() and "Burgers" not in repr(tensor)
    with pytest.raises(InputError, match="columns"):
        tensor.burgers()
