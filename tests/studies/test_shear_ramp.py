"""Dislocations under an applied shear: the ramp, the image force of the rim, the Peierls stress."""

from __future__ import annotations

import json
from functools import cache

import numpy as np
import pytest
from scipy.optimize import brentq

import qcmethod as qc
from qcmethod.analysis.dislocation.disregistry import slip_across
from qcmethod.elasticity import (
    DislocationField,
    clamped_stiffness,
    cubic_stiffness,
    prelogarithmic_energy,
    rotate_stiffness,
    stroh,
)
from qcmethod.errors import InputError, UnstableCrystalError
from qcmethod.problems.load import LOADS, at_load
from qcmethod.problems.shear import at_load as shear_at_load

LOMER = ((0.5, 0.5, 0), (0, 0, 1), (1, -1, 0))
EDGE = ((0.5, -0.5, 0), (1, 1, 1), (-1, -1, 2))
SMALL = {"method": "bgfc", "core": 16.0, "blend": 8.0, "width": 40.0, "max_iterations": 40}
LOADS_MPA = (1400.0, 1560.0, 1640.0)


@cache
def aluminium() -> qc.Crystal:
    return qc.Crystal.fcc(qc.load_potential("Al-Ercolessi-1994"))


def lomer(extent: float = 60.0, **options) -> qc.Problem:
    return qc.dislocation(aluminium(), *LOMER, extent=extent, **options)


@cache
def strained(shear: float) -> tuple[np.ndarray, np.ndarray]:
    """F = 1 + g e_x e_y of the Lomer line whose sigma_xy is a shear, MPa, and its other stresses.

    Published numbers are of such a strain, which a cell of fixed size imposes.
    """
    crystal = lomer().crystal

    def cauchy(g):
        F = np.eye(3) + g * np.eye(3)[[0]].T @ np.eye(3)[[1]]
        return F, crystal.stress(F) @ F.T

    g = brentq(lambda g: cauchy(g)[1][0, 1] - shear * qc.units.MPA, 0.0, 0.06, xtol=1e-15)
    F, sigma = cauchy(g)
    return F, np.array([sigma[0, 0], sigma[1, 1], 0.0, 0.0, 0.0, 0.0])


@cache
def small():
    return qc.ramp(lomer(stress=strained(1600.0)[1]), shear=LOADS_MPA, **SMALL)


# --- the load -------------------------------------------------------------------------------------


def test_a_dislocation_at_a_shear_is_the_one_made_at_it():
    one, other = at_load(lomer(shear=30.0), shear=800.0), lomer(shear=800.0)
    np.testing.assert_array_equal(one.predictor.F, other.predictor.F)
    assert one.loads == other.loads and one.loads["shear"] == 800.0
    pair = qc.dipole(aluminium(), *LOMER, separation=4, extent=60.0)
    np.testing.assert_array_equal(at_load(pair, shear=800.0).predictor.F, other.predictor.F)


@pytest.mark.parametrize("method", ["bgfc", "bqcf", "atomistic"])
def test_reloaded_system_is_the_one_coupled_at_that_shear(method):
    zone = () if method == "atomistic" else (12.0, 8.0)
    moved = qc.couple(lomer(), method, *zone).at_load(shear=500.0)
    fresh = qc.couple(lomer(shear=500.0), method, *zone)
    np.testing.assert_array_equal(moved.g, fresh.g)
    u = 1e-3 * np.random.default_rng(0).standard_normal(moved.zero.shape)
    np.testing.assert_array_equal(moved.model.at(u).forces, fresh.model.at(u).forces)


@pytest.mark.parametrize(
    ("loads", "says"),
    [
        ({}, r"shear: got \[\].*one mode"),
        ({"KI": [0.4]}, r"KI:.*load of this problem: shear"),
        ({"shear": [0.0, 1e6]}, r"shear:.*bears"),
        ({"shear": [0.0, np.nan]}, r"shear:.*finite loads in MPa,"),
        ({"shear": ["a"]}, r"shear:.*loads in MPa"),
        ({"shear": [10.0, 0.0, 5.0]}, r"shear:.*rise, or fall"),
        ({"shear": 10.0}, r"shear:.*series"),
    ],
)
def test_impossible_loads_are_refused_by_name(loads, says):
    with pytest.raises(InputError, match=says):
        qc.ramp(lomer(), "bgfc", 12.0, 8.0, **loads)


