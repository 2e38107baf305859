"""Load ramps: cutting, rollback, bisection at an event, its kind and place, going on after a kill.

The system is small: a cylinder of 50 A with a core of 10 A; the trial of an event takes a second.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path

import ase.io
import numpy as np
import pytest
from figures import panel_alone
from hypothesis import given
from hypothesis import strategies as st
from oracles import new_lammps

import qcmethod as qc
from qcmethod.analysis.events.bonds import Bonds
from qcmethod.analysis.events.classify import classify
from qcmethod.analysis.events.slip import find_slip, slip_planes
from qcmethod.lattice.miller import along
from qcmethod.plot.ramp import _caption as caption
from qcmethod.problems.crack import at_load
from qcmethod.solve import preconditioner
from qcmethod.solve.linear import elastic
from qcmethod.studies.ramp import follow, way
from qcmethod.studies.ramp.history import header, line
from qcmethod.studies.ramp.plan import Trial, judged, next_trial

AXES = {"x": (1, 1, -2), "y": (1, 1, 1), "z": (1, -1, 0)}
LOADS = (0.46, 0.475, 0.49)
SMALL = {"method": "bgfc", "core": 10.0, "blend": 6.0, "width": 8e-3, "max_iterations": 25}


@cache
def crack(extent=50.0):
    crystal = qc.Crystal.fcc(qc.load_potential("Al-Ercolessi-1994"), **AXES)
    return qc.crack(crystal, KI=0.46, extent=extent)


@cache
def small():
    return qc.ramp(crack(), KI=LOADS, **SMALL)


# --- the plan ------------------------------------------------------------------------------------


def simulated(loads, width, critical, reach=np.inf, events=1, stop=None):
    """The log of a crack that jumps at each load of `critical`, or when a step exceeds `reach`."""
    trials = []
    while stop is None or len(trials) < stop:
        what = next_trial(trials, loads, width, events)
        if what is None:
            return trials
        load, number = what
        start = None if number is None else trials[number].load
        steady = start is None or (
            abs(load - start) <= reach
            and not any(min(start, load) < c <= max(start, load) for c in critical)
        )
        outcome = judged(load, start, steady, width)
        trials.append(Trial(len(trials), load, number, outcome))
    return trials


@given(
    critical=st.floats(0.405, 0.5),
    n=st.integers(2, 9),
    width=st.floats(1e-5, 5e-3),
    reach=st.floats(6e-3, 1.0),
    falling=st.booleans(),
)
def test_the_bracket_holds_the_load_and_is_narrow(critical, n, width, reach, falling):
    loads = np.linspace(0.4, 0.52, n)[:: -1 if falling else 1].tolist()
    trials = simulated(loads, width, [critical], reach)
    event, before = trials[-1], trials[trials[-1].start]
    low, high = sorted((before.load, event.load))
    assert event.outcome == "event" and before.outcome == "accepted"
    assert low <= critical <= high
    assert high - low <= width * (1 + 1e-9)
    accepted = [t.load for t in trials if t.outcome == "accepted"]
    assert accepted == sorted(accepted, reverse=falling)
    assert len(trials) < 20 * (n + np.log2(0.12 / width))


@given(st.lists(st.floats(0.41, 0.5), min_size=1, max_size=3, unique=True), st.integers(1, 30))
def test_the_plan_depends_on_the_log_alone(critical, stop):
    loads = [0.4, 0.45, 0.52]
    whole = simulated(loads, 1e-3, critical, events=3)
    part = simulated(loads, 1e-3, critical, events=3, stop=stop)
    assert part == whole[: len(part)]


def test_every_trial_starts_from_the_last_accepted_state():
    trials = simulated([0.4, 0.44, 0.48], 1e-3, [0.4627])
    assert {t.outcome for t in trials} == {"accepted", "cut", "event"}
    for n, trial in enumerate(trials[1:], 1):
        assert trial.start == max(t.number for t in trials[:n] if t.outcome == "accepted")


def test_events_follow_each_other():
    trials = simulated([0.4, 0.44, 0.5], 1e-3, [0.41, 0.47], events=2)
    assert [t.outcome for t in trials].count("event") == 2
    first = next(t for t in trials if t.outcome == "event")
    assert trials[first.number + 1].start == first.number
    assert simulated([0.4, 0.44, 0.5], 1e-3, [0.41], events=2)[-1].load == 0.5


def test_nothing_follows_an_event_without_a_state():
    trials = [
        Trial(0, 0.4, None, "accepted"),
        Trial(1, 0.401, 0, "event", converged=False),
    ]
    assert next_trial(trials, [0.4, 0.401, 0.5], 1e-3, 5) is None
    assert next_trial([trials[0], Trial(1, 0.401, 0, "event")], [0.4, 0.401, 0.5], 1e-3, 5) == (
        0.5,
        1,
    )


# --- the same mesh at another load ----------------------------------------------------------------


@pytest.mark.parametrize("method", ["bgfc", "bqcf", "atomistic"])
def test_reloaded_system_is_the_one_coupled_at_that_load(method):
    zone = () if method == "atomistic" else (10.0, 6.0)
    moved = qc.couple(crack(), method, *zone).at_load(KI=0.5)
    fresh = qc.couple(at_load(crack(), KI=0.5), method, *zone)
    assert moved.problem.loads == fresh.problem.loads == {"KI": 0.5, "KII": 0.0, "KIII": 0.0}
    for name in ("F0_q", "y0_l", "x_k", "ij_l"):
        np.testing.assert_array_equal(getattr(moved.body, name), getattr(fresh.body, name))
    np.testing.assert_array_equal(moved.g, fresh.g)
    u = 1e-3 * np.random.default_rng(0).standard_normal(moved.zero.shape)
    np.testing.assert_array_equal(moved.model.at(u).forces, fresh.model.at(u).forces)


def test_at_load_is_crack_at_that_load():
    one, other = (
        at_load(crack(), KI=0.5, KII=0.1),
        qc.crack(crack().crystal, KI=0.5, KII=0.1, extent=50.0),
    )
    x = np.array([[3.0, 1.0, 0.0], [-7.0, -2.0, 1.0]])
    side = np.zeros(2, dtype=np.int8)
    np.testing.assert_array_equal(
        one.predictor.displacement(x, side), other.predictor.displacement(x, side)
    )
    assert one.loads == other.loads


def test_at_load_refuses():
    with pytest.raises(qc.errors.InputError, match=r"loads.*K4"):
        at_load(crack(), K4=1.0)
    with pytest.raises(qc.errors.InputError, match="KI"):
        at_load(crack(), KI=-0.1)
    vacancy = qc.vacancy(crack().crystal, extent=60.0)
    with pytest.raises(qc.errors.InputError, match=r"problem.*crack"):
        at_load(vacancy, KI=0.4)


def test_reference_last_freezes_the_ghost_force_at_the_last_state():
    """There the forces of bgfc are those of bqcf; at the predictor they are not."""
    result, u = small(), small().corrector(0)
    forces = {}
    for reference in ("last", "predictor"):
        last = follow.Follower(**{**vars(result.follower), "reference": reference}).at(0.47, u)
        f = np.where(last.free, last.model.at(u).forces, 0.0)
        forces[reference] = np.abs(f - np.where(last.free, last.force_model.at(u).forces, 0.0))
    assert forces["last"].max() < 1e-12 < 1e-4 < forces["predictor"].max()


# --- bonds, slip, events --------------------------------------------------------------------------


def shifted(system, normal, vector, level):
    """Reference positions, and those with everything above a plane displaced."""
    x = system.body.x_l
    return x, x + (x @ normal > level)[:, None] * np.asarray(vector)


@pytest.mark.parametrize("burgers", [(1, 1, 2), (-2, 1, -1)])
def test_a_shockley_partial_is_recognised(burgers):
    system = small().follower.system
    lattice, bonds = system.problem.crystal.lattice, Bonds.of(system)
    plane, normal = next(p for p in slip_planes(lattice) if p[0] == (1, 1, -1))
    b = lattice.axes @ np.array(burgers) * lattice.constant / 6.0
    before, after = shifted(system, normal, b, 0.4)
    slip = find_slip(bonds, bonds.change(before, after), lattice, 0.7, 0.0)
    assert slip.plane == plane and slip.planes == 1
    np.testing.assert_allclose(slip.vector, b, atol=1e-12)
    assert slip.name == "Shockley partial"
    assert slip.burgers == f"a/6[{burgers[0]} {burgers[1]} {burgers[2]}]"
    assert np.hypot(*slip.start) < 5.0 < 12.0 < np.hypot(*slip.end) < 17.0


def event_of(before, after, tips=(0.0, 0.0), shift=None):
    system = small().follower.system
    lattice, bonds = system.problem.crystal.lattice, Bonds.of(system)
    trials = (
        Trial(0, 0.44, None, "accepted", tip=tips[0]),
        Trial(1, 0.441, 0, "event", bonds.largest(before, after), tip=tips[1]),
    )
    return classify(bonds, lattice, 0.7, trials, (before, after), None)


def test_kinds_of_events():
    system = small().follower.system
    lattice, x = system.problem.crystal.lattice, system.body.x_l
    plane, normal = next(p for p in slip_planes(lattice) if p[0] == (1, 1, -1))
    b = lattice.axes @ np.array((1, 1, 2)) * lattice.constant / 6.0
    spacing = lattice.constant / np.sqrt(3.0)
    before, one = shifted(system, normal, b, 0.4)
    two = one + shifted(system, normal, b, 0.4 + spacing)[1] - x
    assert event_of(before, one).kind == "emission"
    assert event_of(before, two).kind == "twinning"
    assert event_of(before, two).slip.planes == 2
    ahead = (x[:, 1] > 0.0) & (np.abs(x[:, 0]) < 6.0)
    opened = x + ahead[:, None] * np.array([0.0, 1.2, 0.0])
    assert event_of(x, opened, (0.0, 4.9)).kind == "advance"
    assert event_of(opened, x, (4.9, 0.0)).kind == "closure"
    assert event_of(x, opened, (0.0, 0.0)).kind == "rearrangement"
    single = x.copy()
    single[np.argmin(np.linalg.norm(x[:, :2], axis=1))] += [0.0, 0.9, 0.0]
    assert event_of(x, single).kind == "rearrangement"
    assert event_of(x, x).kind == "no convergence"


def test_a_partial_next_to_an_earlier_one_makes_a_twin():
    """Aluminium twins here (Hai and Tadmor 2003): the trailing partial would need shear."""
    loads = (0.45, 0.46, 0.47, 0.49, 0.51, 0.53, 0.55, 0.57)
    result = qc.ramp(crack(60.0), "atomistic", KI=loads, width=0.01, events=3)
    first, advance, twin = result.events
    assert (first.kind, advance.kind, twin.kind) == ("emission", "advance", "twinning")
    assert [e.load for e in result.events] == pytest.approx([0.465, 0.495, 0.555])
    assert first.slip.plane == twin.slip.plane == (1, 1, -1)
    assert abs(first.slip.level - twin.slip.level) == 1
    assert twin.slip.next_to(first.slip) and not twin.slip.next_to(twin.slip)
    assert result.steps[-1].energy == pytest.approx(32.09356082, abs=1e-6)


def test_slip_planes_hold_the_front():
    fcc = crack().crystal.lattice
    assert [p for p, _ in slip_planes(fcc)] == [(1, 1, 1), (1, 1, -1)]
    bcc = qc.Crystal.bcc(
        qc.load_potential("W-Ackland-1987"), x=(0, 0, -1), y=(1, 1, 0), z=(1, -1, 0)
    ).lattice
    found = slip_planes(bcc)
    assert {p for p, _ in found} == {(1, 1, 0), (1, 1, 2), (1, 1, -2)}
    for plane, normal in found:
        assert abs(normal[2]) < 1e-9 and normal[1] >= 0.0
        np.testing.assert_allclose(normal, bcc.axes @ plane / np.linalg.norm(plane), atol=1e-12)
    assert along(np.array([1.0, 1.0, -2.0]) / np.sqrt(6.0)) == (1, 1, -2)


def test_bonds_across_the_open_flanks_do_not_count():
    system = small().follower.system
    bonds, x = Bonds.of(system), system.body.x_l
    assert bonds.length == pytest.approx(2.8511, abs=1e-4)
    np.testing.assert_allclose(np.linalg.norm(bonds.X, axis=1), bonds.length, rtol=1e-12)
    apart = x + (x[:, 1] > 0.0)[:, None] * np.array([0.0, 5.0, 0.0])
    further = x + (x[:, 1] > 0.0)[:, None] * np.array([0.0, 9.0, 0.0])
    assert bonds.largest(apart, further) < 1e-12
    assert bonds.largest(x, apart) == pytest.approx(5.0)


# --- a ramp ---------------------------------------------------------------------------------------


def test_the_event_is_bracketed_and_named():
    result = small()
    (event,) = result.events
    assert [t.outcome for t in result.trials] == ["accepted", "accepted", "cut", "event"]
    assert (event.before, event.after) == pytest.approx((0.475, 0.4825), abs=1e-12)
    assert event.width <= SMALL["width"] and event.before < event.K < event.after
    assert event.kind == "emission" and not event.converged and event.message
    assert event.slip.plane == (1, 1, -1)
    # downwards and forwards out of the tip, on the side of the growth direction
    assert event.slip.end[1] < event.slip.start[1] < 0.0 < event.slip.end[0]
    assert "emission" in repr(result) and "0.47875" in repr(event)
    assert len(str(result).splitlines()) == 2 + 4 + 1
    assert not result.completed


def test_rollback_keeps_the_state_before():
    result = small()
    before = result.solution()
    assert before.system.problem.loads["KI"] == 0.475
    assert before.iterations == 0 and before.fmax <= 1e-5
    np.testing.assert_array_equal(before.u, result.corrector(1))
    assert before.excess_energy == result.trials[1].energy
    assert before.tip == result.trials[1].tip == 0.0
    # the cut trial started from that state, and so did the one that closed the bracket
    assert [t.start for t in result.trials] == [None, 0, 1, 1]
    assert result.trials[1].energy == pytest.approx(27.447655, abs=1e-6)
    with pytest.raises(qc.errors.InputError, match="number"):
        result.solution(99)


def test_a_trial_without_an_equilibrium_is_not_relaxed_again(monkeypatch):
    """The state is the one that the trial ended at, not what more iterations would make of it."""
    result = small()
    monkeypatch.setattr(
        "qcmethod.studies.ramp.result.relax", lambda *a, **b: pytest.fail("relaxed")
    )
    for trial in result.trials[2:]:
        says = rf"trial {trial.number} at K = 0\.4\d+ MPa sqrt\(m\) .*state\({trial.number}\)"
        with pytest.raises(qc.errors.ConvergenceError, match=says) as caught:
            result.solution(trial.number)
        best = caught.value.best
        assert caught.value.iterations == best.iterations
        np.testing.assert_array_equal(best.u, result.corrector(trial.number))
        assert best.fmax > 1e-5
    assert best.iterations == SMALL["max_iterations"]
    assert f"residual {best.fmax:.3e} eV/A" in trial.message
    with pytest.raises(qc.errors.ConvergenceError, match=r"trial 3 .*state\(3\)"):
        result.solution(-1)
    found = qc.structure.common_neighbours(result.state(3))
    assert "hcp" in repr(found)


@pytest.mark.parametrize("method", ["bgfc", pytest.param("bqcf", marks=pytest.mark.slow)])
def test_a_trial_that_will_be_cut_ends_at_its_first_jumped_bond(monkeypatch, method):
    """Loads, outcomes and events are those of trials that are all followed to their ends."""
    options = SMALL | {"method": method, "max_iterations": 25 if method == "bgfc" else 80}
    result = small() if method == "bgfc" else qc.ramp(crack(), KI=LOADS, **options)
    monkeypatch.setattr(follow, "closes", lambda *loads: True)
    whole = qc.ramp(crack(), KI=LOADS, **options)
    assert [(t.load, t.outcome) for t in result.trials] == [
        (t.load, t.outcome) for t in whole.trials
    ]
    for short, long in zip(result.trials, whole.trials, strict=True):
        if short.outcome == "cut":
            assert short.iterations < long.iterations and short.message == way.JUMPED
            assert short.inner > 0
            assert result.follower.threshold < short.change < long.change
        else:
            np.testing.assert_array_equal(
                result.corrector(short.number), whole.corrector(long.number)
            )
    assert [e.record() for e in result.events] == [e.record() for e in whole.events]


@pytest.mark.parametrize("method", ["bgfc", pytest.param("bqcf", marks=pytest.mark.slow)])
def test_a_ramp_factorises_its_mesh_once(monkeypatch, method):
    meshes = []
    monkeypatch.setattr(preconditioner, "elastic", lambda s: meshes.append(s) or elastic(s))
    result = qc.ramp(crack(), KI=(0.46, 0.47), **(SMALL | {"method": method, "max_iterations": 80}))
    assert [t.outcome for t in result.trials] == ["accepted", "accepted"] and len(meshes) == 1
    if method == "bgfc":  # of a force field the stability is measured anew
        assert result.solution().iterations == 0 and len(meshes) == 1


def test_the_state_of_an_equilibrium_is_the_solution():
    state, solution = small().state(1), small().solution(1)
    np.testing.assert_array_equal(state.forces, solution.forces)
    assert (state.excess_energy, state.fmax) == (solution.excess_energy, solution.fmax)


def test_a_trial_that_arrived_nowhere_has_no_state(monkeypatch):
    result = small()
    monkeypatch.delitem(result.store._states, 3)
    with pytest.raises(qc.errors.ConvergenceError, match="trial 3") as caught:
        result.solution(3)
    assert caught.value.best is None and "state(3)" not in str(caught.value)
    with pytest.raises(qc.errors.InputError, match="a trial that arrived at a state"):
        result.state(3)


def test_without_an_event_all_loads_are_reached(capsys):
    result = qc.ramp(crack(), KI=[0.47, 0.465, 0.46], ring=(20.0, 35.0), progress=True, **SMALL)
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.startswith("trial") and [line.split()[1] for line in lines] == [
        "0.470000",
        "0.465000",
        "0.460000",
    ]
    assert result.completed and not result.events
    assert str(result).endswith("\nno event from K = 0.47000 to 0.46000 MPa sqrt(m)")
    np.testing.assert_allclose(result.K, [0.47, 0.465, 0.46])
    ratio = [t.K_ring / t.load for t in result.steps]
    assert np.ptp(ratio) < 5e-3 and 0.85 < min(ratio) < max(ratio) < 1.0
    energies = [t.energy for t in result.steps]
    assert energies == sorted(energies, reverse=True)
    assert result.solution().system.problem.loads["KI"] == 0.46


def test_files(tmp_path):
    result = small()
    content = json.loads(result.write(tmp_path / "x.json").read_text())
    assert content["run"]["method"] == "bgfc" and content["run"]["version"] == qc.__version__
    assert 1e-4 < content["run"]["patch_number"] < 0.1
    assert [t["outcome"] for t in content["trials"]] == [t.outcome for t in result.trials]
    assert content["events"][0]["slip"]["plane"] == [1, 1, -1]
    assert result.plot(tmp_path / "x.png").stat().st_size > 10_000
    panel_alone(result)
    with pytest.raises(qc.errors.InputError, match="event"):
        result.plot(tmp_path / "y.png", event=1)
    with pytest.raises(qc.errors.InputError, match="suffix"):
        result.write(tmp_path / "x.txt")
    hint = r"\.npz, \.pvd.*Try: a \.pvd, or result\.solution\(\)\.write\('x\.vtu'\)"
    with pytest.raises(qc.errors.InputError, match=hint):
        result.write(tmp_path / "x.vtu")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["x.json", "x.png"]


def test_lammps_reads_the_atoms_of_a_step(tmp_path):
    """As docs/files.md says."""
    engine, atoms = new_lammps(), small().solution().to_atoms()
    atoms.center(vacuum=10.0, axis=(0, 1))
    ase.io.write(tmp_path / "x.data", atoms, format="lammps-data", masses=True)
    engine.commands_string(f"units metal\nboundary f f p\nread_data {tmp_path / 'x.data'}")
    assert engine.get_natoms() == len(atoms) == 142
    engine.close()


@pytest.mark.parametrize(
    ("mode", "text"),
    [
        ("KI", r"emission, K = 0.44648 ± 0.00008 MPa$\sqrt{\mathrm{m}}$"),
        ("shear", "emission, shear = 44.65 ± 0.01 MPa"),
        ("depth", "emission, depth = 0.4465 ± 0.0001 \N{ANGSTROM SIGN}"),
    ],
)
def test_captions_have_units(mode, text):
    (event,) = small().events
    scale = {"KI": 1.0, "shear": 100.0, "depth": 1.0}[mode]
    one = replace(
        event, mode=mode, before=0.4464 * scale, after=0.44656 * scale, slip=None, kind="emission"
    )
    assert caption(replace(small(), events=(one,)), 0) == text


def test_the_force_of_an_indenter_has_its_column():
    touching = Trial(1, 2.5, 0, "accepted", 0.25, energy=1.0, force=16.8379)
    columns = {"f (N/m)": "16.8379", "depth (A)": "2.500000", "excess energy (eV)": "1.00000000"}
    for name, value in columns.items():
        end = header("depth").index(name) + len(name)
        assert line(touching)[:end].endswith(value)
    assert "x (A)" not in header("depth") and "N/m" not in line(touching)
    tip = Trial(1, 0.42, 0, "accepted", 0.25, energy=1.0, tip=-2.38)
    assert line(tip)[: header("KI").index("x (A)") + 5].endswith("-2.38")
    assert len(header("depth")) == len(header("KI")) == len(line(tip)) == len(line(touching))


def test_a_step_that_cannot_be_cut_further_ends_the_ramp(monkeypatch, tmp_path):
    """A solver that fails above a load without breaking a bond: stop, and keep everything."""
    solve = way.watched

    def failing(system, fmax, *given, **options):
        found = solve(system, fmax, *given, **options)
        if system.problem.loads["KI"] > 0.4661:
            raise qc.errors.ConvergenceError("no luck", best=found, iterations=3)
        return found

    monkeypatch.setattr(way, "watched", failing)
    result = qc.ramp(crack(), KI=[0.46, 0.464, 0.468], directory=tmp_path / "run", **SMALL)
    assert [t.outcome for t in result.trials] == ["accepted", "accepted", "event"]
    (event,) = result.events
    assert (event.kind, event.message) == ("no convergence", "no luck")
    assert not event.converged and event.slip is None
    assert (event.before, event.after) == (0.464, 0.468)
    assert result.solution().system.problem.loads["KI"] == 0.464
    assert len((tmp_path / "run" / "log.jsonl").read_text().splitlines()) == 3


def test_a_first_load_without_an_equilibrium():
    with pytest.raises(qc.errors.ConvergenceError, match=r"first load, KI = 0\.7"):
        qc.ramp(crack(), KI=[0.7, 0.8], **SMALL)


@pytest.mark.parametrize(
    ("loads", "says"),
    [
        ({"KI": [0.42, 0.44, 0.43]}, r"KI.*rise, or fall"),
        ({"KI": [0.42, 0.42]}, r"KI.*rise, or fall"),
        ({"KI": []}, r"KI.*at least one"),
        ({"KI": 0.42}, r"KI.*series"),
        ({"KI": [0.0, 0.42]}, r"KI.*above 0"),
        ({"KI": [-0.1]}, r"KI.*above 0"),
        ({"KI": [0.42, float("nan")]}, r"KI.*finite"),
        ({"KI": [0.42, 200.0]}, r"KI.*stress intensity"),
        ({"KII": [0.1, 200.0]}, r"KII.*stress intensity"),
        ({"KI": ["a"]}, r"KI.*loads"),
        ({}, r"KI, KII, KIII.*one mode"),
        ({"KI": [0.42], "KII": [0.1, 0.2]}, r"KI, KII: .*as many loads"),
        ({"KI": [0.42, 0.42], "KII": [0.1, 0.1]}, r"KI: .*rise, or fall"),
        ({"KI": [0.42, 0.43], "KII": [0.1, np.nan]}, r"KII.*finite"),
    ],
)
def test_bad_loads_are_refused_by_name(loads, says):
    with pytest.raises(qc.errors.InputError, match=says):
        qc.ramp(crack(), "bgfc", 10.0, 6.0, **loads)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"width": 0.0}, "width"),
        ({"width": "narrow"}, "width"),
        ({"events": 0}, "events"),
        ({"events": 1.5}, "events"),
        ({"jump": -1.0}, "jump"),
        ({"reference": "next"}, "reference"),
        ({"reference": np.eye(2)}, "reference"),
        ({"fmax": -1.0}, "fmax"),
        ({"max_iterations": 0}, "max_iterations"),
        ({"ring": (20.0,)}, "ring"),
        ({"ring": 20.0}, "ring"),
        ({"ring": (20.0, "far")}, "ring"),
        ({"reference": [["a"]]}, "reference"),
        ({"reference": np.full((3, 3), np.nan)}, "reference"),
        ({"core": 1.0}, "core"),
    ],
)
def test_bad_options_are_refused_by_name(options, says):
    given = {"method": "bgfc", "core": 10.0, "blend": 6.0, **options}
    with pytest.raises(qc.errors.InputError, match=says):
        qc.ramp(crack(), KI=[0.46, 0.47], **given)


def test_problems_without_a_crack_and_flanks_that_touch_are_refused():
    vacancy = qc.vacancy(crack().crystal, extent=60.0)
    with pytest.raises(qc.errors.InputError, match=r"problem.*crack"):
        qc.ramp(vacancy, "bgfc", 10.0, 6.0, KI=[0.4])
    with pytest.raises(qc.errors.CouplingError, match="flanks"):
        qc.ramp(crack(), "bgfc", 10.0, 6.0, KI=[0.46, 0.05])


# --- killed and resumed ---------------------------------------------------------------------------


def history(folder):
    """Everything that a run leaves, without the seconds."""
    lines = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    states = {p.name: p.read_bytes() for p in folder.glob("*.npz")}
    for trial in lines:
        del trial["seconds"], trial["check"]
    return (folder / "run.json").read_bytes(), lines, states


class Killed(BaseException):
    """Stands for a signal: nothing catches it."""


def test_a_run_that_is_killed_goes_on_as_if_it_had_not_been(tmp_path):
    """Stopped after each of its trials in turn; the history is bitwise that of one run."""
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    result = qc.ramp(crack(), KI=LOADS, directory=whole, **SMALL)
    assert [asdict(t) | {"seconds": 0} for t in result.trials] == [
        asdict(t) | {"seconds": 0} for t in small().trials
    ]

    def kill(trial):
        raise Killed

    for _ in range(4):
        with pytest.raises(Killed):
            qc.ramp(crack(), KI=LOADS, directory=parts, progress=kill, **SMALL)
    assert history(parts) == history(whole)

    def forbidden(trial):
        raise AssertionError("a finished run is read, not computed")

    again = qc.ramp(crack(), KI=LOADS, directory=parts, progress=forbidden, **SMALL)
    assert repr(again.events) == repr(result.events)


def test_a_state_without_its_line_is_computed_again(tmp_path):
    """Killed between the two files of a trial; and in the middle of one."""
    run = {"KI": (0.46, 0.464), "directory": tmp_path / "run", **SMALL}
    qc.ramp(crack(), **run)
    before = history(tmp_path / "run")
    log = tmp_path / "run" / "log.jsonl"
    log.write_text(log.read_text().splitlines()[0] + "\n")
    (tmp_path / "run" / "0001.npz").write_bytes(b"half")
    qc.ramp(crack(), **run)
    assert history(tmp_path / "run") == before


def test_another_runs_directory_is_refused(tmp_path):
    run = {"KI": (0.46,), "directory": tmp_path / "run", **SMALL}
    qc.ramp(crack(), **run)
    before = history(tmp_path / "run")
    for other in ({"core": 11.0}, {"KI": (0.46, 0.47)}, {"width": 1e-3}, {"blending": "cubic"}):
        with pytest.raises(qc.errors.InputError, match=r"directory.*another"):
            qc.ramp(crack(), **{**run, **other})
    with pytest.raises(qc.errors.InputError, match=r"directory.*extent"):
        qc.ramp(crack(51.0), **run)
    assert history(tmp_path / "run") == before


def test_damaged_and_foreign_folders_are_refused(tmp_path):
    run = {"KI": (0.46,), "directory": tmp_path / "run", **SMALL}
    qc.ramp(crack(), **run)
    files = {name: (tmp_path / "run" / name) for name in ("0000.npz", "log.jsonl", "run.json")}
    kept = {name: file.read_bytes() for name, file in files.items()}
    for name, damage in (("log.jsonl", b'{"number": 0'), ("log.jsonl", b'{"n": 0}')):
        files[name].write_bytes(damage)
        with pytest.raises(qc.errors.InputError, match=r"directory.*undamaged log"):
            qc.ramp(crack(), **run)
        files[name].write_bytes(kept[name])
    files["0000.npz"].write_bytes(kept["0000.npz"][:100])
    with pytest.raises(qc.errors.InputError, match=r"directory.*undamaged state"):
        qc.ramp(crack(), **run).solution()
    files["0000.npz"].write_bytes(kept["0000.npz"])
    files["run.json"].write_bytes(kept["run.json"][:50])
    with pytest.raises(qc.errors.InputError, match=r"directory.*run\.json"):
        qc.ramp(crack(), **run)
    files["run.json"].unlink()
    with pytest.raises(qc.errors.InputError, match=r"directory.*empty folder"):
        qc.ramp(crack(), **run)
    with pytest.raises(qc.errors.InputError, match=r"directory.*exists"):
        qc.ramp(crack(), **{**run, "directory": tmp_path / "a" / "b"})
    with pytest.raises(qc.errors.InputError, match="directory"):
        qc.ramp(crack(), **{**run, "directory": Path(__file__)})


SCRIPT = """
import sys
import qcmethod as qc
crystal = qc.Crystal.fcc(
    qc.load_potential("Al-Ercolessi-1994"), x=(1, 1, -2), y=(1, 1, 1), z=(1, -1, 0)
)
qc.ramp(
    qc.crack(crystal, KI=0.46, extent=50.0), "bgfc", 10.0, 6.0, KI=(0.46, 0.475, 0.49),
    width=8e-3, max_iterations=25, directory=sys.argv[1],
)
"""


@pytest.mark.slow
def test_sigkill_at_any_moment(tmp_path):
    """Killed twenty times, each a little later after its start; no file is ever half written."""
    folder = tmp_path / "run"
    root = Path(qc.__file__).parents[1]
    environment = os.environ | {"PYTHONPATH": str(root)}
    command = [sys.executable, "-c", SCRIPT, str(folder)]
    clock = np.random.default_rng(1)
    for _ in range(20):
        before = folder.exists() and sorted(p.name for p in folder.glob("*.npz"))
        process = subprocess.Popen(command, env=environment)
        deadline = time.monotonic() + 60.0
        # past the start-up: wait for something new, then a moment more
        while time.monotonic() < deadline and process.poll() is None:
            if folder.exists() and sorted(p.name for p in folder.glob("*.npz")) != before:
                break
            time.sleep(0.01)
        time.sleep(clock.uniform(0.0, 0.3))
        process.send_signal(signal.SIGKILL)
        process.wait()
        if (folder / "log.jsonl").exists():
            for line in (folder / "log.jsonl").read_text().splitlines():
                json.loads(line)
        for file in folder.glob("[0-9]*.npz"):
            assert np.load(file)["u"].shape[1] == 3
    subprocess.run(command, env=environment, check=True)
    qc.ramp(crack(), KI=LOADS, directory=tmp_path / "whole", **SMALL)
    assert history(folder) == history(tmp_path / "whole")


# --- the reference cylinder -----------------------------------------------------------------------


@pytest.mark.parametrize("method", ["bgfc", pytest.param("bqcf", marks=pytest.mark.slow)])
def test_first_event_of_the_reference(method):
    """LAMMPS, all atoms: a Shockley partial on the inclined plane between 0.4457 and 0.4477."""
    result = qc.ramp(
        crack(100.0),
        method,
        20.0,
        10.0,
        KI=(0.42, 0.44, 0.4457, 0.4477),
        width=2e-3,
        max_iterations=40,
    )
    (event,) = result.events
    assert event.kind == "emission"
    assert (event.before, event.after) == pytest.approx((0.4457, 0.4477))
    assert event.slip.plane == (1, 1, -1)
    assert (event.slip.name, event.slip.burgers) == ("Shockley partial", "a/6[1 1 2]")
    assert result.follower.system.n_repatoms < 5465 / 4


@pytest.mark.slow
def test_all_atoms_follow_the_reference_and_jump_where_it_does():
    """Total energies of LAMMPS (eV) before and after the partial has left, to 1e-6 eV."""
    loads = (0.42, 0.43, 0.44, 0.44625, 0.44725)
    result = qc.ramp(crack(100.0), "atomistic", KI=loads, fmax=1e-8)
    (event,) = result.events
    assert event.kind == "emission" and event.converged
    assert (event.before, event.after) == pytest.approx((0.44625, 0.44725))
    assert (event.slip.name, event.slip.burgers) == ("Shockley partial", "a/6[1 1 2]")
    total = result.follower.system.reference_total + np.array([t.energy for t in result.steps])
    reference = [-18205.308769, -18203.965113, -18203.544317, -18203.767306]
    np.testing.assert_allclose(total[[0, 2, 3, 4]], reference, rtol=0, atol=1e-6)
    # most of the slip is there: 24 columns from the tip to the clamped rim
    assert event.slip.columns > 15 and event.energy_drop == pytest.approx(0.29, abs=0.02)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "before"),
    [
        ("qce", [0.44953125]),
        ("gfc", [0.44703125]),
        ("grac", [0.446875, 0.44703125]),
        ("bgfc", [0.44640625]),
    ],
)
def test_ghost_forces_change_the_answer(method, before):
    """The table of docs/emission.md at a core of 20 A; all atoms: 0.446875 to 0.44703125.

    The bonds of `grac` are one of many l1-minimal sets: the last digit of the lattice constant
    chooses, and is worth a bracket."""
    result = qc.ramp(crack(100.0), method, 20.0, 10.0, KI=0.42 + 0.01 * np.arange(4), width=2e-4)
    (event,) = result.events
    assert min(abs(event.before - load) for load in before) < 1e-9
    assert event.after - event.before == pytest.approx(1.5625e-4, abs=1e-9)
    assert (event.kind, event.slip.burgers) == ("emission", "a/6[1 1 2]")


@pytest.mark.slow
def test_an_event_is_followed_by_others():
    """All atoms in a small cylinder: one partial after the other, each from the last state."""
    problem = crack(45.0)
    result = qc.ramp(problem, "atomistic", KI=np.arange(0.46, 0.7, 0.02), width=1e-2, events=2)
    first, second = result.events
    assert first.converged and first.after < second.after
    assert result.trials[second.trial].start >= first.trial
    assert first.kind == "emission"
