"""Defects in a crystal of an engine that gives forces alone: posed, solved and read as those of the
form that it mirrors; what would take site energies is refused by name."""

from __future__ import annotations

import numpy as np
import pytest
from mirror import FORCES, mirrored

import qcmethod as qc
from qcmethod.errors import EngineError, NoEnergyError

NATIVE = qc.load_potential("Al-Ercolessi-1994")
CRACK = {"x": (1, 1, -2), "y": (1, 1, 1), "z": (1, -1, 0)}
LINE = {"x": (1, -1, 0), "y": (1, 1, 1), "z": (-1, -1, 2)}
EDGE = (0.5, -0.5, 0.0)
POSED = {
    "dislocation": (LINE, lambda c: qc.dislocation(c, EDGE, extent=40.0)),
    "dipole": (LINE, lambda c: qc.dipole(c, EDGE, separation=6, extent=45.0)),
    "indentation": (CRACK, lambda c: qc.indentation(c, depth=1.0, radius=20.0, extent=40.0)),
    "microcrack": (CRACK, lambda c: qc.microcrack(c, n=2, extent=40.0)),
}


def pair(axes):
    native = qc.Crystal.fcc(NATIVE, **axes)
    return native, qc.Crystal.fcc(mirrored(NATIVE, FORCES), **axes, a=native.lattice_constant)


@pytest.mark.parametrize("name", POSED)
def test_defects_of_atoms(name):
    axes, pose = POSED[name]
    native, other = (
        qc.relax(qc.couple(pose(crystal), "atomistic"), fmax=1e-6, max_iterations=400)
        for crystal in pair(axes)
    )
    assert np.abs(native.u - other.u).max() < 1e-4
    # that of an indentation may differ by the share of one site in a deep layer, at other extents
    assert other.excess_energy == pytest.approx(native.excess_energy, abs=1e-6)


@pytest.fixture(scope="module")
def vacancies():
    problems = [qc.vacancy(crystal, extent=34.0) for crystal in pair(CRACK)]
    return [qc.relax(qc.couple(p, "bqcf", core=8.0, blend=6.0), fmax=1e-7) for p in problems]


def test_stability_by_differences(vacancies):
    atoms = [qc.relax(qc.couple(s.system.problem, "atomistic"), fmax=1e-7) for s in vacancies]
    for native, other in (atoms, vacancies):
        assert other.stability.value == pytest.approx(native.stability.value, rel=1e-3)


def test_patch_test_of_forces(vacancies):
    native, other = (qc.patch_test(s, magnitude=0.01) for s in vacancies)
    assert other.passes and other.worst < 1e-10
    assert all(row.uncorrected is None for row in other.rows) and not other.proves_nothing
    assert any("has no site energies" in note for note in other.notes)
    assert not any("has no site energies" in note for note in native.notes)


def test_what_takes_site_energies_is_refused(vacancies):
    _, other = vacancies
    with pytest.raises(
        NoEnergyError, match=r"drift: bqcf: .*mirror of Al.*Try: method='atomistic'"
    ):
        qc.drift(other.system, other, steps=2, every=1)
    run = qc.drift(qc.couple(other.system.problem, "atomistic"), steps=4, every=1, kick=1.0)
    assert run.excursion < 1e-3
    line = qc.relax(qc.couple(POSED["dislocation"][1](pair(LINE)[1]), "atomistic"), fmax=1e-3)
    with pytest.raises(EngineError, match="no site energies"):
        qc.line_energy(line, [15.0, 20.0])
