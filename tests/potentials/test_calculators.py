"""ASE calculators as engines: parity with our forms, cells, patch tests, floors; refusals."""

from __future__ import annotations

import pickle
from dataclasses import replace

import calculators as of
import numpy as np
import pytest
from ase import Atoms
from ase.calculators.emt import EMT
from mirror import Images
from oracles import lammps_table, require_lammps

import qcmethod as qc
from qcmethod.crystal.table import fit
from qcmethod.errors import CouplingError, EngineError, InputError, OffTableError
from qcmethod.potentials.calculator.box import Box
from qcmethod.potentials.calculator.weighted import WEIGHTED
from qcmethod.potentials.can import Can

AL = {"elements": ["Al"], "cutoff": 5.6, "structure": "fcc", "lattice_constant": 4.03}
AXES = {"x": (1, 1, -2), "y": (1, 1, 1), "z": (1, -1, 0)}
NATIVE = qc.load_potential("Al-Ercolessi-1994")


@pytest.fixture(scope="module")
def emt():
    return qc.Potential.of(
        EMT(), elements=["Al"], cutoff=6.6, structure="fcc", lattice_constant=3.994
    )


@pytest.fixture(scope="module")
def ours():
    return qc.Potential.of(of.Native(), **AL)


# --- what is measured -----------------------------------------------------------------------------


def test_what_is_measured(emt, ours):
    assert emt.reach == ours.reach == 2
    assert emt.floor == ours.floor == 0.0
    assert emt.can == ours.can == Can.FORCES | Can.STRESS
    assert emt.engine.stress and emt.engine.alone
    assert ours.isolated == pytest.approx(NATIVE.isolated, abs=1e-12)
    assert qc.Potential.of(of.Native(), **{**AL, "cutoff": 11.2}).reach == 1


def test_a_crystal_is_that_of_the_form(ours):
    native, other = qc.Crystal.fcc(NATIVE, **AXES), qc.Crystal.fcc(ours, **AXES)
    assert abs(native.lattice_constant - other.lattice_constant) < 1e-10
    F = np.eye(3) + np.random.default_rng(1).uniform(-0.02, 0.02, (3, 3))
    assert abs(native.site_energy(F) - other.site_energy(F)) < 1e-12
    assert np.abs(native.stress(F) - other.stress(F)).max() < 1e-12


@pytest.mark.parametrize("kind", [of.NoStress, of.OtherStress, of.NearestImage])
def test_stress_by_differences(kind):
    potential = qc.Potential.of(kind(), **AL)
    assert not potential.engine.stress
    assert potential.engine.alone is (kind is not of.NearestImage)
    native = qc.Crystal.fcc(NATIVE, **AXES)
    other = qc.Crystal.fcc(potential, **AXES, a=native.lattice_constant)
    F = np.eye(3) + np.random.default_rng(2).uniform(-0.02, 0.02, (3, 3))
    assert abs(native.site_energy(F) - other.site_energy(F)) < 1e-12
    # differences over kinks of a third derivative of the table
    assert np.abs(native.stress(F) - other.stress(F)).max() < 1e-7


# --- boxes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "periodic", [(True, True, True), (True, False, True), (False, False, True)]
)
def test_copies_are_the_atoms_themselves(periodic):
    rng = np.random.default_rng(3)
    y = rng.uniform(0.0, 4.0, (5, 3))
    cell = 4.0 * np.eye(3) + rng.uniform(-0.5, 0.5, (3, 3))
    one = Box.of(y, cell, periodic, 5.0)
    many = Box.of(y, cell, periodic, 5.0, alone=False)
    assert one.copies == (1, 1, 1) and many.n_copies > 2
    assert all(n == 1 for n, p in zip(many.copies, periodic, strict=True) if not p)
    assert np.abs(one.cell[list(periodic)] - cell[list(periodic)]).max() == 0.0
    assert np.linalg.det(one.cell) > 0.0
    s = many.filled(y) @ np.linalg.inv(many.whole)
    assert s[:, [not p for p in periodic]].min(initial=1.0) > 0.0
    found = [Atoms("Al5", one.filled(y), cell=one.whole, pbc=periodic)]
    found += [Atoms(f"Al{5 * many.n_copies}", many.filled(y), cell=many.whole, pbc=periodic)]
    for atoms in found:
        atoms.calc = EMT()
    E, f = found[0].get_potential_energy(), found[0].get_forces()
    assert found[1].get_potential_energy() == pytest.approx(E * many.n_copies, rel=1e-9)
    assert np.abs(found[1].get_forces()[:5] - f).max() < 1e-6 * np.abs(f).max()


