"""Indenters in space: half balls at rest, contact, force against depth, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import qcmethod as qc
from qcmethod.elasticity.indentation_modulus import indentation_modulus
from qcmethod.errors import ConvergenceError, CouplingError, InputError, OrientationError
from qcmethod.problems.external import Pressed
from qcmethod.problems.face_contact import FaceContact
from qcmethod.problems.load import at_load
from qcmethod.problems.round_indenter import RoundIndenter

AXES = {
    "100": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "111": ((1, 1, -2), (1, 1, 1), (1, -1, 0)),
    "110": ((1, -1, 0), (1, 1, 0), (0, 0, 1)),
}


@pytest.fixture(scope="module")
def aluminium():
    return qc.Crystal.fcc(qc.load_potential("Al-Ercolessi-1994"), dimensions=3)


@pytest.fixture(scope="module", params=AXES)
def oriented(request):
    potential = qc.load_potential("Al-Ercolessi-1994")
    return qc.Crystal.fcc(potential, *AXES[request.param], dimensions=3)


@pytest.fixture(scope="module")
def small(aluminium):
    """A sphere of 20 A on a half ball of 60 A."""
    return qc.indentation(aluminium, radius=20.0, extent=60.0)


# --- the indenter -----------------------------------------------------------------------------


INDENTERS = (
    RoundIndenter("sphere", 40.0, 0.0, 2.0, 10.0, 2.0),
    RoundIndenter("flat", 12.0, 0.0, 2.0, 10.0, 2.0),
)


@pytest.mark.parametrize("indenter", INDENTERS, ids=lambda one: one.shape)
def test_indenter_derivatives(indenter):
    """Gradient and Hessian are those of the energy, on the axis and at the edge of the end too."""
    rng = np.random.default_rng(3)
    y = np.stack([rng.uniform(-16, 16, 400), rng.uniform(-4, 2, 400), rng.uniform(-16, 16, 400)])
    y = y.T
    y[:4, 0], y[:4, 1], y[:4, 2] = [0.0, 1e-7, indenter.size, 0.0], -1.0, [0.0, 0.0, 0.0, 12.0]
    pressed = Pressed((indenter,), np.ones(400, dtype=bool))
    v, h = rng.normal(size=y.shape), 1e-5
    slope = (pressed.energy(y + h * v) - pressed.energy(y - h * v)) / (2.0 * h)
    assert slope == pytest.approx(float(np.vdot(pressed.gradient(y), v)), rel=1e-8)
    twice = (pressed.gradient(y + h * v) - pressed.gradient(y - h * v)) / (2.0 * h)
    action = np.einsum("nab,nb->na", pressed.hessian(y), v)
    assert np.abs(twice - action).max() < 2e-4 * np.abs(action).max()
    assert len(pressed.touched(y)) > 50


@pytest.mark.parametrize("indenter", INDENTERS, ids=lambda one: one.shape)
def test_indenter_is_round(indenter):
    """Turned about y, sites feel turned forces; a sphere's force points to its centre."""
    y = np.random.default_rng(4).uniform([-9, -2, -9], [9, 0, 9], (50, 3))
    turn = np.array([[0.6, 0.0, -0.8], [0.0, 1.0, 0.0], [0.8, 0.0, 0.6]])
    assert indenter.overlap(y @ turn.T) == pytest.approx(indenter.overlap(y))
    assert indenter.gradient(y @ turn.T) == pytest.approx(indenter.gradient(y) @ turn.T)
    if indenter.shape == "sphere":
        centre = np.array([0.0, indenter.tip + indenter.size, 0.0])
        assert np.abs(np.cross(indenter.gradient(y), y - centre)).max() < 1e-10


# --- the half ball ----------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["atomistic", "gfc", "bgfc", "qcf", "bqcf"])
def test_lifted_off_the_surface_is_at_rest(oriented, method):
    """The relaxed layers and the membrane are an equilibrium: no ghost force at the surface."""
    extent, sizes = (25.0, ()) if method == "atomistic" else (120.0, (8.0, 4.0))
    problem = qc.indentation(oriented, radius=20.0, extent=extent, depth=-1.0)
    system = qc.couple(problem, method, *sizes)
    forces = np.where(system.free, system.model.at(system.zero).forces, 0.0)
    assert np.abs(forces).max() < 1e-10
    assert system.free.sum() > 1000


