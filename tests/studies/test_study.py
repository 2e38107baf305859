"""Studies as a whole: what is kept, resumed, run side by side, refused, written and drawn."""

from __future__ import annotations

import csv
import dataclasses
import json
import multiprocessing
import pickle
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from importlib import import_module

import numpy as np
import pytest
from click.testing import CliRunner
from figures import panel_alone
from hypothesis import given, settings
from hypothesis import strategies as st

import qcmethod as qc
from qcmethod.cli import main
from qcmethod.errors import CouplingError, InputError
from qcmethod.plot.compare import panels
from qcmethod.plot.styles import SPARE, STYLE, styles
from qcmethod.problems.identity import identity
from qcmethod.studies.compare import Case, Row, Study, StudyFailed, StudyInterrupted
from qcmethod.studies.compare.row import NUMBERS

conduct = import_module("qcmethod.studies.compare.compare")

F = [[1.0, 0.02], [0.0, 1.03]]
METHODS = ("gfc", "bqcf")
CORES = (3.0, 4.0)
COMMAND = ["compare", "--potential", "toy2d-c10", "--extent", "13", "--methods", "gfc,bqcf"]


@cache
def crystal(potential: str) -> qc.Crystal:
    return qc.Crystal.hex2d(qc.load_potential(potential))


def vacancy(extent: float = 13.0, F=F, potential: str = "toy2d-c10", n: int = 1) -> qc.Problem:
    return qc.microcrack(crystal(potential), n, F, extent=extent)


def compare(problem=None, methods=METHODS, cores=CORES, **options) -> Study:
    return qc.compare(problem or vacancy(), methods, cores, stability=False, **options)


def timeless(study: Study) -> list[Row]:
    """The rows without their wall times, which no two runs share."""
    clocks = {"seconds": None, "cpu_seconds": None, "setup_seconds": None}
    return [dataclasses.replace(row, **clocks) for row in study.rows]


@pytest.fixture(scope="module")
def study() -> Study:
    return compare()


@pytest.fixture
def count(monkeypatch):
    """Cases that are computed, by name; Ctrl-C comes when there are `count.stop` of them."""

    class Count(list):
        stop = None

    done, run = Count(), conduct.run_case

    def counted(**arguments):
        if len(done) == done.stop:
            raise KeyboardInterrupt
        done.append(str(arguments["case"]))
        return run(**arguments)

    monkeypatch.setattr(conduct, "run_case", counted)
    return done


# --- interrupted and resumed


def test_interrupted_study_goes_on(study, count, tmp_path):
    folder = tmp_path / "study"
    count.stop = 2
    with pytest.raises(StudyInterrupted, match="2 of 4 cases") as stop:
        compare(directory=folder)
    assert timeless(stop.value.study) == timeless(study)[:2]
    assert [case.label for case in stop.value.study.missing] == ["bqcf", "bqcf"]
    assert Study.read(folder).rows == stop.value.study.rows
    assert "not run: bqcf, core 3, blend 3" in str(Study.read(folder))
    count.stop = None
    resumed = compare(directory=folder)
    assert len(count) == 4 and resumed.rows[:2] == stop.value.study.rows
    assert timeless(resumed) == timeless(study)
    again = compare(directory=folder)
    assert len(count) == 4 and str(again) == str(resumed) and again == resumed
    assert Study.read(folder) == resumed


def test_interrupted_without_a_directory_keeps_its_rows(study, count):
    count.stop = 1
    with pytest.raises(StudyInterrupted) as stop:
        compare()
    assert timeless(stop.value.study) == timeless(study)[:1]


@pytest.mark.parametrize("damage", ["cut", "edited", "other study", "renamed field"])
def test_damaged_case_is_computed_again(study, count, tmp_path, damage):
    compare(directory=tmp_path / "s")
    file = sorted((tmp_path / "s" / "cases").iterdir())[0]
    whole = file.read_text()
    values = json.loads(whole)
    if damage == "cut":
        file.write_text(whole[:-100])
    else:
        if damage == "edited":
            values["row"]["error"] *= 1.0 + 1e-15
            values["row"]["dof"] += 1
        elif damage == "other study":
            values["study"] = "0" * 16
        else:
            values["row"]["errors"] = values["row"].pop("error")
        file.write_text(json.dumps(values))
    again = compare(directory=tmp_path / "s")
    assert len(count) == 5 and timeless(again) == timeless(study)
    assert json.loads(file.read_text())["study"] == json.loads(whole)["study"]


