"""Engines: what a mirror of a native form gives through their door is what the form gives."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from mirror import FORCES, mirrored

import qcmethod as qc
from qcmethod.coupling.method import METHODS
from qcmethod.crystal.unit_cells import UnitCells
from qcmethod.errors import CouplingError, EngineError
from qcmethod.potentials.can import Can
from qcmethod.potentials.sums.fixed_bonds import Stencil

NATIVE = qc.load_potential("Al-Ercolessi-1994")
NOTHING = object.__new__(Stencil)
AXES = {"x": (1, 1, -2), "y": (1, 1, 1), "z": (1, -1, 0)}


@pytest.fixture(scope="module")
def crystals():
    native = qc.Crystal.fcc(NATIVE, **AXES)
    mirror = qc.Crystal.fcc(mirrored(NATIVE), **AXES, a=native.lattice_constant)
    return native, mirror


def test_unit_cells_are_cauchy_born(crystals):
    native, mirror = crystals
    rng = np.random.default_rng(1)
    for _ in range(3):
        F = np.eye(3) + rng.uniform(-0.02, 0.02, (3, 3))
        assert abs(native.site_energy(F) - mirror.site_energy(F)) < 1e-12
        assert np.abs(native.stress(F) - mirror.stress(F)).max() < 1e-13
        # differences, over kinks of a third derivative
        assert np.abs(native.tangent(F) - mirror.tangent(F)).max() < 1e-5
        A = mirror.tangent(F)
        assert np.abs(A - A.transpose(2, 3, 0, 1)).max() < 1e-6


def test_no_unit_cell_of_a_plane():
    plane = qc.Crystal.hex2d(qc.load_potential("toy2d-lov"))
    with pytest.raises(EngineError, match="has no unit cell in space"):
        UnitCells.of(mirrored(NATIVE), plane.lattice)


def test_weighted_sums_are_those_of_the_form(crystals):
    native, mirror = crystals
    problem = qc.vacancy(native, extent=60.0)
    system = qc.couple(problem, "bqce", core=10.0, blend=6.0)
    y, w = system.body.positions(system.zero), system.weights.w_l
    V0 = np.full(len(w), native.cohesive)
    one, other = (c.potential.site_sum(c.lattice.period, w, V0) for c in (native, mirror))
    a, b = one.at(y), other.at(y)
    assert abs(a.energy - b.energy) < 1e-7  # digits of a sum without differences
    assert np.abs(a.gradient - b.gradient).max() < 1e-12
    v = np.random.default_rng(2).standard_normal(y.shape)
    assert np.abs(one.hessian(a)(v) - other.hessian(b)(v)).max() < 1e-3 * np.abs(v).max()
    again = pickle.loads(pickle.dumps(other))
    assert np.abs(again.at(y).gradient - b.gradient).max() == 0.0


def test_forces_alone_serve_methods_of_forces(crystals):
    native, _ = crystals
    poor = qc.Crystal.fcc(mirrored(NATIVE, FORCES), **AXES, a=native.lattice_constant)
    served = {name for name, m in METHODS.items() if not m.needs & ~poor.potential.can}
    assert served == {"atomistic", "bqcf", "qcf", "local"}
    with pytest.raises(CouplingError, match=r"does not give site energy.*Try: atomistic, bqcf"):
        qc.couple(qc.vacancy(poor, extent=60.0), "bgfc", core=10.0, blend=6.0)
    with pytest.raises(EngineError, match="forces of all atoms alone"):
        poor.potential.site_sum(1.0, np.array([0.5, 1.0]), np.zeros(2))
    with pytest.raises(EngineError, match="take no bonds"):
        poor.potential.stencil_sum(NOTHING, 0.0)


def test_forces_of_a_coupling_are_those_of_the_form(crystals):
    native, mirror = crystals
    forces = []
    for crystal in (native, mirror):
        system = qc.couple(qc.vacancy(crystal, extent=60.0), "bqcf", core=10.0, blend=6.0)
        forces.append(system.model.at(system.zero).forces)
    assert np.abs(forces[0] - forces[1]).max() < 1e-12


def test_weighted_energies_serve_but_for_bonds(crystals):
    _, mirror = crystals
    served = {name for name, m in METHODS.items() if not m.needs & ~mirror.potential.can}
    assert served == {name for name, m in METHODS.items() if Can.CENTRAL not in m.needs}
