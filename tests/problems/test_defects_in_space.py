"""Voids, platelets and loops in space: what is missing, what pulls, and what is refused."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

import qcmethod as qc
from qcmethod.errors import InputError
from qcmethod.lattice.shapes import Ball
from qcmethod.units import MPA


@cache
def solid(kind="fcc", name="Al-Ercolessi-1994", axes=((1, 0, 0), (0, 1, 0), (0, 0, 1))):
    return getattr(qc.Crystal, kind)(qc.load_potential(name), *axes, dimensions=3)


def test_a_void_is_a_ball_of_missing_sites():
    problem = qc.void(solid(), 8.0, extent=200.0)
    x = problem.position(problem.removed)
    assert len(x) == 135
    assert np.linalg.norm(x, axis=1).max() <= 8.0
    wide = qc.void(solid(), axes=(12.0, 4.0, 8.0), extent=200.0)
    x = wide.position(wide.removed)
    assert ((x / (12.0, 4.0, 8.0)) ** 2).sum(axis=1).max() <= 1.0
    volume = 4.0 / 3.0 * np.pi * 12.0 * 4.0 * 8.0 / solid().lattice.site_volume
    assert len(x) == pytest.approx(volume, rel=0.1)


def test_a_tension_is_the_stress_far_away():
    crystal = solid(axes=((1, 1, -2), (1, 1, 1), (1, -1, 0)))
    beside = np.diag([0.001, 0.0, -0.002])
    problem = qc.void(crystal, 6.0, extent=200.0, tension=700.0, stress=beside)
    F = problem.predictor.F
    sigma = crystal.stress(F) @ F.T / np.linalg.det(F)
    assert sigma == pytest.approx(beside + np.diag([0.0, 700.0 * MPA, 0.0]), abs=1e-10)
    more = qc.couple(problem, "local").at_load(tension=900.0).problem
    F = more.predictor.F
    assert (crystal.stress(F) @ F.T / np.linalg.det(F))[1, 1] == pytest.approx(900.0 * MPA)
    assert more.loads["tension"] == 900.0


@pytest.mark.parametrize(("layers", "heights"), [(1, 1), (2, 2), (3, 3)])
def test_a_platelet_has_as_many_layers_as_asked(layers, heights):
    problem = qc.platelet(solid(), (1, 1, 1), radius=9.0, layers=layers, extent=200.0)
    x = problem.position(problem.removed)
    found = np.unique(np.round(x @ np.ones(3), 6))
    assert len(found) == heights
    assert found.mean() == pytest.approx(0.0, abs=1e-6)


def test_a_loop_of_vacancies_closes_on_itself():
    """Where layers are missing the predictor moves the two sides together by b."""
    problem = qc.loop(
        solid("bcc", "W-Ackland-1987"), (-0.5, -0.5, -0.5), (1, 1, 1), radius=9.0, extent=200.0
    )
    n, b = np.ones(3) / np.sqrt(3.0), problem.loads["burgers"]
    area = len(problem.removed) * problem.crystal.lattice.site_volume / b
    assert area == pytest.approx(np.pi * 81.0, rel=0.15)
    side = np.zeros(2, dtype=np.int8)
    u = problem.predictor.singular.displacement(np.array([0.01 * n, -0.01 * n]), side)
    assert u[0] - u[1] == pytest.approx(-b * n, abs=0.02)


def test_a_frank_loop_in_aluminium_relaxes():
    problem = qc.loop(
        solid(), (-1 / 3, -1 / 3, -1 / 3), (1, 1, 1), radius=6.0, faulted=True, extent=300.0
    )
    found = qc.relax(qc.couple(problem, "bgfc", core=7.0, blend=3.0), 1e-3)
    assert len(problem.removed) == 19
    # less than a platelet of as many vacancies that stays open: 19 times 0.69 eV, and bound
    assert 5.0 < found.excess_energy < 19 * 0.6933
    apart = problem.position(problem.removed) @ np.ones(3)
    assert np.ptp(apart) < 1e-6


def test_a_shear_loop_misses_no_atom():
    problem = qc.loop(solid(), (0.5, -0.5, 0.0), (1, 1, 1), radius=12.0, extent=200.0)
    assert problem.removed is None
    x = problem.position(problem.sites(Ball(9.0)))
    assert np.abs(x @ np.ones(3)).min() > 1.0  # the plane lies between two layers


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: qc.void(qc.Crystal.fcc(solid().potential), 8.0, extent=99.0), "in space"),
        (lambda: qc.void(solid(), extent=99.0), "radius, axes"),
        (lambda: qc.void(solid(), 1e3, extent=99.0), "radius"),
        (lambda: qc.void(solid(), 0.5, extent=99.0, centre=(0.3, 0.9, 0.2)), "a site in it"),
        (lambda: qc.void(solid(), 8.0, extent=99.0, F=np.eye(3), tension=5.0), "F"),
        (lambda: qc.void(solid(), 8.0, extent=99.0, tension=1e6), "tension, stress"),
        (lambda: qc.platelet(solid(), radius=8.0, layers=0, extent=99.0), "layers"),
        (lambda: _loop((0.5, 0.5, 0.5), (1, 1, 1)), "a lattice vector"),
        (lambda: _loop((0.5, 0.5, 0.0), (1, 1, 1)), "no sites"),
        (lambda: _loop((-0.5, -0.5, 0.0), (1, 1, 0), radius=500.0), "radius"),
        (lambda: _loop((-0.5, -0.5, 0.0), (1, 1, 0), radius=None), "radius, polygon"),
        (lambda: _loop((-0.5, -0.5, 0.0), (1, 1, 0), None, np.eye(3) * 9.0), "in the plane"),
        (lambda: _loop((-0.5, -0.5, 0.0), (0, 0, 1), None, [[9, 0, 0], [0, 9, 0]]), "polygon"),
    ],
)
def test_what_is_no_defect_is_refused(call, match):
    with pytest.raises(InputError, match=match):
        call()


def _loop(burgers, normal, radius=12.0, polygon=None):
    return qc.loop(solid(), burgers, normal, radius=radius, polygon=polygon, extent=200.0)


def test_a_polygon_that_turns_clockwise_is_refused():
    square = [[9.0, 0.0, 0.0], [0.0, -9.0, 0.0], [-9.0, 0.0, 0.0], [0.0, 9.0, 0.0]]
    with pytest.raises(InputError, match="anticlockwise"):
        _loop((-0.5, 0.0, -0.5), (0, 0, 1), None, square)


# --- lines that may bend --------------------------------------------------------------------------

LOMER = {"burgers": (0.5, 0.5, 0.0), "plane": (0, 0, 1), "line": (1, -1, 0)}


@cache
def lomer(period=24.0):
    return qc.dislocation(solid(), **LOMER, extent=50.0, period=period)


def test_a_period_is_rounded_to_what_closes():
    lattice = lomer().crystal.lattice
    assert lattice.repeats == 8
    assert lattice.period == pytest.approx(8 * lattice.constant / np.sqrt(2.0))


def test_a_straight_line_in_space_is_that_of_the_plane():
    """The same atoms in the same places, by a mesh of triangles and by one of tetrahedra."""
    flat = qc.dislocation(qc.Crystal.fcc(solid().potential), **LOMER, extent=50.0)
    plane = qc.relax(qc.couple(flat, "bgfc", core=12.0, blend=6.0), 1e-3)
    space = qc.relax(qc.couple(lomer(), "bgfc", core=12.0, blend=6.0), 1e-3)
    assert space.reading["place"] == pytest.approx(plane.reading["place"], abs=0.05)
    assert space.reading["bow"] < 1e-3
    # a kink pair costs energy; it is a curve between the two places
    there = qc.relax(space.system, 1e-3, u=qc.moved(space))
    bent = qc.kinked(space, there, 12.0)
    shape = space.system.problem.watch.reading(space.system, bent)
    assert 1.5 < shape["bow"] < 2.86
    band = qc.kink_pairs(space, there, 5)
    assert band.shape == (3, *space.u.shape)


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: qc.dislocation(solid(), **LOMER, extent=50.0), "period"),
        (lambda: lomer(5.0), "two cut-offs"),
        (
            lambda: qc.dislocation(
                qc.Crystal.fcc(solid().potential), **LOMER, extent=50.0, period=24.0
            ),
            "None",
        ),
        (
            lambda: qc.dislocation(
                solid(), (0.5, -0.5, 0), (1, 1, 1), (-1, -1, 2), extent=50.0, period=24.0
            ),
            "z",
        ),
    ],
)
def test_periods_that_are_none_are_refused(call, match):
    with pytest.raises(qc.QCError, match=match):
        call()


@pytest.mark.parametrize(
    ("method", "words", "match"),
    [
        *((method, {}, "method") for method in ("grac", "qnl", "cluster", "cluster-force")),
        ("bgfc", {"metric": "hops"}, "metric"),
        ("bgfc", {"metric": "strip"}, "metric"),
        ("bgfc", {"blending": "min-hessian"}, "blending"),
        ("bgfc", {"edge_ratio": 0.3}, "edge_ratio"),
        ("bgfc", {"round_rim": True}, "round_rim"),
        ("bgfc", {"lattice_reach": 50.0}, "lattice_reach"),
    ],
)
def test_what_is_of_the_plane_is_refused_by_name(method, words, match):
    blend = 4.0 if method == "bgfc" else None
    with pytest.raises(qc.errors.CouplingError, match=match):
        qc.couple(qc.vacancy(solid(), extent=100.0), method, core=8.0, blend=blend, **words)


def test_the_field_of_its_dipole_frees_a_defect_of_the_rim():
    """A second pass: the rim is clamped where the defect would move it."""
    crystal = solid()
    first = qc.relax(
        qc.couple(qc.vacancy(crystal, extent=400.0), "bgfc", core=8.0, blend=4.0), 1e-7
    )
    P = qc.elastic_dipole(first)
    assert pytest.approx(-3.34 * np.eye(3), abs=0.05) == P
    near = first.system.problem.points(Ball(6.0))

    def places(extent, dipole):
        problem = qc.vacancy(crystal, extent=extent)
        if dipole:
            problem = qc.with_dipole(problem, P, core=12.0)
        found = qc.relax(qc.couple(problem, "bgfc", core=8.0, blend=4.0), 1e-7)
        x, side = problem.position(near), np.zeros(len(near), dtype=np.int8)
        moved = problem.predictor.displacement(x, side)
        return found.system.body.interpolation(near) @ found.u + moved

    def off(dipole):
        d = places(45.0, dipole) - places(400.0, dipole)
        return np.linalg.norm(d, axis=1).max()

    assert off(True) < 0.25 * off(False)


@pytest.mark.parametrize(
    ("dipole", "match"), [([[0, 1, 0], [0, 0, 0], [0, 0, 0]], "symmetric"), (np.eye(2), "dipole")]
)
def test_a_dipole_that_is_none_is_refused(dipole, match):
    with pytest.raises(InputError, match=match):
        qc.with_dipole(qc.vacancy(solid(), extent=100.0), dipole)