def test_atoms_that_leave_their_box(ours):
    y = np.array([[2.8 * i, 2.8 * j, 1.4 * ((i + j) % 2)] for i in range(4) for j in range(3)])
    sites = NATIVE.site_sum(2.9, np.ones(12), np.zeros(12))
    engine = ours.site_sum(2.9, np.ones(12), np.zeros(12))
    for step in range(4):
        moved = y + step * np.array([1.5, -0.7, 2.0]) + step * 0.4 * (y - y.mean(axis=0))
        a, b = sites.at(moved), engine.at(moved)
        assert abs(a.energy - b.energy) < 1e-10
        assert np.abs(a.gradient - b.gradient).max() < 1e-10


# --- equilibria -----------------------------------------------------------------------------------


def test_a_vacancy_is_that_of_the_form(ours):
    native = qc.Crystal.fcc(NATIVE, **AXES)
    other = qc.Crystal.fcc(ours, **AXES, a=native.lattice_constant)
    found = []
    for crystal in (native, other):
        system = qc.couple(qc.vacancy(crystal, extent=22.0), "atomistic")
        found.append(qc.relax(system, fmax=1e-8))
    assert np.abs(found[0].u - found[1].u).max() < 1e-7
    assert abs(found[0].excess_energy - found[1].excess_energy) < 1e-7


def test_copper_of_emt_passes_the_patch_test(monkeypatch, tmp_path):
    monkeypatch.setenv("QCMETHOD_CACHE", str(tmp_path))
    for name, value in {"CELLS": 130, "HELD_OUT": 20, "RANGES": (0.02,)}.items():
        monkeypatch.setattr(fit, name, value)  # a patch test of forces does not see the law
    potential = qc.Potential.of(EMT, elements=["Cu"], cutoff=5.7, reach=2, structure="fcc",
                                lattice_constant=3.6)  # fmt: skip
    crystal = qc.Crystal.fcc(potential, **AXES)
    assert crystal.lattice_constant == pytest.approx(3.5898, abs=1e-3)
    for method, sizes in (("bqcf", (8.0, 6.0)), ("qcf", (8.0,))):
        system = qc.couple(qc.vacancy(crystal, extent=40.0), method, *sizes)
        assert system.patch_number < 1e-9


# --- weighted site energies -----------------------------------------------------------------------


def weighing(calculator, atoms, w):
    """What a file of `calculator.models` gives, of our own form."""
    images = Images(calculator.engine, np.array(atoms.cell), tuple(atoms.pbc), w)
    _, g = images.at(atoms.positions)
    return images.V, g


@pytest.fixture
def known(monkeypatch):
    monkeypatch.setitem(WEIGHTED._known, "calculators", weighing)


def test_a_model_that_is_known_is_weighted(known):
    native = qc.Crystal.fcc(NATIVE, **AXES)
    weighted = qc.Potential.of(of.Native(), **AL)
    assert weighted.can == Can.FORCES | Can.STRESS | Can.SITE_ENERGY
    short = qc.Potential.of_engine(replace(weighted.engine, alone=False))
    rng, period = np.random.default_rng(8), native.lattice.period
    y = native.lattice.positions(np.stack(np.meshgrid(*2 * [np.arange(3)]), -1).reshape(-1, 2))
    y, w = y + rng.uniform(-0.1, 0.1, y.shape), rng.uniform(0.0, 1.0, len(y))
    expected = NATIVE.site_sum(period, w, np.zeros(len(w))).at(y)
    for potential in (weighted, short):
        sites = potential.site_sum(period, w, np.zeros(len(w)))
        found = sites.at(y)
        assert abs(found.energy - expected.energy) < 1e-10
        assert np.abs(found.gradient - expected.gradient).max() < 1e-10
        assert abs(float(w @ sites.energies(y)) - expected.energy) < 1e-10


