"""The surface stress as a tensor, and the membrane that carries it."""

from __future__ import annotations

import numpy as np
import pytest

import qcmethod as qc
from qcmethod.crystal.face import FaceEnergy
from qcmethod.discretisation.membrane import MembraneSum
from qcmethod.errors import OrientationError

AXES = {
    "100": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "111": ((1, 1, -2), (1, 1, 1), (1, -1, 0)),
    "110": ((1, -1, 0), (1, 1, 0), (0, 0, 1)),
    "110 oblique": ((1, -1, 1), (1, 1, 0), (-1, 1, 2)),
}


@pytest.fixture(scope="module")
def potential():
    return qc.load_potential("Al-Ercolessi-1994")


@pytest.mark.parametrize("axes", AXES.values(), ids=AXES)
def test_tension_along_x_and_z_is_that_of_plane_crystals(potential, axes):
    """Of which each is stretched along its own x, whatever that is to the mirrors of the plane."""
    face = qc.surface_energy(qc.Crystal.fcc(potential, *axes, dimensions=3))
    assert isinstance(face, FaceEnergy)
    x, y, z = axes
    for a, turned in ((0, axes), (2, (z, y, tuple(-n for n in x)))):
        plane = qc.surface_energy(qc.Crystal.fcc(potential, *turned))
        assert face.per_area == pytest.approx(plane.per_area, rel=1e-10)
        along = face.stress[a, a] / face.area
        assert along == pytest.approx(plane.tension / plane.area, rel=1e-3)
    assert np.abs(face.stress - face.stress.T).max() < 1e-12
    assert np.abs(face.stress[1]).max() < 1e-12
    assert np.abs(face.relaxation - plane.relaxation @ np.diag([0.0, 1.0, 0.0])).max() < 1e-8


def test_the_tensor_turns_with_the_crystal(potential):
    """The same surface seen along other axes: two invariants, and no shear along its mirrors."""
    straight = qc.surface_energy(qc.Crystal.fcc(potential, *AXES["110"], dimensions=3)).stress
    oblique = qc.surface_energy(
        qc.Crystal.fcc(potential, *AXES["110 oblique"], dimensions=3)
    ).stress
    assert np.linalg.eigvalsh(oblique) == pytest.approx(np.linalg.eigvalsh(straight), abs=1e-10)
    assert abs(straight[0, 2]) < 1e-12 and abs(oblique[0, 2]) > 0.05


def test_a_plane_without_a_mirror_is_refused(potential):
    crystal = qc.Crystal.fcc(potential, (2, -1, 0), (1, 2, 3), (-3, -6, 5), dimensions=3)
    with pytest.raises(OrientationError, match="mirror plane"):
        qc.surface_energy(crystal)


@pytest.fixture(scope="module")
def membrane(potential):
    """A surface of two different tensions with its body, and the membrane along it."""
    crystal = qc.Crystal.fcc(potential, *AXES["110 oblique"], dimensions=3)
    system = qc.couple(qc.indentation(crystal, radius=20.0, extent=60.0), "bgfc", 8.0, 4.0)
    body, surface = system.body, system.surface
    return body, surface, MembraneSum.build(body, body.y0_k, surface, np.ones(body.n_nodes))


def test_energy_is_that_of_the_strained_plane(membrane):
    """gamma + tau : E per surface site at a homogeneous gradient, turned or not."""
    body, surface, film = membrane
    G = np.array([[0.01, 0.0, 0.004], [0.02, 0.0, -0.01], [-0.003, 0.0, 0.015]])
    F = np.eye(3) + G
    n = film.at(np.zeros_like(body.x_k)).energy / surface.gamma
    strain = 0.5 * (F.T @ F - np.eye(3))
    expected = n * (surface.gamma + float(np.sum(surface.stress * strain)))
    Q, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))
    for gradient in (F, Q @ F):
        u = body.x_k @ (gradient - np.eye(3)).T
        assert film.at(u).energy == pytest.approx(expected, rel=1e-11)
    assert n * surface.area > 0.9 * np.pi * 60.0**2


def test_forces_and_stiffness_are_derivatives(membrane):
    body, _, film = membrane
    rng = np.random.default_rng(2)
    u, v, h = 0.1 * rng.normal(size=(2, *body.x_k.shape)), rng.normal(size=body.x_k.shape), 1e-3
    up, down, at = film.at(u[0] + h * v), film.at(u[0] - h * v), film.at(u[0])
    slope = (up.energy - down.energy) / (2.0 * h)
    assert slope == pytest.approx(float(np.vdot(at.gradient, v)), rel=1e-8)
    action = (film.hessian(at) @ v.ravel()).reshape(v.shape)
    assert (up.gradient - down.gradient) / (2.0 * h) == pytest.approx(action, abs=1e-8)