def test_a_stress_at_which_the_crystal_is_unstable():
    """It is reached: the stress still rises with the shear, but other waves are unstable."""
    for shear in (5e3, -5e3):
        with pytest.raises(InputError, match=r"^shear: got -?5000\.0.*bears"):
            qc.dislocation(aluminium(), *EDGE, extent=60.0, shear=shear)


def test_a_load_that_a_problem_does_not_have():
    with pytest.raises(InputError, match=r"loads: got 'temperature', expected one of \['shear'\]"):
        at_load(lomer(), temperature=300.0)
    with pytest.raises(InputError, match=r"loads: got 'temperature'.*KI"):
        at_load(qc.vacancy(aluminium(), extent=60.0), temperature=300.0)
    with pytest.raises(InputError, match=r"loads: got \[\], expected 'shear'"):
        shear_at_load(lomer())
    with pytest.raises(InputError, match=r"problem: got 'lomer', expected a Problem"):
        at_load("lomer", shear=300.0)
    with pytest.raises(InputError, match=r"problem.*a dislocation"):
        at_load(qc.vacancy(aluminium(), extent=60.0), shear=300.0)
    assert LOADS["shear"].text(1612.5) == "shear = 1612.50"


def test_a_shear_strain_is_a_shear_and_what_it_brings_besides():
    """The pressure on the glide plane is beyond Hooke's law: a fifth of the shear at 1600 MPa."""
    F, besides = strained(1600.0)
    np.testing.assert_allclose(besides[:2] / qc.units.MPA, [-206.9, -349.4], atol=0.1)
    problem = lomer(shear=1600.0, stress=besides)
    np.testing.assert_allclose(problem.predictor.F, F, atol=1e-10)


# --- the ramp -------------------------------------------------------------------------------------


def test_a_ramp_ends_in_glide_by_a_lattice_period():
    """In a cylinder of 60 A the rim holds the line in the next valley."""
    (event,) = small().events
    assert event.kind == "glide" and event.converged and event.mode == "shear"
    assert event.width <= 40.0 and 1560.0 <= event.load <= 1640.0
    assert event.tip_after - event.tip_before == pytest.approx(2.8511, abs=0.1)
    assert event.slip.plane == (0, 0, 1)
    assert "glide" in repr(event) and "MPa, line from" in repr(event)
    assert "shear = 1" in repr(small()) and "MPa sqrt(m)" not in str(small())
    # before it the line moves by a fraction of an Angstrom, further from step to step
    held = [t for t in small().trials if t.outcome == "accepted"]
    assert np.all(np.diff([t.tip for t in held]) > 0.0)
    assert held[-1].tip - held[0].tip < 0.3
    assert all(1.0 < t.separation < 6.0 for t in held)


def test_a_resumed_ramp_is_the_same(tmp_path):
    options = SMALL | {"shear": (0.0, 300.0, 600.0)}
    whole = qc.ramp(lomer(), **options, directory=tmp_path / "whole")
    half = tmp_path / "half"
    qc.ramp(lomer(), **options, directory=half)
    lines = (half / "log.jsonl").read_text().splitlines(keepends=True)
    (half / "log.jsonl").write_text("".join(lines[:2]))
    again = qc.ramp(lomer(), **options, directory=half)
    assert [(t.load, t.tip, t.energy) for t in again.trials] == [
        (t.load, t.tip, t.energy) for t in whole.trials
    ]
    assert json.loads((half / "run.json").read_text())["mode"] == "shear"
    with pytest.raises(InputError, match=r"directory.*extent"):
        qc.ramp(lomer(70.0), **options, directory=half)


def test_the_homogeneous_slip_is_a_part_of_the_disregistry():
    """Far from the line: strain times the distance of the rows, 0.031 b at 1600 MPa."""
    system = qc.couple(lomer(shear=1600.0, stress=strained(1600.0)[1]), "bgfc", 16.0, 8.0)
    slip, F = slip_across(system, system.zero), system.problem.predictor.F
    at_rest = slip_across(qc.couple(lomer(), "bgfc", 16.0, 8.0), system.zero)
    added = (slip.along - at_rest.along) / np.linalg.norm(slip.b)
    rows = system.problem.crystal.lattice.basis[1, 1]
    np.testing.assert_allclose(added, F[0, 1] * rows / np.linalg.norm(slip.b), atol=1e-12)
    assert added[0] == pytest.approx(0.0313, abs=1e-4)


def test_the_picture_of_a_ramp(tmp_path):
    assert small().plot(tmp_path / "ramp.png").stat().st_size > 10000


# --- image force ----------------------------------------------------------------------------------


