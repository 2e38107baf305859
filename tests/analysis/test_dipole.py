"""The elastic dipole of a point defect, against energies, the far field, and moduli."""

from __future__ import annotations

import numpy as np
import pytest

import qcmethod as qc
from qcmethod.analysis.dipole import elastic_dipole, kanzaki_forces, relaxation_volume
from qcmethod.elasticity.dipole_field import DipoleField
from qcmethod.errors import InputError
from qcmethod.lattice.shapes import Ball
from qcmethod.problems.remote import remote_strain
from qcmethod.solve.solution import evaluated


@pytest.fixture(scope="module")
def crystal():
    return qc.Crystal.fcc(qc.load_potential("Al-Ercolessi-1994"), dimensions=3)


@pytest.fixture(scope="module")
def solution(crystal):
    return qc.relax(qc.couple(qc.vacancy(crystal, extent=120.0), "bgfc", 11.0, 4.0), 1e-9)


def test_of_a_vacancy(solution, crystal):
    P = elastic_dipole(solution)
    # cubic symmetry, and inwards; measured -3.338 eV with a core of 20 A
    np.testing.assert_allclose(P, np.eye(3) * np.trace(P) / 3.0, atol=5e-3)
    assert np.trace(P) / 3.0 == pytest.approx(-3.338, abs=0.02)
    C = crystal.elastic_constants()
    volume = relaxation_volume(crystal, P)
    C = C.voigt()
    frame = crystal.lattice.axes
    np.testing.assert_allclose(frame @ frame.T, np.eye(3), atol=1e-12)
    bulk = C[:3, :3].sum() / 9.0  # of a cubic crystal in any frame
    assert volume == pytest.approx(np.trace(P) / (3.0 * bulk), rel=1e-9)
    assert -0.6 < volume / crystal.lattice.site_volume < -0.2


def test_the_far_field_is_that_of_the_dipole(solution, crystal):
    P = elastic_dipole(solution)
    body = solution.system.body
    r = np.linalg.norm(body.x_k, axis=1)
    near = (r > 16.0) & (r < 26.0)
    field = DipoleField(P, crystal.stable_moduli(), core=5.0)
    u = field.displacement(body.x_k[near])
    scale = np.linalg.norm(u, axis=1)
    away = np.linalg.norm(solution.u[near] - u, axis=1)
    assert near.sum() > 500 and np.median(away / scale) < 0.09
    # the best multiple of the dipole's field is 1
    best = float(np.vdot(solution.u[near], u) / np.vdot(u, u))
    assert best == pytest.approx(1.0, abs=0.04)


@pytest.mark.parametrize("along", [np.diag([1.0, 0.0, 0.0]), np.ones((3, 3)) - np.eye(3)])
def test_the_energy_of_a_strained_vacancy(crystal, along):
    """P : E = -dE/de of the excess energy, which counts no energy of perfect crystal."""
    problem = remote_strain(qc.vacancy(crystal, extent=60.0), along)
    system = qc.couple(problem, "bgfc", 9.0, 4.0)
    energy = []
    for e in (0.001, -0.001):
        there = system.at_load(system.zero, strain=e)
        energy.append(qc.relax(there, 1e-8).excess_energy)
    P = elastic_dipole(qc.relax(system, 1e-8))
    slope = (energy[0] - energy[1]) / 0.002
    assert -slope == pytest.approx(float((P * along).sum()), abs=0.06)


def test_what_a_void_is_filled_with_does_not_matter(crystal):
    problem = qc.without(qc.homogeneous(crystal, extent=60.0), Ball(4.5))
    system = qc.couple(problem, "gfc", 8.0)
    found = qc.relax(system, 1e-6)
    P, body = elastic_dipole(found), system.body
    inside = body.is_removed & problem.free.contains(body.x_k)
    assert inside.sum() > 10
    u = found.u.copy()
    u[inside] = np.random.default_rng(3).standard_normal((int(inside.sum()), 3))
    f = kanzaki_forces(system, u)
    np.testing.assert_allclose(np.einsum("ki,kj->ij", f, body.x_k), P, atol=1e-7)
    np.testing.assert_allclose(f.sum(axis=0), 0.0, atol=1e-8)
    # nor where the moment is taken about, nor images: a larger domain
    np.testing.assert_allclose(np.einsum("ki,kj->ij", f, body.x_k + 7.0), P, atol=1e-6)
    larger = qc.without(qc.homogeneous(crystal, extent=150.0), Ball(4.5))
    there = elastic_dipole(qc.relax(qc.couple(larger, "gfc", 8.0), 1e-6))
    np.testing.assert_allclose(there, P, rtol=0.02, atol=0.05)


def test_perfect_crystal_has_none_and_others_are_refused(crystal):
    perfect = qc.couple(qc.homogeneous(crystal, extent=60.0), "bgfc", 6.0, 3.0)
    assert np.abs(elastic_dipole(evaluated(perfect, perfect.zero))).max() == 0.0
    straight = qc.couple(qc.vacancy(qc.Crystal.fcc(crystal.potential), extent=60.0), "local")
    with pytest.raises(InputError, match="homogeneous crystal in space"):
        elastic_dipole(evaluated(straight, straight.zero))
    with pytest.raises(InputError, match="a Solution"):
        elastic_dipole(perfect)
