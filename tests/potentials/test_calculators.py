"""ASE calculators as engines: what they give, and what is refused before anything is computed."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from ase.calculators.calculator import Calculator, all_changes
from ase.calculators.emt import EMT
from mirror import Mirror

import qcmethod as qc
from qcmethod.crystal.table import fit
from qcmethod.errors import EngineError, InputError, OffTableError

NATIVE = qc.load_potential("Al-Ercolessi-1994")
AXES = {"x": (1, 1, -2), "y": (1, 1, 1), "z": (1, -1, 0)}


class Own(Calculator):
    """Our aluminium behind ASE's door, honest or not.

    scale : of forces; wrong : of site energies; nearest : images that it leaves out; digits : type
    """

    implemented_properties = ["energy", "forces", "energies"]  # noqa: RUF012

    def __init__(self, scale=1.0, wrong=0.0, nearest=False, kind=np.float64, value=None):
        super().__init__()
        self.scale, self.wrong, self.nearest, self.kind = scale, wrong, nearest, kind
        self.value = value

    def calculate(self, atoms=None, properties=(), system_changes=all_changes):
        super().calculate(atoms, properties, system_changes)
        pbc, y = tuple(atoms.pbc), self.kind(atoms.positions).astype(float)
        if self.nearest and len(atoms) == 1:
            pbc = (False, False, False)
        engine = Mirror(NATIVE, calls=[])
        one = np.zeros(len(y), dtype=int)
        images = engine.session(y, atoms.cell.array, pbc, one)
        E, g = images.at(y)
        f = -self.scale * self.kind(g).astype(float)
        if self.value is not None:
            E, f = self.value, f
        self.results = {"energy": E, "forces": f, "energies": images.energies(y) + self.wrong}


class Stressed(Own):
    """One that has a stress of its own."""

    implemented_properties = ["energy", "forces", "stress"]  # noqa: RUF012

    def calculate(self, atoms=None, properties=(), system_changes=all_changes):
        super().calculate(atoms, properties, system_changes)
        if atoms.pbc.all():
            engine, one = Mirror(NATIVE, calls=[]), np.zeros(len(atoms), dtype=int)
            box = engine.session(atoms.positions, atoms.cell.array, (True, True, True), one)
            box.at(atoms.positions)
            X = box.virial() / atoms.get_volume()
            self.results["stress"] = X[[0, 1, 2, 1, 0, 0], [0, 1, 2, 2, 2, 1]]


class Energy(Own):
    """One without forces."""

    implemented_properties = ["energy"]  # noqa: RUF012


def of(calculator, **words) -> qc.Potential:
    given = {"elements": ["Al"], "cutoff": NATIVE.cutoff, "reach": 2, "structure": "fcc"} | words
    return qc.Potential.of(calculator, **given, lattice_constant=4.0)


@pytest.mark.parametrize("calculator", [Own(), Stressed(), Own(nearest=True)])
def test_what_it_computes_is_what_the_form_computes(calculator):
    native, other = qc.Crystal.fcc(NATIVE, **AXES), qc.Crystal.fcc(of(calculator), **AXES)
    assert abs(native.lattice_constant - other.lattice_constant) < 1e-8  # stress by differences
    assert other.potential.engine.held.small_boxes is not calculator.nearest
    F = np.eye(3) + 0.01 * np.random.default_rng(0).uniform(-1.0, 1.0, (3, 3))
    assert abs(native.site_energy(F) - other.site_energy(F)) < 1e-10
    assert np.abs(native.stress(F) - other.stress(F)).max() < 1e-8


def test_the_same_vacancy():
    native = qc.Crystal.fcc(NATIVE, **AXES)
    other = qc.Crystal.fcc(of(Stressed()), **AXES, a=native.lattice_constant)
    found = []
    for crystal in (native, other):
        problem = qc.vacancy(crystal, extent=30.0)
        found.append(qc.relax(qc.couple(problem, "atomistic"), fmax=1e-8))
    assert np.abs(found[0].u - found[1].u).max() < 1e-7
    assert abs(found[0].excess_energy - found[1].excess_energy) < 1e-8


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
    again = pickle.loads(pickle.dumps(potential))  # from the class that makes it
    assert again.numbers[1] == potential.numbers[1] and again.engine == potential.engine


def test_single_precision_has_a_floor():
    potential = of(Own(kind=np.float32))
    assert 1e-9 < potential.floor < 1e-3
    crystal = qc.Crystal.fcc(potential, **AXES)
    system = qc.couple(qc.vacancy(crystal, extent=30.0), "atomistic")
    with pytest.raises(InputError, match=r"fmax: got 1e-12.*rounding leaves so much"):
        qc.relax(system, fmax=1e-12)
    assert qc.relax(system, fmax=20.0 * potential.floor).fmax <= 20.0 * potential.floor


@pytest.mark.parametrize(
    ("calculator", "words", "message"),
    [
        (Energy(), {}, "one that gives forces"),
        (object(), {}, "a calculator of ASE"),
        (Own(scale=23.06), {}, "minus the slopes of its energy.*check the units"),
        (Own(wrong=0.5), {}, "site energies that sum to the energy"),
        (Own(value=np.nan), {}, "finite energies and forces"),
        (Own(), {"cutoff": 3.0}, "reach: got '2 cut-offs of 3 A'"),
        (Own(), {"reach": 1}, "reach: got '1 cut-offs"),
        (Own(), {"cutoff": -1.0}, "how far a site sees"),
        (Own(), {"elements": "Al"}, "a list of chemical symbols"),
        (Own(), {"elements": ["Alu"]}, "a list of chemical symbols"),
        (EMT(), {"elements": ["W"]}, r"elements that the calculator knows.*No EMT-potential"),
    ],
)
def test_refused(calculator, words, message):
    with pytest.raises(InputError, match=message):
        of(calculator, **words)


def test_a_calculator_that_fails_later():
    potential = of(Own())
    sites = potential.site_sum(2.85, np.ones(2), np.zeros(2))
    y = np.array([[0.0, 0.0, 0.0], [2.8, 0.0, 0.0]])
    assert np.isfinite(sites.at(y).energy)
    with pytest.raises(OffTableError, match="no numbers"):
        sites.at(np.full((2, 3), np.nan))
    potential.engine.held.calculator.calculate = None
    with pytest.raises(EngineError, match="the calculator failed"):
        sites.at(y + 0.1)
    with pytest.raises(EngineError, match=r"weighs no site energies|weighted sum"):
        potential.site_sum(2.85, np.array([0.5, 1.0]), np.zeros(2))