@pytest.mark.parametrize("nu", [0.1, 0.25, 0.4])
def test_clamped_stiffness_of_an_isotropic_medium(nu):
    mu = 0.3
    lame = 2.0 * mu * nu / (1.0 - 2.0 * nu)
    solid = stroh(cubic_stiffness(lame + 2.0 * mu, lame, mu))
    m = 3.0 - 4.0 * nu
    for b, factor in (((0, 0, 2.5), 1.0), ((2.5, 0, 0), (m**2 + 3.0) / (2.0 * m))):
        K = prelogarithmic_energy(solid, b)
        expected = 2.0 * K / 80.0**2 * factor
        assert clamped_stiffness(solid, b, 80.0) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("anisotropy", [0.3, 1.0, 3.0])
@pytest.mark.parametrize(
    "axes", [((1, 0, 0), (0, 1, 0), (0, 0, 1)), ((1, 1, -2), (1, 1, 1), (1, -1, 0))]
)
def test_clamped_stiffness_of_an_anisotropic_medium(anisotropy, axes):
    """Against powers of x + T y fitted to u0,1 on the rim, which they meet to 1e-3."""
    C44 = 0.5
    Q = np.array(axes) / np.linalg.norm(axes, axis=1)[:, None]
    C = cubic_stiffness(0.8 + 2.0 * C44 / anisotropy, 0.8, C44)
    solid, b = stroh(rotate_stiffness(C, Q)), np.array([2.5, 0.0, 0.8])
    angle = 2.0 * np.pi * (np.arange(400) + 0.5) / 400
    x = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    wanted = DislocationField(solid, tuple(b)).gradient(x)[:, :, 0]
    z = x[:, 0, None, None] * np.eye(3) + x[:, 1, None, None] * solid.T
    powers = np.array([np.linalg.matrix_power(z, n) for n in range(20)])
    fields = np.moveaxis(solid.A @ powers, 0, 2).reshape(1200, -1)
    columns = np.hstack([fields.real, -fields.imag])
    size = np.maximum(np.linalg.norm(columns, axis=0), 1e-300)
    c = np.linalg.lstsq(columns / size, wanted.ravel(), rcond=1e-13)[0] / size
    missed = np.abs(columns @ c - wanted.ravel()).max() / np.abs(wanted).max()
    linear = (c[:60] + 1j * c[60:]).reshape(20, 3)[1]
    G = np.zeros((3, 3))
    G[:, 0], G[:, 1] = (solid.A @ linear).real, (solid.A @ solid.T @ linear).real
    expected = -np.einsum("ijkl,kl->ij", solid.C, G)[1] @ b / 80.0**2
    assert missed < 1e-3 and expected > 0.0
    assert clamped_stiffness(solid, b, 80.0) == pytest.approx(expected, rel=1e-5)


def test_clamped_stiffness_of_a_screw_does_not_see_the_plane():
    """Antiplane a cubic crystal on its axes is isotropic, however anisotropic in the plane."""
    for anisotropy in (0.01, 100.0):
        solid = stroh(cubic_stiffness(0.8 + 1.0 / anisotropy, 0.8, 0.5))
        K = prelogarithmic_energy(solid, (0, 0, 2.5))
        k = clamped_stiffness(solid, (0, 0, 2.5), 80.0)
        assert k == pytest.approx(2.0 * K / 80.0**2, rel=1e-12)


def test_clamped_stiffness_refuses():
    solid = stroh(cubic_stiffness(1.2, 0.6, 0.3))
    for stiffness, b, radius, name in (
        (solid, (1, 0), 5.0, "b"),
        (solid, "edge", 5.0, "b"),
        (solid, (1, 0, 0), 0.0, "radius"),
        (solid, (1, 0, 0), "5", "radius"),
        (solid, (1, 0, 0), 1e300, "radius"),
        (cubic_stiffness(1.2, 0.6, 0.3), (1, 0, 0), 5.0, "stroh"),
    ):
        with pytest.raises(InputError, match=f"^{name}:"):
            clamped_stiffness(stiffness, b, radius)


def test_clamped_stiffness_of_a_medium_at_the_limit():
    """Roots next to the real axis: the sum does not end."""
    with pytest.raises(UnstableCrystalError, match=r"more than 10000 terms"):
        clamped_stiffness(stroh(cubic_stiffness(0.8 + 1e-6, 0.8, 0.5)), (1, 0, 0), 5.0)


