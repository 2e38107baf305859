"""Real EAM, quasi-2-D: no ghost force at any gradient, and errors against all atoms.

Metals and problems are those of examples/study_metals.py, in smaller cylinders.
"""

from __future__ import annotations

import runpy
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from paths import ROOT

import qcmethod as qc

STUDY = runpy.run_path(str(ROOT / "examples" / "study_metals.py"))
CASES = [(metal, kind) for metal in STUDY["METALS"] for kind in STUDY["PROBLEMS"]]
QUICK = [("Al", "vacancy"), ("W", "vacancy"), ("W", "crack"), ("Fe", "vacancy"), ("Fe", "crack")]
"""Where the linear programs of grac take less than half a second."""


@cache
def system_of(metal: str, kind: str, method: str) -> qc.System:
    """Core of 2.4 cut-offs, blended: 1.2 and as much blend, in a cylinder of 8."""
    cutoff = qc.load_potential(STUDY["METALS"][metal].card).cutoff
    problem = STUDY["METALS"][metal].problem(kind, 8.0 * cutoff)
    if method in STUDY["SHARP"]:
        return qc.couple(problem, method, 2.4 * cutoff)
    return qc.couple(problem, method, 1.2 * cutoff, 1.2 * cutoff)


def assert_no_ghost_force(metal: str, kind: str, method: str) -> None:
    """Asked: 1e-10 eV/A at every gradient; measured: at most 1.6e-13."""
    report = qc.patch_test(system_of(metal, kind, method), magnitude=0.03)
    assert report.passes and not report.vacuous and not report.skipped
    assert len(report.rows) == 10
    assert report.worst < 1e-12
    assert all(row.uncorrected > 1e-2 for row in report.rows)  # what there was to find


@pytest.mark.parametrize(("metal", "kind"), CASES)
@pytest.mark.parametrize("method", ["qcf", "bqcf"])
def test_forces_pass_the_patch_test(metal: str, kind: str, method: str) -> None:
    assert_no_ghost_force(metal, kind, method)


@pytest.mark.parametrize(("metal", "kind"), QUICK)
def test_grac_passes_the_patch_test(metal: str, kind: str) -> None:
    assert_no_ghost_force(metal, kind, "grac")


@pytest.mark.slow
@pytest.mark.parametrize(("metal", "kind"), [case for case in CASES if case not in QUICK])
def test_grac_passes_the_patch_test_elsewhere(metal: str, kind: str) -> None:
    assert_no_ghost_force(metal, kind, "grac")


@pytest.mark.slow
@pytest.mark.parametrize(("metal", "kind"), CASES)
@pytest.mark.parametrize("size", [1.6, 3.0])
def test_larger_cores_pass_the_patch_test(metal: str, kind: str, size: float) -> None:
    data = STUDY["METALS"][metal]
    core = size * qc.load_potential(data.card).cutoff
    problem = data.problem(kind, data.extent)
    for method, sizes in (("grac", (2 * core,)), ("qcf", (2 * core,)), ("bqcf", (core, core))):
        report = qc.patch_test(qc.couple(problem, method, *sizes))
        assert report.passes and report.worst < 1e-12


@settings(max_examples=20)
@given(st.lists(st.floats(-0.03, 0.03), min_size=6, max_size=6))
def test_grac_has_no_ghost_force_at_random_gradients(entries: list[float]) -> None:
    """All components that a quasi-2-D crystal can have, rotations included, up to 3 % each."""
    F = np.eye(3)
    F[:, :2] += np.reshape(entries, (3, 2))
    report = qc.patch_test(system_of("Fe", "vacancy", "grac"), {"random": F})
    assert report.rows[0].worst < 1e-12


@pytest.mark.parametrize(("metal", "kind"), [("W", "vacancy"), ("Fe", "crack")])
def test_what_the_others_show(metal: str, kind: str) -> None:
    """gfc and bgfc pass where they were corrected and nowhere else, qce and bqce nowhere."""
    for method in ("qce", "bqce", "gfc", "bgfc"):
        report = qc.patch_test(system_of(metal, kind, method))
        at_reference = report.rows[0]
        assert at_reference.passes == (method in ("gfc", "bgfc"))
        assert all(row.worst > 1e-3 for row in report.rows if row is not at_reference)


def test_errors_of_a_crack_in_iron() -> None:
    """Against all atoms, in per cent, at 1242 DOF (blended: 1248)."""
    problem = STUDY["METALS"]["Fe"].problem("crack", 36.0)
    core = 1.6 * problem.crystal.potential.cutoff
    measured = {"qce": 80.3, "gfc": 3.00, "grac": 6.38, "qcf": 1.92, "bgfc narrow": 3.74}
    methods = {method: STUDY["options"](method) for method in measured}
    study = qc.compare(problem, methods, core, stability=False)
    assert {row.case.label: 100.0 * row.error for row in study.rows} == pytest.approx(
        measured, rel=0.01
    )


def test_a_correction_frozen_at_the_solution_is_better() -> None:
    """bgfc with y* its last solution comes near bqcf, which needs no y*."""
    problem = STUDY["METALS"]["Fe"].problem("crack", 60.0)
    core = 2.5 * problem.crystal.potential.cutoff
    zones = {"core": 1.5 * core, "blend": 0.5 * core}
    exact = qc.relax(qc.couple(problem, "bqcf", **zones), fmax=1e-6)
    solution, apart = None, []
    for _ in range(3):
        reference = {} if solution is None else {"reference": solution.u}
        solution = qc.relax(qc.couple(problem, "bgfc", **zones, **reference), fmax=1e-6, u=solution)
        apart.append(float(np.abs(solution.u - exact.u).max()))
    assert apart == pytest.approx([3.04e-2, 9.39e-3, 5.41e-3], rel=0.02)  # A, largest
