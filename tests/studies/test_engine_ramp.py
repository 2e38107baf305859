"""A ramp whose engine dies loses nothing: the same call goes on from the last state."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from mirror import FORCES, Columns, Mirror, mirrored

import qcmethod as qc
from qcmethod.errors import EngineError, InputError

AXES = {"x": (1, 1, -2), "y": (1, 1, 1), "z": (1, -1, 0)}
NATIVE = qc.load_potential("Al-Ercolessi-1994")
LOADS = (0.45, 0.455, 0.46)
CALL = {"method": "atomistic", "KI": LOADS, "width": 5e-3, "fmax": 1e-4}


class Dying(Columns):
    """Atoms whose engine dies after so many calls."""

    def at(self, y, cell=None):
        self.engine.left[0] -= 1
        if self.engine.left[0] < 0:
            raise EngineError(f"{self.engine.name}: the engine has died")
        return super().at(y, cell)


@dataclass(frozen=True)
class Mortal(Mirror):
    left: list = None

    def session(self, y, cell, periodic, species, weights=None):
        found = super().session(y, cell, periodic, species, weights)
        return Dying(**vars(found)) if isinstance(found, Columns) else found


@pytest.fixture(scope="module")
def problem():
    crystal = qc.Crystal.fcc(mirrored(NATIVE, FORCES), **AXES)
    return qc.crack(crystal, KI=LOADS[0], extent=32.0)


def mortal(problem):
    """The same crack, of an engine with `left` calls to live."""
    engine = Mortal(NATIVE, FORCES, [], [10**9])
    crystal = problem.crystal
    crystal = replace(crystal, potential=replace(crystal.potential, engine=engine))
    return replace(problem, crystal=crystal), engine.left


def test_a_ramp_goes_on_where_its_engine_died(problem, tmp_path):
    whole = qc.ramp(problem, **CALL)
    folder = tmp_path / "run"
    dying, left = mortal(problem)

    def in_the_third(trial):
        if trial.number == 1:
            left[0] = 3

    with pytest.raises(EngineError, match="the engine has died"):
        qc.ramp(dying, **CALL, directory=folder, progress=in_the_third)
    kept = (folder / "log.jsonl").read_text().splitlines()
    assert len(kept) == 2
    again = qc.ramp(mortal(problem)[0], **CALL, directory=folder)
    assert (folder / "log.jsonl").read_text().splitlines()[:2] == kept
    assert [t.outcome for t in again.trials] == [t.outcome for t in whole.trials]
    u = [run.solution(len(run.steps) - 1).u for run in (again, whole)]
    assert np.abs(u[0] - u[1]).max() < 1e-12


def test_a_run_of_an_engine_is_read_with_its_potential(problem, tmp_path):
    folder = tmp_path / "run"
    made = qc.ramp(problem, **CALL | {"KI": LOADS[:1]}, directory=folder)
    with pytest.raises(InputError, match=r"potential: got .None.*mirror:Mirror.*potential=\.\.\."):
        qc.load(folder)
    found = qc.load(folder, potential=problem.crystal.potential)
    assert found.trials == made.trials
    assert np.array_equal(found.solution(0).u, made.solution(0).u)
