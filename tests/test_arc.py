"""Arclength continuation: the Jacobian, folds against ramps, corners, stability, refusals.

The system is small: a tungsten cylinder of 28 A with all atoms, or of 50 A with a core of 10 A.
"""

from __future__ import annotations

import json
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest

import qcmethod as qc
from qcmethod.loading.arc_figure import flattened
from qcmethod.loading.branch import Branch, Tangent
from qcmethod.loading.configurational import configurational_force, moved
from qcmethod.loading.corrector import first_point, next_point
from qcmethod.loading.jacobian import assembled, factorise, ordered
from qcmethod.loading.walk import Step, fold_between, step_from
from qcmethod.tip import OPEN, across, front_position

K0 = 1.88


@cache
def crack(extent=28.0, KI=K0):
    crystal = qc.Crystal.bcc(
        qc.load_potential("W-Ackland-1987"), x=(0, 1, 1), y=(1, 0, 0), z=(0, 1, -1)
    )
    return qc.crack(crystal, KI=KI, extent=extent)


@cache
def tungsten():
    """From below the load at which the bond breaks, around the upper fold and the lower one."""
    return qc.arc(crack(), "atomistic", KI=K0, steps=26)


@cache
def coupled(method):
    return qc.couple(crack(50.0, 1.7), method, 10.0, 6.0)


# --- the Jacobian ---------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["atomistic", "bqce", "bgfc", "bqcf"])
def test_the_assembled_jacobian_is_the_action(method):
    system = qc.couple(crack(), method) if method == "atomistic" else coupled(method)
    state = system.model.at(system.zero)
    H = assembled(system.model, state)
    v = np.random.default_rng(1).normal(size=H.shape[0])
    action = system.model.stiffness(state).matvec(v)
    np.testing.assert_allclose(H @ v, action, rtol=0, atol=1e-10 * np.abs(action).max())


def test_pivots_count_the_negative_eigenvalues():
    """Sylvester: at the predictor, at an unstable point of the curve, and for a shifted matrix."""
    result = tungsten()
    unstable = next(p for p in result.points if p.unstable and not p.fold)
    solution = result.solution(unstable.number)
    system = solution.system
    index = np.flatnonzero(system.free.ravel())
    factors = factorise(
        system.model, system.model.at(solution.u), index, ordered(system, index)
    )
    exact = np.linalg.eigvalsh(factors.H.toarray())
    assert factors.negative == (exact < 0.0).sum() == 1
    b = np.random.default_rng(2).normal(size=len(index))
    np.testing.assert_allclose(factors.H @ factors.solve(b), b, rtol=0, atol=1e-9)


def test_the_sign_of_the_determinant_of_a_force_field():
    system = coupled("bqcf")
    index = np.flatnonzero(system.free.ravel())
    factors = factorise(
        system.model, system.model.at(system.zero), index, ordered(system, index)
    )
    sign, _ = np.linalg.slogdet(factors.H.toarray())
    assert (-1.0) ** factors.negative == sign


# --- one curve ------------------------------------------------------------------------------------


def test_every_point_is_an_equilibrium():
    result = tungsten()
    points = [p for p in result.points if not p.fold]
    assert max(p.fmax for p in points) <= 1e-7
    assert [p.number for p in result.points] == list(range(len(result.points)))
    assert np.all(np.diff([p.s for p in result.points]) > 0.0)
    assert result.stopped == "steps" and not result.completed
    for p in points[:: len(points) // 3]:
        again = result.solution(p.number)
        assert again.system.problem.loads["KI"] == p.load
        assert again.excess_energy == pytest.approx(p.energy, abs=1e-11)
        assert again.fmax == pytest.approx(p.fmax, abs=1e-12)


def test_folds_separate_minima_from_saddles():
    result = tungsten()
    upper, lower = result.folds[:2]
    assert (upper.fold, lower.fold) == ("upper", "lower")
    for p in result.points:
        if not p.fold:
            assert p.unstable == (1 if upper.number < p.number < lower.number else 0) or (
                p.number > lower.number
            )
            assert p.stable == (p.slope > 0.0)
    assert upper.load == result.K.max()
    # pinned: measured
    assert (upper.load, lower.load) == pytest.approx((UPPER, LOWER), abs=2e-5)
    assert upper.slope == lower.slope == 0.0
    assert result.points[0].tip < upper.tip < lower.tip


def test_the_upper_fold_is_where_a_ramp_finds_the_advance():
    """The same system: the fold lies in the bracket of the ramp."""
    upper = tungsten().folds[0]
    loads = (K0, upper.load - 1e-3, upper.load + 1e-3)
    ramp = qc.ramp(crack(), "atomistic", KI=loads, width=2.1e-3, jump=0.4)
    (event,) = ramp.events
    assert event.kind == "advance"
    assert event.before < upper.load < event.after


def test_the_derivative_of_the_energy_is_the_force_on_the_load():
    """dE/ds = -f_K dK/ds along the curve, stable or not: both sides of a chord."""
    result = tungsten()
    p = [q for q in result.points if not q.fold]
    checked = 0
    for a, b in zip(p[:-1], p[1:], strict=True):
        if b.s - a.s > 0.15 or abs(b.load - a.load) < 1e-4 or b.number != a.number + 1:
            continue
        mean = -0.5 * sum(configurational_force(result.solution(q.number), "KI") for q in (a, b))
        assert (b.energy - a.energy) / (b.load - a.load) == pytest.approx(mean, rel=2e-3)
        checked += 1
        if checked == 6:
            break
    assert checked == 6


def test_files_and_text(tmp_path, capsys):
    result = tungsten()
    content = json.loads(result.write(tmp_path / "x.json").read_text())
    assert content["run"]["method"] == "atomistic" and len(content["points"]) == len(result.points)
    assert content["trapping"] == [list(pair) for pair in result.trapping]
    assert result.plot(tmp_path / "x.png").stat().st_size > 10_000
    assert len(str(result).splitlines()) == len(result.points) + 3
    assert "upper" in repr(result)
    with pytest.raises(qc.errors.InputError, match="number"):
        result.solution(len(result.points))
    with pytest.raises(qc.errors.InputError, match="suffix"):
        result.write(tmp_path / "x.txt")
    with pytest.raises(qc.errors.InputError, match="suffix"):
        result.plot(tmp_path / "x.txt")
    parabola = np.linspace(1.0, 2.0, 7)
    np.testing.assert_allclose(flattened(parabola, 3.0 * parabola**2 - 1.0), 0.0, atol=1e-12)
    assert flattened(parabola[:2], parabola[:2]).tolist() == pytest.approx([0.0, 1.0 / 6.0])