def test_a_wrong_slope_of_weighted_energies_is_not_used(known, monkeypatch, caplog):
    def wrong(calculator, atoms, w):
        V, g = weighing(calculator, atoms, w)
        return V, 1.1 * g

    def failing(calculator, atoms, w):
        raise RuntimeError("no site energies of this model")

    for how, says in ((wrong, "slope of its weighted"), (failing, "no site energies of this")):
        monkeypatch.setitem(WEIGHTED._known, "calculators", how)
        with caplog.at_level("INFO", logger="qcmethod"):
            assert Can.SITE_ENERGY not in qc.Potential.of(of.Native(), **AL).can
        assert says in caplog.text


# --- copies and threads ---------------------------------------------------------------------------


def test_copies(emt, ours):
    made = qc.Potential.of(EMT, elements=["Al"], cutoff=6.6, reach=2)
    assert made.numbers == emt.numbers
    again = pickle.loads(pickle.dumps(made))
    assert again.numbers == emt.numbers
    assert qc.Crystal.fcc(again, a=4.0).cohesive == qc.Crystal.fcc(emt, a=4.0).cohesive
    with pytest.raises(EngineError, match=r"EMT cannot be copied.*Try: a function that makes one"):
        pickle.dumps(emt)
    own = pickle.loads(pickle.dumps(ours))
    assert own.numbers == ours.numbers
    atoms = Atoms("Al2", [[0.0, 0.0, 0.0], [2.8, 0.0, 0.0]], calculator=EMT())
    assert qc.Potential.of(atoms, elements=["Al"], cutoff=6.6).numbers == emt.numbers
    other = qc.Potential.of(EMT(asap_cutoff=True), elements=["Al"], cutoff=6.6)
    assert other.numbers != emt.numbers
    with pytest.raises(InputError, match="calculator: got"):
        emt.recipe()


# --- single precision -----------------------------------------------------------------------------


def test_single_precision_has_a_floor():
    potential = qc.Potential.of(of.Single(), **AL)
    assert 1e-6 < potential.floor < 1e-3 and potential.reach == 2
    native = qc.Crystal.fcc(NATIVE, **AXES)
    crystal = qc.Crystal.fcc(potential, **AXES, a=native.lattice_constant)
    a, b = native.elastic_constants(), crystal.elastic_constants()
    assert np.abs(a.tensor - b.tensor).max() < 0.01 * a.C11
    system = qc.couple(qc.vacancy(crystal, extent=30.0), "atomistic")
    with pytest.raises(InputError, match=r"fmax: got 1e-12.*rounding leaves so much"):
        qc.relax(system, fmax=1e-12)
    assert qc.relax(system, fmax=10.0 * potential.floor).fmax <= 10.0 * potential.floor


# --- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("calculator", "changed", "words"),
    [
        (of.NoForces, {}, "calculator: got .*expected one that computes energy and forces"),
        (of.OtherUnits, {}, "forces that are slopes of the energy"),
        (of.SlightlyOff, {}, "forces that are slopes of the energy"),
        (of.NotSumming, {}, "energies of single atoms that sum to"),
        (of.NoNumber, {}, "gives a forces that is no number"),
        (of.Charged, {}, "cutoff: got 5.6, expected forces that end within 5 of them"),
        (of.Native, {"reach": 1}, "reach: got '1 cut-offs.*expected 2 or more"),
        (of.Native, {"cutoff": 4.0, "reach": 2}, "reach: got '2 cut-offs.*expected 3 or more"),
        (of.Native, {"elements": ["Cu"]}, "elements: got 'Cu'.*KeyError"),
        (of.Native, {"elements": ["Al", "Cu"]}, "elements: got 'Cu'.*KeyError"),
        (of.Native, {"elements": "Al"}, "a list of chemical symbols"),
        (of.Native, {"elements": ["Aluminium"]}, "a list of chemical symbols"),
        (of.Native, {"cutoff": -1.0}, "cutoff: got -1.0"),
        (of.Native, {"masses": [1.0, 2.0]}, "1 masses"),
        (of.Native, {"structure": "hcp9"}, "structure: got 'hcp9'"),
    ],
)
def test_refused(calculator, changed, words):
    with pytest.raises(InputError, match=words):
        qc.Potential.of(calculator(), **{**AL, **changed})