def image_stress(problem: qc.Problem) -> float:
    """MPa an Angstrom of displacement that the clamped rim costs."""
    solid = stroh(problem.crystal.elastic_constants().tensor)
    b = problem.predictor.singular.b
    rim = problem.extent - problem.rim
    return clamped_stiffness(solid, b, rim) / float(np.linalg.norm(b)) / qc.units.MPA


def a_column_further(solution: qc.Solution) -> np.ndarray:
    """What turns the displacement of every node into that of its neighbour behind it."""
    v, ij = solution.displacement, solution.system.body.mesh.ij
    at = {tuple(node): k for k, node in enumerate(ij.tolist())}
    behind = [at.get((i - 1, j), k) for k, (i, j) in enumerate(ij.tolist())]
    return v[behind] - v


@pytest.mark.parametrize("method", ["bgfc", pytest.param("atomistic", marks=pytest.mark.slow)])
def test_the_rim_holds_the_line_as_elasticity_says(method):
    """One valley further on the same place needs a stress higher by k p/b.

    The rim is a dozen separations of the partials away: 5 per cent; 1 in a cylinder of 120 A.
    """
    problem = qc.dislocation(aluminium(), *EDGE, extent=100.0)
    period = float(problem.crystal.lattice.basis[0, 0])
    stress = image_stress(problem) * period
    system = qc.couple(problem, method, *(() if method == "atomistic" else (25.0, 12.0)))
    at_rest = qc.relax(system, fmax=1e-6)
    u = np.where(system.free, at_rest.u + a_column_further(at_rest), 0.0)
    moved = []
    for part in (0.95, 1.05):
        pushed = qc.relax(system.at_load(shear=part * stress), fmax=1e-6, u=u)
        moved.append(qc.disregistry(pushed).position - qc.disregistry(at_rest).position)
    assert moved[0] < period < moved[1]


# --- published numbers ----------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "zone", "extent", "held"),
    [
        ("atomistic", (), 120.0, 1600.0),
        ("bgfc", (30.0, 15.0), 2000.0, 1610.0),
        ("bgfc", (40.0, 15.0), 2000.0, 1610.0),
        ("bqcf", (30.0, 15.0), 2000.0, 1610.0),
    ],
)
def test_peierls_stress_of_the_lomer_line(method, zone, extent, held):
    """Published for this potential: 1600 MPa (Rodney 2007, PRB 76, 144108), by a shear strain."""
    shear = (0.0, 800.0, 1300.0, 1550.0, held, held + 5.0)
    pressed = lomer(extent, stress=strained(held)[1])
    result = qc.ramp(pressed, method, *zone, shear=shear, width=5.0, max_iterations=40)
    (event,) = result.events
    assert event.kind == "glide"
    assert (event.before, event.after) == (held, held + 5.0)
    assert event.load == pytest.approx(1600.0, rel=0.01)
    assert event.tip_before == pytest.approx(1.62, abs=0.02)


@pytest.mark.slow
def test_peierls_stress_of_the_lomer_line_in_pure_shear():
    """No pressure holds the line: a tenth less than under a shear strain."""
    shear = (0.0, 800.0, 1200.0, 1400.0, 1440.0, 1445.0)
    words = {"shear": shear, "width": 5.0, "max_iterations": 40}
    (event,) = qc.ramp(lomer(2000.0), "bgfc", 30.0, 15.0, **words).events
    assert (event.kind, event.before, event.after) == ("glide", 1440.0, 1445.0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "zone", "slip", "places"),
    [
        ("atomistic", (), 1.5, (-0.47787, -0.32892)),
        ("bgfc", (25.0, 12.0), 3.9, (0.72189, 0.81635)),
    ],
)
def test_the_edge_dislocation_follows_a_megapascal(method, zone, slip, places):
    """Its place at rest (LAMMPS: -0.478) and under 1 MPa, and the load at which it slips."""
    problem = qc.dislocation(aluminium(), *EDGE, extent=120.0)
    shear = (0.0, 1.0, *np.arange(1.5, slip, 0.8), slip, slip + 0.1)
    shear = tuple(sorted({round(float(s), 3) for s in shear}))
    result = qc.ramp(problem, method, *zone, shear=shear, width=0.1, fmax=1e-7)
    np.testing.assert_allclose(result.position[:2], places, atol=2e-5)
    (event,) = result.events
    assert event.kind == "glide" and event.before == pytest.approx(slip)
    # a column, less what it had moved in its valley
    assert event.tip_after - event.tip_before == pytest.approx(0.972, abs=0.01)
