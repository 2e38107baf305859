"""Arclength continuation: the Jacobian, folds against ramps, corners, stability, refusals.

The system is small: a tungsten cylinder of 28 A with all atoms, or of 50 A with a core of 10 A.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import import_module

import numpy as np
import pytest
from figures import panel_alone

import qcmethod as qc
from qcmethod.analysis.crack.configurational import configurational_force
from qcmethod.coupling.ghost import frozen
from qcmethod.plot.arc import flattened
from qcmethod.problems.crack_watch import CrackWatch
from qcmethod.solve.jacobian import assembled, factorise
from qcmethod.solve.linear import elimination_order
from qcmethod.studies.arc import walk
from qcmethod.studies.arc.corrector import first_point
from qcmethod.studies.arc.load_line import LoadLine

arc_module = import_module("qcmethod.studies.arc.arc")

K0 = 1.88
FOLDS = (2.119318, 2.077077, 2.098447)
"""Measured; the middle one and the last are corners: a bond reaches the cut-off."""


@cache
def crack(extent=28.0, KI=K0):
    crystal = qc.Crystal.bcc(
        qc.load_potential("W-Ackland-1987"), x=(0, 1, 1), y=(1, 0, 0), z=(0, 1, -1)
    )
    return qc.crack(crystal, KI=KI, extent=extent)


@cache
def tungsten():
    """From below the load at which the bond breaks, around the upper fold and the lower one."""
    return qc.arc(crack(), "atomistic", KI=K0, steps=22)


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
    order = elimination_order(system, index)
    factors = factorise(system.model, system.model.at(solution.u), index, order)
    exact = np.linalg.eigvalsh(factors.H.toarray())
    assert factors.negative == (exact < 0.0).sum() == 1
    b = np.random.default_rng(2).normal(size=len(index))
    np.testing.assert_allclose(factors.H @ factors.solve(b), b, rtol=0, atol=1e-9)


def test_the_sign_of_the_determinant_of_a_force_field():
    system = coupled("bqcf")
    index = np.flatnonzero(system.free.ravel())
    order = elimination_order(system, index)
    factors = factorise(system.model, system.model.at(system.zero), index, order)
    sign, _ = np.linalg.slogdet(factors.H.toarray())
    assert (-1.0) ** factors.negative == sign


# --- one curve ------------------------------------------------------------------------------------


def test_every_point_is_an_equilibrium():
    result = tungsten()
    points = [p for p in result.points if not p.fold]
    assert max(p.fmax for p in points) <= 1e-7
    assert [p.number for p in result.points] == list(range(len(result.points)))
    assert np.all(np.diff([p.s for p in result.points]) > 0.0)
    assert result.stopped == "ended after the steps asked for" and not result.completed
    assert repr(result).endswith("; ended after the steps asked for)")
    for p in points[:: len(points) // 3]:
        again = result.solution(p.number)
        assert again.system.problem.loads["KI"] == p.load
        assert again.excess_energy == pytest.approx(p.energy, abs=1e-11)
        assert again.fmax == pytest.approx(p.fmax, abs=1e-12)


def test_folds_separate_minima_from_saddles():
    result = tungsten()
    assert [p.fold for p in result.folds] == ["upper", "lower", "upper"]
    for p in result.points:
        if not p.fold:
            behind = sum(f.number < p.number for f in result.folds)
            assert p.unstable == behind % 2
            assert p.stable == (p.slope > 0.0)
    assert [p.load for p in result.folds] == pytest.approx(FOLDS, abs=3e-5)
    assert result.trapping == (tuple(p.load for p in result.folds[1:]),)
    assert all(p.slope == 0.0 for p in result.folds)
    # the tip moves on, and never by more than a part of a column
    gone = np.diff(result.tip)
    assert gone.min() > 0.0 and gone.max() < 0.2


def test_near_a_fold_there_are_two_equilibria_below_and_none_above():
    result = tungsten()
    upper = result.folds[0]
    branch, n = result.branch, upper.number
    low = upper.load - 5e-4
    found = [first_point(branch, result.states[k], low, 1e-8, True) for k in (n - 1, n + 1)]
    assert [p.unstable for p in found] == [0, 1]
    assert found[0].state.energy < found[1].state.energy
    assert first_point(branch, result.states[n], upper.load + 1e-4, 1e-8, True) is None


def test_the_upper_fold_is_where_a_ramp_finds_the_advance():
    """The same system: the fold lies in the bracket of the ramp, 4e-4 wide."""
    upper = tungsten().folds[0]
    loads = (K0, 2.1, upper.load - 2e-4, upper.load + 2e-4)
    (event,) = qc.ramp(crack(), "atomistic", KI=loads, width=4.1e-4).events
    assert event.kind == "advance" and event.converged
    assert event.before < upper.load < event.after


def test_the_derivative_of_the_energy_is_the_force_on_the_load():
    """dE = -f_K dK along the curve, on the unstable piece too: trapezium rule over a step."""
    result = tungsten()
    for first in (1, 7, 8, 24):
        a, b = result.points[first : first + 2]
        assert not a.fold and not b.fold
        f = [configurational_force(result.solution(p.number), "KI") for p in (a, b)]
        slope = (b.energy - a.energy) / (b.load - a.load)
        assert slope == pytest.approx(-0.5 * sum(f), rel=1e-3)


def test_falling_loads_from_a_solution_and_another_load():
    """The same branch backwards: it passes the first point of the curve."""
    result = tungsten()
    back = qc.arc(
        crack(), "atomistic", KI=result.points[1].load, u=result.solution(1), falling=True, steps=2
    )
    assert back.points[0].energy == pytest.approx(result.points[1].energy, abs=1e-9)
    assert [p.slope < 0.0 and p.stable for p in back.points] == [True] * 3
    between = np.interp(result.points[0].load, back.K[::-1], back.tip[::-1])
    assert between == pytest.approx(result.points[0].tip, abs=0.01)


@pytest.mark.slow
def test_a_corner_is_found_where_shorter_steps_find_it():
    """From an unstable point on, which a solution without residual forces may be."""
    result = tungsten()
    start = result.points[11]
    assert start.unstable == 1
    again = qc.arc(
        crack(),
        "atomistic",
        KI=start.load,
        u=result.solution(11),
        falling=True,
        ds=0.04,
        steps=5,
    )
    assert again.points[0].unstable == 1
    (corner,) = again.folds
    assert corner.fold == "lower"
    assert corner.load == pytest.approx(result.folds[1].load, abs=3e-5)


def test_where_a_symmetry_breaks_there_is_no_fold():
    """Between mirror images of a tip an eigenvalue passes zero, and the load rises on."""
    crystal = qc.Crystal.bcc(
        qc.load_potential("Fe-Finnis-1984"), x=(1, -1, 0), y=(0, 0, 1), z=(-1, -1, 0)
    )
    K = 1.1 * qc.griffith_load(crystal)
    result = qc.arc(qc.crack(crystal, KI=K, extent=40.0), "atomistic", KI=K, steps=4)
    before, (fold,) = result.points[:4], result.folds
    assert [p.unstable for p in before] == [0, 0, 0, 1]
    assert all(p.slope > 0.0 for p in before) and np.all(np.diff([p.load for p in before]) > 0.0)
    assert (fold.fold, fold.number) == ("upper", 4)
    assert fold.load == pytest.approx(1.067014, abs=3e-5)
    assert result.points[-1].unstable == 2 and result.points[-1].tip > fold.tip


def test_no_step_leads_back_around_a_corner():
    result = tungsten()
    branch, fold = result.branch, result.folds[0].number
    stable, unstable = (
        first_point(branch, result.states[n], result.points[n].load, 1e-7, True)
        for n in (fold - 1, fold + 1)
    )
    behind = (stable.u, stable.K, stable.unstable)
    gone = branch.distance(stable.u - unstable.u, stable.K - unstable.K)
    step = (branch, unstable, stable, unstable.tangent, gone, False)
    assert walk._follows(*step, None)
    assert not walk._follows(*step, behind)
    # without a corner between the two it is left to the tangents
    assert walk._follows(*step, (stable.u, stable.K, unstable.unstable))


# --- coupled systems ------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["bgfc", "bqcf"])
def test_models_on_a_line_of_loads_are_those_of_a_reload(method):
    system = coupled(method)
    u = np.where(system.free, np.random.default_rng(0).normal(size=system.zero.shape), 0.0) * 0.01
    for reference in (None, np.eye(3)):
        line = LoadLine.of(frozen(system, reference), "KI", reference)
        found, exact = line.model(1.83).at(u), system.at_load(reference, KI=1.83).model.at(u)
        np.testing.assert_allclose(found.forces, exact.forces, rtol=0, atol=1e-12)
        if method == "bgfc":
            assert found.energy == pytest.approx(exact.energy, abs=1e-11)


@pytest.mark.parametrize("method", ["bgfc", "bqcf"])
def test_coupled_systems_follow_the_branch(method):
    result = qc.arc(crack(50.0, 1.7), method, 10.0, 6.0, KI=1.7, steps=2)
    assert [p.stable and p.slope > 0.0 for p in result.points] == [True] * 3
    assert max(p.fmax for p in result.points) <= 1e-7
    relaxed = qc.relax(result.branch.at(result.points[-1].load), 1e-8, u=result.states[0])
    np.testing.assert_allclose(result.states[-1], relaxed.u, rtol=0, atol=1e-6)
    assert (result.points[-1].energy is None) == (method == "bqcf")


def test_a_tip_outside_of_the_core_ends_the_curve(monkeypatch):
    def outside(watch, system, state):
        if system.problem.loads["KI"] != 1.7:
            raise qc.errors.ConvergenceError("its tip is outside of the core")

    monkeypatch.setattr(CrackWatch, "after", outside)
    result = qc.arc(crack(50.0, 1.7), "bgfc", 10.0, 6.0, KI=1.7, steps=5)
    assert result.stopped == "its tip is outside of the core" and len(result.points) == 2


# --- where it ends --------------------------------------------------------------------------------


def test_a_step_that_cannot_be_cut_further_keeps_everything(monkeypatch):
    step = walk.next_point
    calls = []

    def failing(*arguments):
        calls.append(arguments[3])
        return step(*arguments) if len(calls) == 1 else None

    monkeypatch.setattr(walk, "next_point", failing)
    result = qc.arc(crack(), "atomistic", KI=K0, steps=5, ds=0.4)
    assert len(result.points) == 2 and not result.completed
    assert "no step of 0.4 A or shorter" in result.stopped
    assert min(calls) < 0.4 / 1000


def test_periods_end_the_curve():
    result = qc.arc(crack(), "atomistic", KI=K0, periods=0.05, steps=5)
    assert result.completed and len(result.points) == 2
    assert result.stopped == "followed over the periods asked for"


def test_no_first_equilibrium(monkeypatch):
    monkeypatch.setattr(arc_module, "first_point", lambda *arguments: None)
    with pytest.raises(qc.errors.ConvergenceError, match=r"arc.*KI = 1\.88"):
        qc.arc(crack(), "atomistic", KI=K0)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"KI": None}, r"KI, KII, KIII.*one mode"),
        ({"KII": 0.1}, r"KI, KII, KIII.*one mode"),
        ({"KI": [1.7, 1.8]}, r"KI.*one load to start from"),
        ({"KI": -1.0}, r"KI.*above 0"),
        ({"KI": float("nan")}, r"KI.*finite"),
        ({"steps": 0}, "steps"),
        ({"steps": 1.5}, "steps"),
        ({"ds": 0.0}, "ds"),
        ({"ds": "long"}, "ds"),
        ({"periods": -1.0}, "periods"),
        ({"width": float("inf")}, "width"),
        ({"fmax": 0.0}, "fmax"),
        ({"reference": "last"}, "reference.*history"),
        ({"reference": np.eye(2)}, "reference"),
        ({"u": np.zeros((3, 3))}, "u"),
        ({"u": "start"}, "^u: "),
        ({"fmax": "small"}, "fmax"),
        ({"reference": [["a"]]}, "reference"),
        ({"falling": "yes"}, "falling"),
        ({"method": "grac"}, r"method.*bgfc or bqcf"),
        ({"core": 1.0}, "core"),
    ],
)
def test_bad_arguments_are_refused_by_name(options, says):
    given = {"method": "bgfc", "core": 10.0, "blend": 6.0, "KI": 1.7, **options}
    with pytest.raises(qc.errors.InputError, match=says):
        qc.arc(crack(50.0, 1.7), **given)


def test_problems_without_a_crack_are_refused():
    with pytest.raises(qc.errors.InputError, match=r"problem.*crack"):
        qc.arc(qc.vacancy(crack().crystal, extent=60.0), "atomistic", KI=1.0)


def test_files_and_text(tmp_path, capsys):
    result = tungsten()
    content = json.loads(result.write(tmp_path / "x.json").read_text())
    assert content["run"]["method"] == "atomistic" and len(content["points"]) == len(result.points)
    assert content["trapping"] == [list(pair) for pair in result.trapping]
    assert result.plot(tmp_path / "x.png").stat().st_size > 10_000
    panel_alone(result)
    assert len(str(result).splitlines()) == len(result.points) + 3
    assert "upper" in repr(result)
    with pytest.raises(qc.errors.InputError, match="number"):
        result.solution(len(result.points))
    with pytest.raises(qc.errors.InputError, match="suffix"):
        result.write(tmp_path / "x.txt")
    with pytest.raises(qc.errors.InputError, match=r"solution\(number\)\.write\('x\.vtu'\)"):
        result.write(tmp_path / "x.vtu")
    with pytest.raises(qc.errors.InputError, match="suffix"):
        result.plot(tmp_path / "x.txt")
    parabola = np.linspace(1.0, 2.0, 7)
    np.testing.assert_allclose(flattened(parabola, 3.0 * parabola**2 - 1.0), 0.0, atol=1e-12)
    assert flattened(parabola[:2], parabola[:2]).tolist() == pytest.approx([0.0, 1.0 / 6.0])