@pytest.mark.parametrize("given", [3, None, Atoms("Al"), "EMT"])
def test_no_calculator(given):
    with pytest.raises(InputError, match="calculator: got "):
        qc.Potential.of(given, **AL)


def test_a_function_that_makes_none():
    def broken():
        raise OSError("no such file: model.pt")

    with pytest.raises(EngineError, match=r"cannot be made: OSError: no such file: model\.pt"):
        qc.Potential.of(broken, **AL)
    with pytest.raises(EngineError, match="no ASE calculator"):
        qc.Potential.of(dict, **AL)


def test_a_calculator_that_dies_says_so():
    calculator = of.Native()
    potential = qc.Potential.of(calculator, **AL)
    y = np.array([[0.0, 0.0, 0.0], [2.8, 0.0, 0.0], [0.0, 2.8, 0.0]])
    sites = potential.site_sum(2.86, np.ones(3), np.zeros(3))
    before = sites.at(y)
    calculator.spoil = lambda atoms: 1 / 0
    with pytest.raises(EngineError, match="the calculator failed: ZeroDivisionError"):
        sites.at(y + 0.01)
    calculator.spoil = lambda atoms: calculator.results.update(energy=np.nan, free_energy=np.nan)
    with pytest.raises(OffTableError, match="no number"):
        sites.at(y + 0.02)
    del calculator.spoil
    assert sites.at(y).energy == before.energy
    with pytest.raises(OffTableError, match="on top of one another"):
        sites.at(np.zeros((3, 3)))
    with pytest.raises(OffTableError, match="positions that are no numbers"):
        sites.at(np.full((3, 3), np.nan))


def test_methods_of_energies_are_refused(emt):
    problem = qc.vacancy(qc.Crystal.fcc(emt, **AXES), extent=90.0)
    with pytest.raises(CouplingError, match=r"does not give site energy.*Try: atomistic, bqcf"):
        qc.couple(problem, "bgfc", core=12.0, blend=8.0)
    with pytest.raises(EngineError, match="forces of all atoms alone"):
        emt.site_sum(1.0, np.array([0.5, 1.0]), np.zeros(2))


# --- the same file through three doors ------------------------------------------------------------


def test_lammps_through_ase_is_lammps_is_our_form():
    require_lammps()
    from ase.calculators.lammpslib import LAMMPSlib

    table, axes = (
        lammps_table("W_zhou.eam.alloy"),
        {"x": (1, -1, 0), "y": (1, 1, 0), "z": (0, 0, 1)},
    )

    def made():
        commands = ["pair_style eam/alloy", f"pair_coeff * * {table} W"]
        return LAMMPSlib(lmpcmds=commands, atom_types={"W": 1}, keep_alive=True)

    words = {"elements": ["W"], "structure": "bcc", "lattice_constant": 3.165}
    native = qc.load_potential(table, element="W")
    lammps = qc.lammps("eam/alloy", f"* * {table} W", **words)
    ase = qc.Potential.of(made, cutoff=lammps.cutoff + 1e-6, **words)
    assert ase.reach == lammps.reach == 2 and ase.engine.alone and ase.engine.stress
    a, solutions, there, y = qc.Crystal.bcc(native, **axes).lattice_constant, [], [], None
    for potential in (native, lammps, ase):
        crystal = qc.Crystal.bcc(potential, **axes, a=a)
        system = qc.couple(qc.crack(crystal, KI=1.66, extent=48.0), "atomistic")
        solutions.append(qc.relax(system, fmax=1e-8))
        y = y if there else system.body.positions(solutions[0].u)
        sites = potential.site_sum(crystal.lattice.period, np.ones(len(y)), np.zeros(len(y)))
        there.append(sites.at(y))
    for k in (1, 2):
        assert np.abs(solutions[k].u - solutions[0].u).max() < 1e-7
        assert abs(there[k].energy - there[0].energy) < 1e-12 * abs(there[0].energy)
        assert np.abs(there[k].gradient - there[0].gradient).max() < 1e-10
    assert abs(there[1].energy - there[2].energy) < 1e-9