def test_damaged_reference_is_computed_again(study, tmp_path):
    compare(directory=tmp_path / "s")
    (tmp_path / "s" / "reference.npz").write_bytes(b"PK")
    with pytest.raises(InputError, match="a study that has its reference"):
        Study.read(tmp_path / "s")
    assert timeless(compare(directory=tmp_path / "s")) == timeless(study)


def test_directory_of_another_study_is_refused(tmp_path):
    folder = tmp_path / "s"
    compare(cores=[3.0], directory=folder)
    before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    for other, word in (
        ({"cores": [3.5]}, r"cases \(2, not these 2\)"),
        ({"cores": [3.0], "fmax": 1e-7}, r"fmax \(1e-06, not 1e-07\)"),
        ({"cores": [3.0], "problem": vacancy(F=[[1.0, 0.0], [0.0, 1.03]])}, "problem"),
        ({"cores": [3.0], "problem": vacancy(potential="toy2d-c20")}, "potential"),
        ({"cores": [3.0], "options": {"blending": "cubic"}}, "cases"),
    ):
        with pytest.raises(InputError, match=word) as refusal:
            compare(directory=folder, **other)
        assert refusal.value.argument == "directory" and str(folder) in str(refusal.value)
    assert before == {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_directory_with_other_files_is_refused(tmp_path):
    (tmp_path / "thesis.tex").write_text("all of it")
    with pytest.raises(InputError, match="new or empty directory"):
        compare(directory=tmp_path)
    with pytest.raises(InputError, match="new or empty directory"):
        compare(directory=tmp_path / "thesis.tex")
    (tmp_path / "study.json").write_text("{}")
    with pytest.raises(InputError, match="a study directory"):
        compare(directory=tmp_path)


def test_directory_begun_with_another_reference(tmp_path):
    problem = vacancy(20.0)
    for core in (5.0, 6.0):
        reference = qc.relax(qc.couple(problem, "bgfc", core, 4.0), 1e-8)
        call = {"reference": reference, "directory": tmp_path / "s", "cores": [3.0]}
        if core == 5.0:
            first = compare(problem, ["gfc"], **call)
            assert compare(problem, ["gfc"], **call) == first
        else:
            with pytest.raises(InputError, match="was begun with"):
                compare(problem, ["gfc"], **call)


# --- side by side


def test_threads(study, count):
    with ThreadPoolExecutor(2) as executor:
        assert timeless(compare(executor=executor)) == timeless(study)
    assert len(count) == 4


@pytest.mark.slow
def test_fresh_processes(study, tmp_path):
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as executor:
        found = compare(executor=executor, directory=tmp_path / "s")
    assert timeless(found) == timeless(study)
    assert compare(directory=tmp_path / "s") == found


class Submits:
    """The least that an executor can be; cases come back in reverse and through pickle."""

    def __init__(self, fail: Exception | None = None, always: bool = False):
        self.futures, self.fail, self.always = [], fail, always

    def submit(self, function, /, **arguments):
        future: Future = Future()
        self.futures.insert(0, future)
        n = len(self.futures)
        if self.fail is not None and (n == 4 or (self.always and n > 4)):
            future.set_exception(self.fail)
        else:
            there = pickle.loads(pickle.dumps((function, arguments)))
            future.set_result(pickle.loads(pickle.dumps(there[0](**there[1]))))
        return future


def test_only_submit_is_used_and_everything_pickles(study):
    assert timeless(compare(executor=Submits())) == timeless(study)


def test_dead_worker_loses_nothing(study, tmp_path):
    dead = Submits(BrokenProcessPool("killed"))
    assert timeless(compare(executor=dead, directory=tmp_path / "s")) == timeless(study)
    assert len(dead.futures) == 5  # the case of the dead worker once more


def test_executor_that_ends_loses_nothing(study, tmp_path):
    ended = Submits(CancelledError())
    with pytest.raises(StudyFailed, match=r"of 4 cases finished, then CancelledError") as failure:
        compare(executor=ended, directory=tmp_path / "s")
    kept = Study.read(tmp_path / "s")
    assert kept.rows == failure.value.study.rows and len(kept.rows) + len(kept.missing) == 4
    assert timeless(compare(directory=tmp_path / "s")) == timeless(study)


def test_case_that_kills_its_worker_is_a_row_that_is_not_kept(study, tmp_path):
    """What is worth another trial with more memory is not finished."""
    dead = Submits(BrokenProcessPool("killed"), always=True)
    found = compare(executor=dead, directory=tmp_path / "s")
    assert [row.reason.partition(".")[0] for row in found.failed] == ["its worker died, twice"]
    assert len(Study.read(tmp_path / "s").missing) == 1
    assert timeless(compare(directory=tmp_path / "s")) == timeless(study)


def test_errors_survive_the_way_between_processes():
    error = CouplingError("core", 1.0, "at least 2", "core=2")
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is CouplingError and str(back) == str(error)
    assert vars(back) == vars(error)


@pytest.mark.parametrize("executor", [3, object(), ProcessPoolExecutor])
def test_no_executor(executor):
    if executor is ProcessPoolExecutor:
        executor = type("NotCallable", (), {"submit": None})()
    with pytest.raises(InputError, match=r"executor of concurrent\.futures"):
        compare(executor=executor)


# --- cases that fail


def test_failed_case_is_a_row_with_its_reason(count, tmp_path):
    problem = vacancy()
    study = compare(problem, ["gfc"], [3.0, 1.0, 60.0], directory=tmp_path / "s")
    assert [row.failed for row in study.rows] == [False, True, True]
    small, large = study.failed
    assert small.reason.startswith("CouplingError: core: got 1.0, expected at least the cut-off")
    assert "larger extent" in large.reason and large.error is None
    assert "failed: gfc, core 60, extent 13 A: CouplingError" in str(study)
    assert compare(problem, ["gfc"], [3.0, 1.0, 60.0], directory=tmp_path / "s") == study
    assert len(count) == 3


def test_not_converged_is_a_row_with_its_reason():
    reference = qc.relax(qc.couple(vacancy(), "atomistic"), 1e-8)
    study = compare(methods=["gfc"], cores=[3.0], reference=reference, fmax=1e-18)
    assert "ConvergenceError: relax(gfc): residual" in study.rows[0].reason
    with pytest.raises(InputError, match="at least one row"):
        study.plot("never.png")


# --- references


def test_reference_is_a_solution_or_its_file(study, tmp_path):
    exact = qc.relax(qc.couple(vacancy(), "atomistic"), 1e-6)
    assert timeless(compare(reference=exact)) == timeless(study)
    file = exact.write(tmp_path / "exact.npz")
    for given_as in (file, str(file)):
        assert timeless(compare(reference=given_as)) == timeless(study)


def test_reference_of_another_problem_is_refused(tmp_path):
    for other in (
        vacancy(F=[[1.0, 0.02], [0.0, 1.0301]]),
        vacancy(potential="toy2d-c20"),
        vacancy(n=2),
    ):
        solution = qc.relax(qc.couple(other, "atomistic"), 1e-6)
        with pytest.raises(InputError, match="the same potential, lattice, defect and load"):
            compare(reference=solution)
    file = solution.write(tmp_path / "other.npz")
    with pytest.raises(InputError, match="the same potential, lattice, defect and load"):
        compare(reference=file)


def test_reference_in_a_smaller_domain_is_refused():
    exact = qc.relax(qc.couple(vacancy(12.0), "atomistic"), 1e-6)
    with pytest.raises(InputError, match="a domain of at least 13 A"):
        compare(reference=exact)
    wide_rim = dataclasses.replace(vacancy(13.0), rim=4.0)
    exact = qc.relax(qc.couple(wide_rim, "atomistic"), 1e-6)
    with pytest.raises(InputError, match=r"rim 2\.9 A"):
        compare(reference=exact)


def test_files_that_are_no_reference(tmp_path):
    np.savez(tmp_path / "old.npz", u=np.zeros((3, 3)))
    (tmp_path / "text.npz").write_text("no zip")
    for name in ("old.npz", "text.npz", "missing.npz"):
        with pytest.raises(InputError, match=r"a \.npz file that holds a reference"):
            compare(reference=tmp_path / name)


def test_atomistic_reference_says_how_many_atoms():
    with pytest.raises(
        InputError, match=r"at most 300,000 atoms; this problem has 37,4\d\d,\d\d\d"
    ):
        compare(vacancy(3162.0))


def test_perfect_crystal_has_no_relative_error():
    with pytest.raises(InputError, match="the predictor itself"):
        compare(vacancy(n=0))


@settings(max_examples=30)
@given(st.integers(0, 3), st.floats(1e-6, 1e-2))
def test_identity_sees_the_load_and_not_the_domain(entry, size):
    problem = vacancy()
    changed = np.array(F)
    changed.ravel()[entry] += size
    assert identity(vacancy(F=changed)) != identity(problem)
    assert identity(vacancy(extent=10.0 + 100.0 * size)) == identity(problem)
    dust = np.array(F)
    dust[0, 1] += 1e-15
    assert identity(vacancy(F=dust)) == identity(problem)


def test_identity_of_other_defects_and_crystals():
    al = qc.load_potential("Al-Ercolessi-1994")
    crystals = [
        qc.Crystal.fcc(al),
        qc.Crystal.fcc(al, a=4.1),
        qc.Crystal.fcc(al, (1, 1, 0), (-1, 1, 0)),
    ]
    axes = {"x": (1, 1, -2), "y": (1, 1, 1), "z": (1, -1, 0)}
    crystals.append(qc.Crystal.fcc(al, **axes))
    crystals.append(
        qc.Crystal.fcc(qc.load_potential("Al-Zhou-2004"), a=crystals[0].lattice_constant)
    )
    problems = [qc.vacancy(crystal, extent=50.0) for crystal in crystals]
    problems += [qc.microcrack(crystals[0], n, extent=50.0) for n in (0, 2)]
    problems += [
        qc.crack(crystals[3], KI=KI, KII=KII, extent=50.0) for KI, KII in ((0.3, 0), (0.3, 0.01))
    ]
    assert len({identity(problem) for problem in problems}) == len(problems)


# --- arguments


@pytest.mark.parametrize(
    ("change", "error", "word"),
    [
        ({"problem": 3}, InputError, "a Problem"),
        ({"methods": ["bgcf"]}, CouplingError, "bgfc"),
        ({"methods": []}, InputError, "at least one method"),
        ({"methods": {"a": {"method": "none"}}}, CouplingError, "method: got 'none'"),
        ({"methods": {"gfc": {"core": 3.0}}}, InputError, "a function of the study's core"),
        ({"methods": {"gfc": {"colour": "red"}}}, InputError, "keywords of couple: blending"),
        ({"options": {"core": 3.0}}, InputError, "keywords of couple"),
        ({"options": {"reference": object()}}, InputError, "numbers, texts"),
        ({"cores": []}, InputError, "at least one core"),
        ({"cores": [3.0, -1.0]}, InputError, "cores: got -1.0"),
        ({"cores": [3.0, float("nan")]}, InputError, "cores: got nan"),
        ({"cores": ["3"]}, InputError, "cores: got '3'"),
        ({"blends": [3.0]}, InputError, r"one value a core \(2\)"),
        ({"blends": 0.0}, InputError, "blends: got 0.0"),
        ({"blends": lambda core: -core}, InputError, "blends: got -3.0"),
        ({"extents": 2.0}, InputError, "more than the clamped rim"),
        ({"near": 0.0}, InputError, "a positive radius"),
        ({"near": 0.1}, InputError, "that holds a site"),
        ({"within": 0.1}, InputError, "that holds a cell"),
        ({"within": float("nan")}, InputError, "within: got nan"),
        ({"fmax": -1.0}, InputError, "fmax"),
        ({"reference": 3}, InputError, "'atomistic', a Solution"),
    ],
)
def test_arguments(change, error, word, count):
    given_as = {"problem": vacancy(), "methods": METHODS, "cores": CORES, **change}
    with pytest.raises(error, match=word):
        qc.compare(**given_as)
    assert not count


def test_cores_widths_and_extents():
    problem = vacancy(60.0)
    from qcmethod.studies.compare.cases import list_cases

    cases = list_cases(
        problem,
        {"gfc": {}, "wide": {"method": "bgfc", "blend": lambda core: 3 * core, "metric": "hops"}},
        (4.0, 5.0),
        [6.0, 7.0],
        lambda core: core**2,
        {"grading": 1.2, "metric": "euclid"},
    )
    shared = {"grading": 1.2, "metric": "euclid"}
    own = {"grading": 1.2, "metric": "hops"}
    assert cases == (
        Case("gfc", "gfc", 4.0, None, 16.0, shared),
        Case("gfc", "gfc", 5.0, None, 25.0, shared),
        Case("wide", "bgfc", 4.0, 12.0, 16.0, own),
        Case("wide", "bgfc", 5.0, 15.0, 25.0, own),
    )
    assert len(list_cases(problem, "local", (4.0, 5.0), None, None, {})) == 1


# --- tables, files, pictures


def test_table(study):
    lines = str(study).splitlines()
    assert lines[0] == "vacancy (vacancies 1) in hex2d toy2d-c10, fmax 1e-06 eV/A"
    assert lines[1].startswith("reference: atomistic, extent 13 A, 636 repatoms, energy 3.76")
    head, *rows = lines[2:7]
    assert head.split()[:6] == ["method", "core", "blend", "extent", "repatoms", "DOF"]
    assert [row.split()[0] for row in rows] == ["gfc", "gfc", "bqcf", "bqcf"]
    assert [int(row.split()[5]) for row in rows] == [row.dof for row in study.rows]
    assert "within 1.45 A of the defect" in lines[7]
    assert repr(study) == "Study(vacancy, gfc, bqcf: 4 cases, 0 failed, 0 missing)"


def test_json_and_csv(study, tmp_path):
    file = study.write(tmp_path / "study.json")
    assert Study.read(file) == study
    with study.write(tmp_path / "study.csv").open() as text:
        rows = list(csv.DictReader(text))
    for row, wanted in zip(rows, study.rows, strict=True):
        assert (row["label"], float(row["core"])) == (wanted.case.label, wanted.case.core)
        for name in NUMBERS:
            value = getattr(wanted, name)
            assert row[name] == ("" if value is None else repr(value))


def test_files_that_are_no_study(study, tmp_path):
    with pytest.raises(InputError, match=r"suffix out of .csv, .json"):
        study.write(tmp_path / "study.txt")
    with pytest.raises(InputError, match="a folder that exists"):
        study.write(tmp_path / "none" / "study.json")
    for name, text in (("a", ""), ("b", "[]"), ("c", '{"format": "other"}'), ("d", "{}")):
        (tmp_path / name).write_text(text)
        with pytest.raises(InputError, match=r"Study\.write"):
            Study.read(tmp_path / name)
    with pytest.raises(InputError, match="a study"):
        Study.read(tmp_path / "missing.json")
    with pytest.raises(InputError, match="a study directory"):
        Study.read(tmp_path)


def synthetic(label: str, x: list[int], y: list[float]) -> list[Row]:
    return [
        Row(Case(label, "gfc", float(n), None, 9.0), repatoms=n, seconds=1e-3 * n, error=e)
        for n, e in zip(x, y, strict=True)
    ]


@given(st.floats(-3.0, 1.0), st.floats(1e-3, 1e3), st.integers(2, 6))
def test_rate_of_a_power_law(power, factor, n):
    x = [100 * 2**i for i in range(n)]
    study = Study({}, {}, tuple(synthetic("a", x, [factor * k**power for k in x])))
    assert study.rate("a") == pytest.approx(power, abs=1e-9)
    assert study.rate("a", "seconds") == pytest.approx(power, abs=1e-9)


def test_rate_is_that_of_the_larger_half():
    """At least three points; a bad start does not count."""
    for n, fitted in ((4, 3), (5, 3), (7, 4)):
        x = [100 * 2**i for i in range(n)]
        y = [7.0] * (n - fitted) + [100.0 / k for k in x[-fitted:]]
        assert Study({}, {}, tuple(synthetic("a", x, y))).rate("a") == pytest.approx(-1.0)
        y[-fitted] *= 1.1
        assert Study({}, {}, tuple(synthetic("a", x, y))).rate("a") < -1.01


def test_rate_needs_two_points():
    study = Study({}, {}, tuple(synthetic("a", [100], [0.1]) + synthetic("b", [9, 9], [0.1, 0.2])))
    assert study.rate("a") is None and study.rate("b") is None and study.rate("c") is None


def test_picture(study, tmp_path):
    for name in ("errors.png", "errors.pdf", "errors.svg"):
        assert study.plot(tmp_path / name).stat().st_size > 5000
    panel_alone(study)
    left, right = panels(study, "error", ("repatoms", "seconds")).axes
    assert left.get_xlabel() == "repatoms" and right.get_xlabel() == "time of the solver (s)"
    for axes, x in ((left, "repatoms"), (right, "seconds")):
        texts = [text.get_text() for text in axes.get_legend().get_texts()]
        for text, label in zip(texts, METHODS, strict=True):
            wanted = f"{label}  {study.rate(label, x):+.2f}"
            assert text == wanted.replace("-", "\N{MINUS SIGN}")
        for line, label in zip(axes.get_lines(), METHODS, strict=True):
            np.testing.assert_array_equal(line.get_data(), study.curve(label, x))
    markers = {(line.get_marker(), line.get_color()) for line in left.get_lines()}
    assert len(markers) == len(METHODS)


def test_styles_are_told_apart():
    assert len({style[0] for style in STYLE.values()}) == len(STYLE)
    assert len({style[1] for style in STYLE.values()}) == len(STYLE)
    chosen = styles(["bgfc", "P1", "P2", "P3"])
    assert chosen["bgfc"] == STYLE["bgfc"] and len({style[0] for style in chosen.values()}) == 4
    assert set(styles(f"c{i}" for i in range(30)).values()) == set(SPARE)


def test_picture_refusals(study, tmp_path):
    with pytest.raises(InputError, match="suffix"):
        study.plot(tmp_path / "errors.txt")
    with pytest.raises(InputError, match="columns out of repatoms"):
        study.plot(tmp_path / "errors.png", y="colour")
    with pytest.raises(InputError, match="x, y: got 'colour'"):
        study.curve("qce", y="colour")
    with pytest.raises(InputError, match="path: got None"):
        study.write(None)
    with pytest.raises(InputError, match="at least one row"):
        Study(study.about, study.reference, ()).plot(tmp_path / "errors.png")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "argument"),
    [
        ({"methods": 5}, "methods"),
        ({"methods": {"bqce": None}}, "methods['bqce']"),
        ({"methods": [["bqce"]]}, "method"),
        ({"cores": None}, "cores"),
        ({"options": 5}, "options"),
        ({"near": "core"}, "near"),
        ({"within": [6.0]}, "within"),
        ({"fmax": "small"}, "fmax"),
        ({"directory": 5}, "directory"),
    ],
)
def test_wrong_types_are_refused_by_name(options, argument):
    with pytest.raises(InputError) as refusal:
        compare(**options)
    assert refusal.value.argument == argument


