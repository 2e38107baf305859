"""Results and run folders of earlier versions are read: tests/data/v0.1.0 was written by 0.1.0
(by `made_by.py` there), and `facts.json` says what that version found in them."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
from paths import DATA

import qcmethod as qc
from qcmethod.base.stored import NAMES, STORED, stored
from qcmethod.io import older

OLD = DATA / "v0.1.0"
FACTS = json.loads((OLD / "facts.json").read_text())
SOLUTIONS = sorted(path.stem for path in OLD.glob("*.npz") if path.stem != "ramp")


def test_the_fixture_is_of_the_first_format():
    with np.load(OLD / "crack_bqcf.npz") as file:
        assert json.loads(str(file["about"]))["format"] == 1
    assert len(SOLUTIONS) == 8 and set(SOLUTIONS) < set(FACTS)


@pytest.mark.parametrize("name", SOLUTIONS)
def test_a_solution_is_what_it_was(name, tmp_path):
    found, facts = qc.load(OLD / f"{name}.npz"), FACTS[name]
    assert repr(found) == facts["repr"]
    assert float(np.abs(found.u).sum()) == pytest.approx(facts["sum_u"], rel=1e-14)
    assert found.system.n_repatoms == facts["n_repatoms"]
    assert found.system.represented == pytest.approx(facts["n_sites"], rel=1e-14)
    assert found.tip == facts["tip"]
    state = found.system.model.at(found.u)
    np.testing.assert_allclose(state.forces, found.forces, rtol=0, atol=2e-12)
    assert facts["excess_energy"] == (found.excess_energy and pytest.approx(found.excess_energy))
    again = qc.load(found.write(tmp_path / "new.npz"))
    np.testing.assert_array_equal(again.u, found.u)
    assert repr(again) == repr(found)


def test_a_ramp_is_read_and_goes_on(tmp_path):
    folder = shutil.copytree(OLD / "ramp", tmp_path / "run")
    for found in (qc.load(OLD / "ramp.npz"), qc.load(folder)):
        assert [step.load for step in found.steps] == FACTS["ramp"]["loads"]
        assert len(found.trials) == FACTS["ramp"]["n"]
    axes = {"x": (1, 1, -2), "y": (1, 1, 1), "z": (1, -1, 0)}
    aluminium = qc.Crystal.fcc(qc.load_potential("Al-Ercolessi-1994"), **axes)
    crack = qc.crack(aluminium, KI=0.46, extent=50.0)
    # the call that made it: everything is there, nothing is solved
    run = {"core": 10.0, "blend": 6.0, "KI": (0.46, 0.464), "directory": folder}
    assert str(qc.ramp(crack, "bgfc", **run)) == str(found)


def test_an_arc_is_read():
    found = qc.load(OLD / "arc")
    assert [point.load for point in found.points] == FACTS["arc"]["K"]


def test_an_adaptive_run_is_read():
    found = qc.load(OLD / "adapt")
    assert found.solution.system.n_repatoms == FACTS["adapt"]["n_repatoms"]
    assert float(np.abs(found.solution.u).sum()) == pytest.approx(FACTS["adapt"]["sum_u"])


def test_a_study_is_read():
    for found in (qc.load(OLD / "study"), qc.load(OLD / "study.json")):
        assert len(found.rows) == FACTS["study"]["n"]
        assert max(row.fmax for row in found.rows) == FACTS["study"]["fmax"]


def test_a_name_belongs_to_one_class():
    assert all(NAMES[cls] == name for name, cls in STORED.items())
    with pytest.raises(TypeError, match="'Problem' is the name of"):
        stored(type("Problem", (), {}))
    mine = type("Mine", (), {"__module__": "script"})
    try:
        assert stored(name="Mine (script)")(mine) is mine and NAMES[mine] == "Mine (script)"
    finally:
        STORED.pop("Mine (script)"), NAMES.pop(mine)


def test_parts_of_an_earlier_format_are_translated(monkeypatch):
    monkeypatch.setitem(older.PARTS, (1, "Thing"), lambda parts: {"new": parts["old"] + 1})
    assert older.parts_of("Thing", {"old": 1}, 1) == {"new": 2}
    assert older.parts_of("Thing", {"new": 1}, 2) == {"new": 1}
    with pytest.raises(TypeError, match="no class of this package"):
        older.name_of("os:system", 1)