def test_surface_has_its_energy(oriented):
    """Weighted sites and membrane together hold gamma for each site of the surface."""
    problem = qc.indentation(oriented, radius=20.0, extent=120.0, depth=-1.0)
    system = qc.couple(problem, "bgfc", 8.0, 6.0)
    surface, w, film = system.surface, system.weights, system.energy_model.continuum.film
    on = problem.is_last(system.body.ij_l)
    n = float(w.w_l[on].sum()) + film.at(system.zero).energy / surface.gamma
    energy = system.model.at(system.zero).energy
    # blending cuts the layers at different places
    assert energy / n == pytest.approx(surface.gamma, rel=1e-4)


def test_every_site_of_the_half_ball_is_counted_once(aluminium):
    """sum w + sum omega is the volume of the cells plus half of the surface layer of the core."""
    problem = qc.indentation(aluminium, radius=20.0, extent=120.0)
    system = qc.couple(problem, "bgfc", 8.0, 4.0)
    body, w = system.body, system.weights
    on = problem.is_last(body.mesh.ij) & body.used
    half_layer = 0.5 * float((1.0 - w.beta_k[on]).sum())
    assert system.represented == pytest.approx(body.cells.volume.sum() + half_layer, rel=1e-12)
    assert body.x_l[:, 1].max() < 1e-9 and body.x_k[body.used][:, 1].max() < 1e-9


def test_patch_test_fills_the_other_half(aluminium):
    """Forces of both kinds vanish on the healed crystal; a frozen one at its reference."""
    problem = qc.indentation(aluminium, radius=20.0, extent=120.0)
    system = qc.couple(problem, "bqcf", 8.0, 4.0)
    F = np.array([[1.01, 0.004, 0.0], [-0.01, 0.99, 0.0], [0.006, 0.012, 1.0]])
    assert qc.patch_test(system, [F]).passes
    assert qc.patch_test(qc.couple(problem, "bgfc", 8.0, 4.0), [np.eye(3)]).passes


def test_half_of_the_nodes_pay(aluminium):
    """Above the surface there are hardly any nodes, and none that is used."""
    system = qc.couple(qc.indentation(aluminium, radius=20.0, extent=1e4), "bgfc", 8.0, 4.0)
    body = system.body
    above = system.problem.is_void(body.mesh.ij)
    assert not body.used[above].any()
    assert above.sum() < 0.35 * body.used.sum()


# --- contact ----------------------------------------------------------------------------------


def test_force_is_the_derivative_of_the_energy(small):
    """dE/d depth at equilibrium is what the indenter presses with."""
    system, h = qc.couple(small, "bgfc", 10.0, 4.0), 1e-3
    found = [qc.relax(system.at_load(depth=0.3 + d), fmax=1e-9) for d in (-h, 0.0, h)]
    slope = (found[2].excess_energy - found[0].excess_energy) / (2.0 * h)
    contact = found[1].contact
    assert isinstance(contact, FaceContact)
    assert slope == pytest.approx(contact.total, rel=1e-5)
    assert contact.force == pytest.approx(1.602176634 * contact.total)
    assert contact.total == pytest.approx(contact.push.sum())


def test_first_contact_is_with_the_relaxed_surface(aluminium):
    """At depth 0 nothing presses, at a hair more one atom does; over a hollow four."""
    for centre, n in ((0.0, 1), ((0.5, 0.5), 4)):
        problem = qc.indentation(aluminium, radius=20.0, extent=60.0, centre=centre)
        system = qc.couple(problem, "bgfc", 8.0, 4.0)
        assert system.problem.watch.reading(system, system.zero)["contact"].total == 0.0
        pressed = system.at_load(depth=1e-3)
        contact = pressed.problem.watch.reading(pressed, pressed.zero)["contact"]
        assert len(contact.push) == n and np.ptp(contact.push) < 1e-9 * contact.total


def test_a_coupled_half_ball_is_one_of_atoms(small):
    """The same domain of all atoms has the same force, but for what coarse cells are too stiff."""
    problem = replace(small, extent=45.0)
    whole = qc.relax(qc.couple(at_load(problem, depth=0.4), "atomistic")).contact
    for method in ("bgfc", "bqcf"):
        part = qc.relax(qc.couple(at_load(problem, depth=0.4), method, 14.0, 4.0)).contact
        assert part.total == pytest.approx(whole.total, rel=0.02)
        assert part.radius == pytest.approx(whole.radius, rel=0.01)


