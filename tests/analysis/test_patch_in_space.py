"""The patch test in space: ghost forces of balls of atoms in graded tetrahedra, and their rounding.

A force of a coarse cell is stress times its faces, so in space rounding grows as the area of the
cells, where in a plane it grows as their edges.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

import qcmethod as qc
from qcmethod.analysis.patch import battery
from qcmethod.errors import InputError
from qcmethod.testing import check_method

CASES = {"Al": ("Al-Ercolessi-1994", "fcc"), "W": ("W-Ackland-1987", "bcc")}
EXACT = ("qcf", "bqcf", "local")
"""Methods with a continuum that have no ghost force at any gradient."""


@cache
def crystal(case):
    potential, structure = CASES[case]
    return getattr(qc.Crystal, structure)(qc.load_potential(potential), dimensions=3)


@cache
def report(case, method, extent):
    c = crystal(case)
    cutoff = c.potential.cutoff
    problem = qc.vacancy(c, extent=extent)
    return qc.patch_test(qc.couple(problem, method, core=1.5 * cutoff, blend=cutoff))


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("method", EXACT)
def test_no_ghost_force_at_any_gradient(case, method):
    found = report(case, method, 400.0)
    assert found.passes and len(found.rows) == 10 and not found.skipped
    assert found.worst < 2e-12
    if method != "local":  # there was something to find at each
        assert not found.vacuous and all(row.uncorrected > 1e-2 for row in found.rows)


@pytest.mark.parametrize("case", CASES)
def test_all_atoms_have_none(case):
    found = report(case, "atomistic", 4.0 * crystal(case).potential.cutoff)
    assert found.passes and 0.0 < found.worst < 1e-12


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("method", ["gfc", "bgfc"])
def test_a_frozen_correction_is_exact_at_its_reference_only(case, method):
    found = report(case, method, 400.0)
    assert found.at_reference < 1e-12 and not found.passes
    assert all(1e-4 < row.worst < row.uncorrected for row in found.rows[1:])


@pytest.mark.parametrize("case", CASES)
def test_what_coarse_cells_round_is_bounded_and_printed(case):
    """At 25 times the extent the faces of cells are 600 times as large."""
    near, far = (report(case, "bqcf", extent) for extent in (400.0, 1e4))
    assert far.worst > 30.0 * near.worst and far.passes
    for found in (near, far):
        assert all(row.worst < max(row.rounding, 1e-15) for row in found.rows)
    assert 1e-10 < far.rows[-1].rounding < 1e-7  # the usual tolerance is below
    assert 200.0 < far.rows[-1].rounding / near.rows[-1].rounding < 1200.0
    assert "sum of vol |grad N| up to" in str(far)


def test_the_report_says_places_and_moments_of_space():
    found = report("Al", "bqce", 400.0)
    text = str(found).splitlines()
    assert any("at x, y, z (A)" in line for line in text)
    assert any("out-of-plane shear" in line for line in text)
    assert max(map(len, text)) <= 125
    for row in found.rows:
        f = found.forces[row.name]
        assert (found.x_k[np.linalg.norm(f, axis=1).argmax()] == row.position).all()
        y = found.x_k @ row.F.T
        turning = np.cross(y, f)
        assert row.moment == pytest.approx(np.linalg.norm(turning.sum(axis=0)), abs=1e-9)
        # of an energy: no resultants
        assert np.abs(row.net).max() < 1e-11
        assert row.moment < 1e-9 * np.abs(turning).sum()


def test_gradients_of_space_have_nine_components():
    plane, space = (battery(np.eye(3), 3, 0.02, in_space=known) for known in (False, True))
    assert list(plane) == list(space)
    for name, F in space.items():
        assert name.startswith("random") or (plane[name] == F).all()
    for name in ("random 1", "random 2"):
        H = space[name] - np.eye(3)
        assert (H != 0.0).all() and np.linalg.norm(H) == pytest.approx(0.03)


def test_any_gradient_may_be_given_in_space_but_not_of_a_period():
    F = np.eye(3) + 0.01 * np.random.default_rng(1).standard_normal((3, 3))
    found = qc.patch_test(report("W", "bqcf", 400.0).tested, {"mine": F})
    assert found.worst < 2e-12 and (found.rows[0].F == F).all()
    columns = qc.Crystal.bcc(crystal("W").potential)
    system = qc.couple(qc.vacancy(columns, extent=60.0), "bqcf", core=8.0, blend=4.0)
    with pytest.raises(InputError, match="e_z"):
        qc.patch_test(system, {"mine": F})


@pytest.mark.parametrize("method", ["bgfc", "bqcf"])
def test_methods_are_ones_in_space(method):
    """Derivatives, kind, sites, ghost forces; forces at R F turn with R about any axis."""
    c = crystal("W")
    F = np.eye(3) + 0.01 * np.random.default_rng(2).standard_normal((3, 3))
    problem = qc.vacancy(c, F, extent=26.0)
    errors = check_method(method, problem, core=7.0, blend=4.0)
    assert errors["R f"] < 1e-9


@pytest.mark.slow
def test_ghost_forces_of_bqce_fall_with_the_width_squared():
    problem = qc.homogeneous(crystal("Al"), extent=400.0)
    widths = np.array([12.0, 18.0, 24.0, 32.0])
    systems = [qc.couple(problem, "bqce", core=8.0, blend=width) for width in widths]
    worst = [qc.patch_test(system, [np.eye(3)]).worst for system in systems]
    assert np.polyfit(np.log(widths), np.log(worst), 1)[0] < -1.8
