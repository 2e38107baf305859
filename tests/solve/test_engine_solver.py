"""Equilibria of an engine that gives forces alone: those of the form that it mirrors."""

from __future__ import annotations

import numpy as np
import pytest
from mirror import FORCES, mirrored

import qcmethod as qc
from qcmethod.errors import EngineError

NATIVE = qc.load_potential("Al-Ercolessi-1994")
AXES = {"x": (1, 1, -2), "y": (1, 1, 1), "z": (1, -1, 0)}


@pytest.fixture(scope="module")
def crystals():
    native = qc.Crystal.fcc(NATIVE, **AXES)
    return native, qc.Crystal.fcc(mirrored(NATIVE, FORCES), **AXES, a=native.lattice_constant)


@pytest.mark.parametrize(("method", "most"), [("atomistic", 16), ("bqcf", 18), ("qcf", 18)])
def test_a_vacancy_in_a_few_calls(crystals, method, most):
    sizes = {} if method == "atomistic" else {"core": 10.0, "blend": 6.0 * (method == "bqcf")}
    sizes = {k: v for k, v in sizes.items() if v}
    found = []
    for crystal in crystals:
        system = qc.couple(qc.vacancy(crystal, extent=32.0), method, **sizes)
        found.append(qc.relax(system, fmax=1e-8))
    native, other = found
    assert np.abs(native.u - other.u).max() < 1e-7
    assert other.evaluations <= most
    if native.energy is not None:
        assert abs(native.excess_energy - other.excess_energy) < 1e-7
    assert "stability" not in other.summary()


def test_a_crack_of_atoms(crystals):
    load = 1.02 * qc.griffith_load(crystals[0])
    found = []
    for crystal in crystals:
        system = qc.couple(qc.crack(crystal, KI=load, extent=40.0), "atomistic")
        found.append(qc.relax(system, fmax=1e-7))
    native, other = found
    assert np.abs(native.u - other.u).max() < 1e-5
    assert other.tip == pytest.approx(native.tip, abs=1e-4)
    assert other.evaluations <= 60


def test_an_engine_that_dies_says_so(crystals):
    _, crystal = crystals
    system = qc.couple(qc.vacancy(crystal, extent=30.0), "atomistic")
    session = system.model.sites._session(system.body.positions(system.zero))

    def dead(y, cell=None):
        raise EngineError("the engine died")

    session.at = dead
    with pytest.raises(EngineError, match="died"):
        qc.relax(system)