def test_stiff_spheres_follow_hertz(aluminium):
    """F = 4/3 M sqrt(R) d^(3/2) of the anisotropic half space, d less what an atom gives way."""
    problem = qc.indentation(aluminium, radius=200.0, extent=1e4, stiffness=100.0)
    system = qc.couple(problem, "bgfc", 15.0, 5.0)
    M = indentation_modulus(aluminium.elastic_constants().at_rest, (0, 1, 0))
    found = [qc.relax(system.at_load(depth=d), fmax=1e-5).contact for d in (0.6, 0.9)]
    d = np.array([0.6, 0.9]) - [np.sqrt(c.push[0] / 100.0) for c in found]
    force = np.array([c.total for c in found])
    assert np.log(force[1] / force[0]) / np.log(d[1] / d[0]) == pytest.approx(1.5, abs=0.05)
    hertz = 4.0 / 3.0 * M * np.sqrt(200.0) * d**1.5
    assert force == pytest.approx(hertz, rel=0.09)
    assert found[1].radius == pytest.approx(np.sqrt(200.0 * d[1]), rel=0.05)


def test_flat_punch_has_its_core_about_its_end(aluminium):
    problem = qc.indentation(aluminium, "flat", half_width=8.0, extent=500.0, depth=0.3)
    system = qc.couple(problem, "bgfc", 8.0, 4.0)
    x = np.array([[15.0, 0.0, 0.0], [0.0, 0.0, 15.0], [0.0, -7.0, 0.0], [12.0, -3.0, 0.0]])
    assert problem.distance(x) == pytest.approx([7.0, 7.0, 7.0, 5.0], abs=0.2)
    contact = qc.relax(system).contact
    # of a uniform pressure sqrt(5)/2 R, of a punch's, highest at its edge, more
    assert 8.0 * np.sqrt(1.25) < contact.radius < 8.0 * 1.45
    assert contact.total > 1.0


def test_a_cylinder_along_a_period_is_that_of_the_plane():
    """At rest without a force; pressed in with that of columns of atoms per length, and as wide."""
    potential = qc.load_potential("Al-Ercolessi-1994")
    found = []
    for dimensions, period in ((2, None), (3, 12.0)):
        crystal = qc.Crystal.fcc(potential, *AXES["111"], dimensions=dimensions)
        problem = qc.indentation(crystal, radius=20.0, extent=36.0, period=period)
        system = qc.couple(problem, "bgfc", 6.0, 4.0)
        at_rest = np.where(system.free, system.model.at(system.zero).forces, 0.0)
        assert np.abs(at_rest).max() < 1e-10
        found.append(qc.relax(system.at_load(depth=0.3)).contact)
    plane, space = found
    assert space.force == pytest.approx(plane.force, rel=0.02)
    assert space.half_width == pytest.approx(plane.half_width, rel=0.02)
    assert space.per_period == pytest.approx(8.0 * plane.per_period, rel=0.02)


def test_ramp_of_depths(small):
    result = qc.ramp(small, "bgfc", core=10.0, blend=4.0, depth=[0.2, 0.3, 0.4])
    assert result.completed and (np.diff(result.force) > 0.1).all()
    assert "f (nN)" in str(result)


# --- what is refused --------------------------------------------------------------------------


def test_a_contact_that_leaves_the_core_is_refused(small):
    problem = qc.indentation(small.crystal, radius=60.0, extent=60.0, depth=0.8)
    system = qc.couple(problem, "bgfc", 6.0, 4.0)
    with pytest.raises(ConvergenceError, match=r"left the core.*, z = "):
        qc.relax(system)


def test_arguments_that_fit_no_half_ball(aluminium):
    potential = aluminium.potential
    with pytest.raises(InputError, match="sphere"):
        qc.indentation(aluminium, "cylinder", radius=20.0, extent=60.0)
    with pytest.raises(InputError, match="cylinder"):
        qc.indentation(qc.Crystal.fcc(potential), "sphere", radius=20.0, extent=60.0)
    with pytest.raises(InputError, match="centre"):
        qc.indentation(aluminium, radius=20.0, extent=60.0, centre=(0.0, 0.5, 0.0))
    with pytest.raises(InputError, match="less than the radius of the sphere"):
        qc.indentation(aluminium, radius=20.0, extent=60.0, depth=20.0)
    with pytest.raises(OrientationError, match=r"\{111\}"):
        other = qc.Crystal.fcc(potential, (2, 1, 0), (-1, 2, 0), (0, 0, 1), dimensions=3)
        qc.indentation(other, radius=20.0, extent=60.0)
    with pytest.raises(CouplingError, match="core"):
        qc.couple(qc.indentation(aluminium, radius=20.0, extent=60.0), "local")