def test_directory_of_a_study_about_another_core(tmp_path):
    """Cores are measured from the row or the zone of the problem: another one, another study."""
    compare(methods=["bqce"], cores=[3.0], directory=tmp_path / "s")
    other = dataclasses.replace(vacancy(), row=np.array([[-2.0, 0.0], [2.0, 0.0]]))
    with pytest.raises(InputError, match="differs in zone"):
        compare(other, ["bqce"], [3.0], directory=tmp_path / "s")


def test_progress_bar(capsys):
    compare(methods=["gfc"], progress=True)
    shown = capsys.readouterr()
    assert "2/2" in shown.err and "gfc, core 4" in shown.err and not shown.out
    compare(methods=["gfc"], cores=[3.0])
    assert not capsys.readouterr().err  # no terminal, no bar


# --- the command line


def run(*arguments: str):
    return CliRunner().invoke(main, [*COMMAND, *arguments])


def test_command(study, tmp_path):
    files = ["--plot", str(tmp_path / "e.png"), "--output", str(tmp_path / "s.json")]
    done = run(
        "--F", "1", "1.03", "0.02", "--cores", "3,4", "--directory", str(tmp_path / "s"), *files
    )
    assert done.exit_code == 0, done.output
    found = Study.read(tmp_path / "s.json")
    assert str(found) in done.output and (tmp_path / "e.png").exists()
    for row, wanted in zip(found.rows, study.rows, strict=True):
        assert (row.error, row.dof) == (pytest.approx(wanted.error, rel=1e-9), wanted.dof)


def test_command_interrupted(count, tmp_path):
    count.stop = 1
    command = ("--cores", "3", "--within", "6", "--near", "2", "--directory", str(tmp_path / "s"))
    stopped = run(*command)
    assert stopped.exit_code == 130
    assert "not run: bqcf" in stopped.output and "goes on from" in stopped.output
    count.stop = None
    assert run(*command).exit_code == 0
    assert len(count) == 2
    about = Study.read(tmp_path / "s").about
    assert (about["within"], about["near"]) == (6.0, 2.0)


def test_command_refusals(tmp_path):
    for arguments, word in (
        (("--cores", "3,x"), "lengths in A"),
        (("--cores", "3", "--reference", "none.npz"), "holds a reference"),
        (("--cores", "3", "--plot", "a.txt"), "suffix"),
        (("--cores", "3", "--metric", "cube"), "failed"),
    ):
        done = run(*arguments)
        assert word in done.output and done.exit_code == (1 if word == "failed" else 2)
        assert "Traceback" not in done.output
