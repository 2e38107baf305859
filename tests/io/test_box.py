"""Atoms lie inside of their cell; neighbour lists of others take memory as their number does."""

import tracemalloc

import numpy as np
import pytest
from ase.neighborlist import NewPrimitiveNeighborList, neighbor_list

import qcmethod as qc
from qcmethod.io.box import into, layer
from qcmethod.problems.example import EXAMPLES


def at_rest(problem: qc.Problem) -> qc.Solution:
    """A problem at its predictor: the places of atoms, without waiting for forces."""
    cutoff = problem.crystal.potential.cutoff
    return qc.relax(qc.couple(problem, "bgfc", 3.0 * cutoff, cutoff), 1e3)


@pytest.mark.parametrize("name", EXAMPLES)
def test_atoms_are_inside_and_their_places_are_told(name: str) -> None:
    solution = at_rest(EXAMPLES[name]())
    atoms, system = solution.to_atoms(), solution.system
    assert (atoms.positions >= 0.0).all()
    assert (atoms.positions < atoms.cell.lengths()).all()
    period = system.problem.crystal.lattice.period
    assert atoms.pbc.tolist() == [False, False, np.isfinite(period)]
    y = system.body.positions(solution.u)[system.weights.w_l > 0.0]
    moved = atoms.positions - atoms.info["shift"] - y
    if np.isfinite(period):
        moved[:, 2] -= period * np.rint(moved[:, 2] / period)
    assert moved == pytest.approx(0.0, abs=1e-9)
    vacuum = atoms.positions.min(axis=0)[:2], (atoms.cell.lengths() - atoms.positions.max(axis=0))
    assert vacuum[0] == pytest.approx(system.problem.crystal.potential.cutoff)
    assert vacuum[1][:2] == pytest.approx(system.problem.crystal.potential.cutoff)


def test_layers_are_not_torn_by_the_rounding_of_their_atoms() -> None:
    """z = 0 - 1e-16 is a period apart from z = 0 + 1e-16."""
    aluminium = qc.load_potential("Al-Ercolessi-1994")
    crystal = qc.Crystal.fcc(aluminium, x=(1, 1, -2), y=(1, 1, 1), z=(1, -1, 0))
    solution, lattice = at_rest(qc.crack(crystal, KI=0.42, extent=60.0)), crystal.lattice
    height = solution.to_atoms("all").positions[:, 2]
    expected = layer(lattice) * (0.5 + np.arange(round(lattice.period / layer(lattice))))
    assert np.unique(height.round(4)) == pytest.approx(expected, abs=2e-4)
    assert into(np.array([-1e-17, -0.5, 3.0, 7.5]), 3.0) == pytest.approx([0.0, 2.5, 0.0, 1.5])


@pytest.mark.parametrize("radius", [20.0, 40.0])
def test_neighbour_lists_of_others_take_what_their_atoms_need(radius: float) -> None:
    """Twice the radius is four times the atoms, and was sixteen times the memory."""
    crystal = qc.Crystal.bcc(qc.load_potential("W-Ackland-1987"))
    solution = at_rest(qc.vacancy(crystal, extent=60.0))
    atoms = solution.to_atoms(radius)
    tracemalloc.start()
    found = neighbor_list("i", atoms, 3.3)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40_000 * len(atoms)
    matscipy = pytest.importorskip("matscipy.neighbours")
    assert len(matscipy.neighbour_list("i", atoms, 3.3)) == len(found)
    lists = NewPrimitiveNeighborList(np.full(len(atoms), 1.65), skin=0.0, self_interaction=False)
    lists.build(atoms.pbc, atoms.get_cell(), atoms.positions)
    assert 2 * sum(len(lists.get_neighbors(n)[0]) for n in range(len(atoms))) == len(found)
