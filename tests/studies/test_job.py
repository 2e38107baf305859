"""Jobs: a calculation as a file. What is written from objects makes the same objects again."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import qcmethod as qc
from qcmethod.base.toml import as_toml
from qcmethod.errors import InputError
from qcmethod.problems.example import EXAMPLES
from qcmethod.problems.load import LOADS
from qcmethod.problems.posed import POSED, posed
from qcmethod.problems.problem import Problem
from qcmethod.studies.job import carried_out, read_job, template
from qcmethod.studies.job.tables import TASKS, keys_of

VACANCY: dict[str, dict[str, Any]] = {
    "potential": {"source": "toy2d-c10"},
    "crystal": {"structure": "hex2d"},
    "problem": {"kind": "vacancy", "extent": 15.0},
    "coupling": {"method": "bqcf", "core": 4.0, "blend": 3.0},
    "relax": {"fmax": 1e-3},
}


@cache
def example(name: str) -> Problem:
    return EXAMPLES[name]()


def sizes(problem: Problem) -> dict[str, float]:
    cutoff = problem.crystal.potential.cutoff
    return {"core": 3.0 * cutoff, "blend": cutoff}


def written(folder: Path, text: str | dict) -> Path:
    path = folder / "job.toml"
    path.write_text(text if isinstance(text, str) else as_toml(text))
    return path


# --- there and back


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_recipe_makes_the_same_numbers_again(name: str, tmp_path: Path) -> None:
    system = qc.couple(example(name), "bgfc", **sizes(example(name)), blending="cubic")
    solution = qc.relax(system, 1e-2)
    again, folder, files = carried_out(
        read_job(written(tmp_path, solution.recipe())), tmp_path / "out"
    )
    np.testing.assert_array_equal(again.u, solution.u)
    np.testing.assert_array_equal(again.forces, solution.forces)
    assert again.recipe() == solution.recipe() and files == []
    kept = read_job(folder / "run.toml").tables
    assert {k: v for k, v in kept.items() if k != "output"} == tomllib.loads(solution.recipe())


def test_a_wake_and_a_crystal_with_other_axes_come_back(tmp_path: Path) -> None:
    axes = {"x": (1, 1, -2), "y": (1, 1, 1), "z": (1, -1, 0)}
    aluminium = qc.Crystal.fcc(qc.load_potential("Al-Ercolessi-1994"), **axes)
    crack = qc.with_wake(qc.crack(aluminium, KI=0.4, extent=90.0, path=(0.0, 3.0)), 20.0, 5.0)
    again = read_job(written(tmp_path, qc.couple(crack, "bgfc", 12.0, 8.0).recipe() + "[relax]"))
    found = again.problem()
    np.testing.assert_array_equal(found.zone, crack.zone)
    np.testing.assert_array_equal(found.crystal.lattice.basis, aluminium.lattice.basis)
    assert found.loads == crack.loads and found.told() == crack.told()


def study(name: str, **aside: Any) -> Any:
    if name == "ramp":
        line = example("dislocation")
        loads = {"shear": np.array([0.0, 10.0]), "fmax": 1e-2, "reference": "last"}
        return qc.ramp(line, "bgfc", **sizes(line), **loads, **aside)
    hole = example("vacancy")
    if name == "adapt":
        choice = qc.Coupling("bqcf", core=1.6, blend=1.5)
        return qc.adapt(hole, choice, 0.3, max_cycles=2, fmax=1e-3, **aside)
    curves = {"mine": {"method": "gfc", "metric": "hops"}, "bqcf": {}}
    return qc.compare(hole, curves, [4.0], stability=False, **aside)


@pytest.mark.parametrize("name", ["ramp", "adapt", "compare"])
def test_a_study_says_how_to_make_it_again(name: str, tmp_path: Path) -> None:
    first = study(name, directory=tmp_path / "first")
    assert (tmp_path / "first" / "run.toml").read_text() == first.recipe()
    job = read_job(written(tmp_path, first.recipe()))
    again, folder, _ = carried_out(job, tmp_path / "again")
    assert numbers(again) == numbers(first)
    once_more, _, _ = carried_out(job, tmp_path / "first")  # the same run: it is read
    assert numbers(once_more) == numbers(first)
    assert folder == tmp_path / "again" and again.told() == first.told()


@pytest.mark.slow
def test_an_arc_says_how_to_make_it_again(tmp_path: Path) -> None:
    crack = example("crack")
    first = qc.arc(
        crack, "bgfc", **sizes(crack), KI=1.8, steps=1, fmax=1e-5, directory=tmp_path / "a"
    )
    again, _, _ = carried_out(read_job(tmp_path / "a" / "run.toml"), tmp_path / "b")
    assert [p.load for p in again.points] == [p.load for p in first.points]
    assert qc.load(tmp_path / "a").recipe() == first.recipe()


def numbers(result: Any) -> object:
    """What of a result is no time."""
    if isinstance(result, qc.Study):
        return [(row.case, row.error, row.iterations) for row in result.rows]
    if hasattr(result, "cycles"):
        return [(c.repatoms, c.energy_norm) for c in result.cycles], result.u.tolist()
    return [(t.load, t.energy, t.outcome, t.change) for t in result.trials]


def test_a_run_on_disk_keeps_its_recipe(tmp_path: Path) -> None:
    found = study("ramp", directory=tmp_path / "run")
    assert qc.load(tmp_path / "run").recipe() == found.recipe()
    assert qc.load(found.write(tmp_path / "ramp.npz")).recipe() == found.recipe()
    with pytest.raises(InputError, match="something that a file can say"):
        found.solution().recipe()  # it starts from the last load's


# --- what a job may say


def test_a_series_of_loads_has_its_ends(tmp_path: Path) -> None:
    job = VACANCY | {"ramp": {"KI": {"from": 0.4, "to": 0.46, "by": 0.01}, "events": 2}}
    del job["relax"]
    found = read_job(written(tmp_path, job)).values("ramp")
    assert found == {"KI": (0.4, 0.41, 0.42, 0.43, 0.44, 0.45, 0.46), "events": 2}
    job["ramp"] = {"KI": {"from": 0.42, "to": 0.4, "by": -0.01}}
    assert read_job(written(tmp_path, job)).values("ramp") == {"KI": (0.42, 0.41, 0.4)}
    for series in ({"from": 1, "to": 2, "by": 0}, {"from": 1, "to": 2, "by": -1},
                   {"from": 1, "to": "2", "by": 1}, {"from": 0, "to": 1, "by": 1e-9}):  # fmt: skip
        job["ramp"] = {"KI": series}
        with pytest.raises(InputError, match=r"\[ramp\] KI: got .* a step that leads to the end"):
            read_job(written(tmp_path, job)).values("ramp")


@pytest.mark.parametrize(
    ("place", "value", "says"),
    [
        ("problm.x", 1, "[problm]: got {'x': 1}, expected a table out of"),
        ("problem.extnt", 1.0, "Try: extent"),
        ("problem.kind", "vacncy", "Try: vacancy"),
        ("problem.directory", "x", "[problem] directory"),
        ("crystal.structure", "hcp", "[crystal] structure"),
        ("coupling.coer", 1.0, "Try: core"),
        ("relax.u", [0.0], "[relax] u"),
        ("relax.progress", True, "[relax] progress"),
        ("ramp.fmax", 1e-3, "what to do: got ['relax', 'ramp']"),
        ("output.files", ["a.gif"], "[output] files: got 'a.gif'"),
        ("output.files", ["a.pvd"], "those of relax"),
        ("output.files", "a.npz", "a list of names"),
        ("potential.digest", "0" * 16, "[potential] digest"),
        ("problem.extent", "wide", "extent: got 'wide', expected a positive radius"),
        ("with_wake.length", 3.0, "problem: got"),
    ],
)  # fmt: skip
def test_what_a_job_cannot_say_is_refused_by_name(place, value, says, tmp_path) -> None:
    path = written(tmp_path, VACANCY)
    with pytest.raises(InputError) as refused:
        read_job(path, {place: value}).problem()
    assert says in str(refused.value)


@pytest.mark.parametrize("missing", ["potential", "crystal", "problem", "relax"])
def test_a_table_that_must_be_there(missing: str, tmp_path: Path) -> None:
    job = {name: table for name, table in VACANCY.items() if name != missing}
    with pytest.raises(InputError, match=missing):
        read_job(written(tmp_path, job))


@pytest.mark.parametrize(
    ("table", "key"),
    [("problem", "kind"), ("problem", "extent"), ("crystal", "structure"), ("potential", "source")],
)
def test_a_key_that_must_be_there(table: str, key: str, tmp_path: Path) -> None:
    job = VACANCY | {table: {k: v for k, v in VACANCY[table].items() if k != key}}
    with pytest.raises(InputError, match=rf"\[{table}\] {key}: got 'nothing'"):
        read_job(written(tmp_path, job))


def test_compare_says_itself_what_is_coupled(tmp_path: Path) -> None:
    job = {k: v for k, v in VACANCY.items() if k != "relax"} | {"compare": {"cores": [3.0]}}
    with pytest.raises(InputError, match=r"\[coupling\]"):
        read_job(written(tmp_path, job))


def test_a_folder_and_a_file_that_is_not_there_are_no_jobs(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="resume"):
        read_job(tmp_path)
    with pytest.raises(InputError, match="a file that exists"):
        read_job(tmp_path / "none.toml")


# --- templates


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_template_is_a_job_with_every_key_of_its_tables(name: str, tmp_path: Path) -> None:
    posed_again = read_job(written(tmp_path, template(name))).problem()
    assert posed_again.told() == example(name).told()
    for task in TASKS:
        try:
            text = template(name, task)
        except InputError as error:
            assert task in ("ramp", "arc") and "varies no load" in str(error)
            continue
        job = read_job(written(tmp_path, text))
        assert job.task == task
        for table, given in job.tables.items():
            for key, argument in keys_of(table, given).items():
                assert argument.text, (table, key)
                of_another = key in LOADS and key not in example(name).loads
                shown = f"\n{key} = " in text or f"\n# {key} = " in text
                assert shown or of_another, (table, key)


def test_a_template_of_no_problem_is_refused_with_the_nearest() -> None:
    with pytest.raises(InputError, match="Try: crack"):
        template("crac")
    with pytest.raises(InputError, match="task"):
        template("crack", "rampp")


def test_a_problem_of_one_file_is_a_kind_at_once(tmp_path: Path) -> None:
    @posed
    def hole_of_a_script(crystal: qc.Crystal, missing: int = 1, *, extent: float) -> Problem:
        """A hole.

        missing : how many sites
        extent : radius of the domain, A
        """
        return qc.microcrack(crystal, missing, extent=extent)

    try:
        job = VACANCY | {"problem": {"kind": "hole_of_a_script", "missing": 2, "extent": 15.0}}
        problem = read_job(written(tmp_path, job)).problem()
        assert len(problem.removed) == 2
        assert problem.told()["problem"] == job["problem"]
        assert keys_of("problem", job["problem"])["missing"].text == "how many sites"
    finally:
        POSED._known.pop("hole_of_a_script")
