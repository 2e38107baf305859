"""Solutes: the same energy and forces as LAMMPS has, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from oracles import lammps_table, require_lammps

import qcmethod as qc
from qcmethod.errors import CouplingError, InputError
from qcmethod.lattice.shapes import Tube
from qcmethod.potentials.lammps.session import Atoms, Commands

AXES = {"x": (1, 1, -2), "y": (1, 1, 1), "z": (1, -1, 0)}


@pytest.fixture(scope="module")
def aluminium():
    potential = qc.load_potential(lammps_table("AlCu.eam.alloy"), elements=["Al", "Cu"])
    return qc.Crystal.fcc(potential, **AXES)


def test_a_relaxed_solute_is_at_rest_in_lammps(aluminium):
    require_lammps()
    bare = qc.homogeneous(aluminium, np.eye(3), extent=30.0)
    system = qc.couple(qc.substituted(bare, [[0, 0]], "Cu"), "atomistic")
    solution = qc.relax(system, fmax=1e-9)
    y, period = system.body.positions(solution.u), aluminium.lattice.period
    assert np.count_nonzero(system.species) == 1
    file = lammps_table("AlCu.eam.alloy")
    commands = Commands("AlCu", "eam/alloy", (f"* * {file} Al Cu",), (26.98, 63.55))
    box = (np.diag([1.0, 1.0, period]), (False, False, True))
    atoms = Atoms(commands, y, *box, system.species)
    E, g = atoms.at(y)
    sites = aluminium.potential.site_sum(
        period, np.ones(len(y)), np.zeros(len(y)), species=system.species
    )
    assert abs(sites.at(y).energy - E) < 1e-8
    free = system.free[system.body.site_of_node >= 0]
    on_site = g[system.body.site_of_node[system.body.site_of_node >= 0]]
    assert np.abs(np.where(free, on_site, 0.0)).max() < 1e-8
    written = solution.to_atoms()
    assert written.get_chemical_symbols().count("Cu") == 1


@pytest.mark.parametrize("method", ["bqcf", "bgfc"])
def test_coupled_as_all_atoms(aluminium, method):
    bare = qc.homogeneous(aluminium, np.eye(3), extent=60.0)
    problem = qc.substituted(bare, [[0, 0], [3, 0]], "Cu")
    whole = qc.relax(qc.couple(problem, "atomistic"), fmax=1e-7)
    part = qc.relax(qc.couple(problem, method, core=14.0, blend=10.0), fmax=1e-7)
    here = whole.system.body.x_l
    near = np.linalg.norm(here[:, :2], axis=1) < 8.0
    moved = whole.system.body.positions(whole.u)[near] - here[near]
    there = part.system.body.x_l
    again = part.system.body.positions(part.u) - there
    match = [int(np.argmin(((there - x) ** 2).sum(axis=1))) for x in here[near]]
    assert np.abs(again[match] - moved).max() < 0.05 * np.abs(moved).max()


def test_a_random_core_is_drawn_by_its_seed(aluminium):
    bare = qc.homogeneous(aluminium, np.eye(3), extent=60.0)
    one, same, other = (
        qc.substituted(bare, Tube(12.0), {"Cu": 0.25}, seed=s).foreign for s in (1, 1, 2)
    )
    assert np.array_equal(one.ij, same.ij) and not np.array_equal(one.ij, other.ij)
    back = qc.substituted(qc.substituted(bare, Tube(12.0), "Cu"), Tube(12.0), "Al")
    assert len(back.foreign.ij) == 0


@pytest.mark.parametrize(
    ("sites", "element", "words"),
    [
        ([[0, 0]], "Ni", "one of Al, Cu"),
        ([[0, 0]], {"Cu": 1.5}, "fractions from 0 to 1"),
        ([[0, 0]], {"Cu": 0.7, "Al": 0.7}, "sum to 1 at most"),
        ([[0, 0]], 3, "or fractions of them"),
        (np.zeros((0, 2), dtype=int), "Cu", "one site or more|sites"),
        ([[100, 100]], "Cu", "where the rim is clamped"),
    ],
)
def test_refused(aluminium, sites, element, words):
    bare = qc.homogeneous(aluminium, np.eye(3), extent=60.0)
    with pytest.raises(InputError, match=words):
        qc.substituted(bare, sites, element)


def test_refused_by_couplings(aluminium):
    bare = qc.homogeneous(aluminium, np.eye(3), extent=60.0)
    problem = qc.substituted(bare, Tube(20.0), "Cu")
    with pytest.raises(CouplingError, match="outside of the core"):
        _ = qc.couple(problem, "bqcf", core=8.0, blend=6.0).model
    with pytest.raises(CouplingError, match="sites have other species"):
        qc.couple(problem, "grac", core=8.0)
