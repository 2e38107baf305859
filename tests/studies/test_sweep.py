"""Sweeps: what is a case, what is kept, resumed, refused, reported, written and drawn."""

from __future__ import annotations

import csv
import functools
import importlib
import json
import multiprocessing
import pickle
import sys
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from public import made
from work import begun, die, square

import qcmethod as qc
from qcmethod.errors import FolderInUseError, InputError
from qcmethod.studies.sweep import SweepFailed, SweepInterrupted
from qcmethod.studies.workers import Lost, results


def product(a: float, b: int = 2) -> dict[str, object]:
    """What most tests sweep: fails for a = 3."""
    if a == 3:
        raise ValueError(f"no product\nof {a}")
    return {"product": a * b, "word": "x" * b}


GRID = {"a": [1.0, 2.0, 3], "b": (1, 2)}


@pytest.fixture
def log(tmp_path) -> Path:
    (tmp_path / "log").mkdir()
    return tmp_path / "log"


def slow(log: Path, n: int = 6, **more) -> dict[str, object]:
    return {"n": range(n), "log": str(log), **more}


# --- cases and outcomes


def test_combinations_of_lists_and_a_list_of_cases():
    found = qc.sweep(product, GRID)
    assert [row.case for row in found.rows[:3]] == [
        {"a": 1.0, "b": 1},
        {"a": 1.0, "b": 2},
        {"a": 2.0, "b": 1},
    ]
    assert found.column("product")[:4] == [1.0, 2.0, 2.0, 4.0]
    listed = qc.sweep(product, ({"a": a, "b": b} for a in GRID["a"] for b in GRID["b"]))
    assert [row.values for row in listed.rows] == [row.values for row in found.rows]
    assert qc.sweep(product, {"a": 5.0}).column("product") == [10.0]


def test_a_case_that_fails_is_reported_and_the_rest_is_finished():
    found = qc.sweep(product, GRID)
    assert len(found.rows) == 6 and len(found.failed) == 2 and not found.missing
    one = found.failed[0]
    assert (one.error, one.message) == ("ValueError", "no product\nof 3")
    assert "in product" in one.trace and 'raise ValueError(f"no product' in one.trace
    assert "failed: a 3, b 1: ValueError: no product of 3" in str(found)
    assert found.column("reason")[-1] == "ValueError: no product of 3"


def returns(what: object) -> object:
    return {
        "nan": {"x": float("nan"), "y": [1.0, np.inf]},
        "number": np.float64(2.5),
        "array": {"x": np.arange(3)},
        "object": object(),
        "exit": 0,
    }[what]


def leaves(n: int) -> None:
    raise SystemExit(n)


def test_what_a_function_may_return(tmp_path):
    cases = {"what": ["nan", "number", "array", "object"]}
    found = qc.sweep(returns, cases, directory=tmp_path / "s")
    assert np.isnan(found.column("x")[0]) and found.column("value")[1] == 2.5
    assert found.column("x")[2] == [0, 1, 2]
    assert "expected to return a mapping of numbers and texts" in found.failed[0].reason
    assert qc.load(tmp_path / "s") == found
    assert qc.sweep(leaves, {"n": [3]}).failed[0].reason == "SystemExit: 3"


def relaxed(problem, core: float):
    return qc.relax(qc.couple(problem, "bgfc", core, 4.0))


def test_objects_of_the_package_go_in_and_come_out(tmp_path):
    cases = {"problem": [made("problem")], "core": [4.0, 1.0]}
    found = qc.sweep(relaxed, cases, directory=tmp_path / "s")
    assert [row.failed for row in found.rows] == [False, True]
    assert found.rows[0].values["repatoms"] == made("system").n_repatoms
    assert found.rows[0].said()["problem"] == "vacancy"
    for one in (found, qc.load(tmp_path / "s")):
        assert np.array_equal(one.result(0).u, made("solution").u)
    with pytest.raises(InputError, match="number: got 1, expected a row whose case returned"):
        found.result(1)
    without = qc.sweep(relaxed, cases)
    assert np.array_equal(without.result(0).u, made("solution").u)
    again = qc.sweep(relaxed, {**cases, "problem": [made("problem")]}, directory=tmp_path / "s")
    assert again == found  # the clocks are those of the first time


@pytest.mark.slow
def test_ramps_of_several_problems(tmp_path):
    case = {"problem": made("cracked"), "method": "bgfc", "core": 10.0, "blend": 6.0}
    cases = [{**case, "KI": [K]} for K in (0.43, 0.44)]
    with ProcessPoolExecutor(2) as executor:
        found = qc.sweep(qc.ramp, cases, executor=executor, directory=tmp_path / "s")
    assert found.column("result")[1] == "no event from K = 0.44000 to 0.44000 MPa sqrt(m)"
    assert found.result(0).loads == (0.43,)
    assert {qc.load(path).loads for path in (tmp_path / "s" / "runs").iterdir()} == {
        (0.43,),
        (0.44,),
    }


# --- resumed


def test_an_interrupted_sweep_goes_on(tmp_path, log, monkeypatch):
    folder, stop = tmp_path / "s", 3

    def stopping(n, log):
        if len(begun(log)) == stop:
            raise KeyboardInterrupt
        return square(n, log)

    stopping.__qualname__ = square.__qualname__
    stopping.__module__ = square.__module__
    with pytest.raises(SweepInterrupted, match="3 of 6 cases finished") as interrupt:
        qc.sweep(stopping, slow(log), directory=folder)
    assert len(interrupt.value.sweep.rows) == 3 and len(interrupt.value.sweep.missing) == 3
    assert "not run: n 5" in str(qc.load(folder))
    with pytest.warns(UserWarning, match=r"text of work\.square has changed since 3 finished"):
        found = qc.sweep(square, slow(log), directory=folder)
    assert set(begun(log).values()) == {1} and found == qc.load(folder)


def test_cases_may_be_added_and_none_left_out(tmp_path, log):
    folder = tmp_path / "s"
    qc.sweep(square, slow(log, 3), directory=folder)
    assert len(qc.sweep(square, slow(log, 5), directory=folder).rows) == 5
    assert set(begun(log).values()) == {1}
    with pytest.raises(InputError, match=r"^directory: .*that one has 1 cases that are not here"):
        qc.sweep(square, slow(log, 4), directory=folder)
    with pytest.raises(InputError, match=r"^directory: .*function 'work.square', not 'work.die'"):
        qc.sweep(die, {**slow(log, 5), "of": 9, "times": 0}, directory=folder)


def test_a_failed_case_is_kept_unless_it_is_asked_for_again(tmp_path, log):
    folder = tmp_path / "s"

    def fails(n, log):
        square(n, log)
        raise ValueError("so far")

    cases = slow(log, 2)
    assert len(qc.sweep(fails, cases, directory=folder).failed) == 2
    assert len(qc.sweep(fails, cases, directory=folder).failed) == 2
    assert begun(log) == {0: 1, 1: 1}
    assert len(qc.sweep(fails, cases, directory=folder, retry=True).failed) == 2
    assert begun(log) == {0: 2, 1: 2}


@pytest.mark.parametrize("damage", ["cut", "edited", "of another case"])
def test_a_damaged_case_is_computed_again(tmp_path, log, damage):
    found = qc.sweep(square, slow(log), directory=tmp_path / "s")
    file, other = sorted((tmp_path / "s" / "cases").iterdir())[:2]
    text = file.read_text()
    if damage == "cut":
        file.write_text(text[:-20])
    elif damage == "edited":
        file.write_text(text.replace('"square": ', '"square": 1'))
    else:
        file.write_bytes(other.read_bytes())
    again = qc.sweep(square, slow(log), directory=tmp_path / "s")
    assert [row.values for row in again.rows] == [row.values for row in found.rows]
    assert sum(begun(log).values()) == 7


def writes_there(n: int, directory: Path | None = None) -> int:
    if directory is None:
        return -1
    directory.mkdir(exist_ok=True)
    return int(directory.parent.name == "runs")


def needs_it(n: int, directory: Path) -> int:
    return writes_there(n, directory)


def test_a_function_that_takes_a_directory_has_one_of_its_own(tmp_path):
    found = qc.sweep(writes_there, {"n": [1, 2]}, directory=tmp_path / "s")
    assert found.column("value") == [1, 1] and len(list((tmp_path / "s" / "runs").iterdir())) == 2
    assert qc.sweep(writes_there, {"n": [1]}).column("value") == [-1]
    with pytest.raises(InputError, match="directory: got None, expected a folder"):
        qc.sweep(needs_it, {"n": [1]})


# --- executors


def test_threads(log):
    with ThreadPoolExecutor(3) as executor:
        found = qc.sweep(square, slow(log), executor=executor)
    assert found.column("square") == [0, 1, 4, 9, 16, 25]


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("times", [1, 9])
def test_a_dead_worker_loses_no_case(tmp_path, log, workers, times):
    """Once, it is done again; twice and alone, it is a failed case; the rest is finished."""
    cases = slow(log, of=2, times=times)
    with ProcessPoolExecutor(workers, multiprocessing.get_context("fork")) as executor:
        found = qc.sweep(die, cases, executor=executor, directory=tmp_path / "s")
    squares = [0, 1, 4 if times == 1 else None, 9, 16, 25]
    assert found.column("square") == squares
    assert [row.case["n"] for row in found.failed] == ([] if times == 1 else [2])
    if times > 1:
        assert found.failed[0].reason.startswith("BrokenProcessPool: its worker died")
        assert begun(log)[2] in (2, 3)
    computed_twice = sum(begun(log)[n] - 1 for n in range(6) if n != 2)
    assert computed_twice <= workers - 1


def first(n: int) -> int:
    return n


@pytest.mark.slow
def test_workers_that_cannot_begin(monkeypatch):
    """A spawned process does not know the function: it ends before any case."""
    nowhere = type(square)(first.__code__, {})
    nowhere.__module__, nowhere.__qualname__ = "only_here", "nowhere"
    module = type(importlib)("only_here")
    module.nowhere = nowhere
    monkeypatch.setitem(sys.modules, "only_here", module)
    context = multiprocessing.get_context("spawn")
    refused = pytest.raises(InputError, match=r"^executor: .*workers that live until .*__main__")
    with ProcessPoolExecutor(1, context) as executor, refused:
        qc.sweep(nowhere, {"n": [1, 2]}, executor=executor)


def test_an_executor_that_was_shut_down():
    with ThreadPoolExecutor(1) as executor:
        pass
    with pytest.raises(InputError, match=r"^executor: .*takes calls .*after shutdown"):
        qc.sweep(product, GRID, executor=executor)


class Stops:
    """An executor that somebody shuts down after two calls."""

    def __init__(self) -> None:
        self.calls = 0

    def submit(self, function, /, **arguments):
        self.calls += 1
        future: Future = Future()
        if self.calls > 2:
            future.cancel()
            future.set_running_or_notify_cancel()
        else:
            future.set_result(pickle.loads(pickle.dumps(function(**arguments))))
        return future


def test_an_executor_that_ends_meanwhile(tmp_path):
    with pytest.raises(SweepFailed, match="2 of 6 cases finished, then CancelledError") as failure:
        qc.sweep(product, GRID, executor=Stops(), directory=tmp_path / "s")
    assert len(failure.value.sweep.missing) == 4
    assert len(qc.sweep(product, GRID, directory=tmp_path / "s").rows) == 6


class Client:
    """What Dask's client is to us."""

    def __init__(self, asynchronous: bool = False) -> None:
        self.asynchronous = asynchronous

    def get_executor(self):
        return ThreadPoolExecutor(1)

    def submit(self, function, /, **arguments):
        raise AssertionError("its futures are its own")


def test_a_bare_client_of_dask_stands_for_its_executor():
    assert len(qc.sweep(product, GRID, executor=Client()).rows) == 6
    with pytest.raises(InputError, match=r"^executor: .*this client is asynchronous"):
        qc.sweep(product, GRID, executor=Client(asynchronous=True))


class Plain:
    def submit(self, function, /, **arguments):
        return function(**arguments)


@pytest.mark.parametrize("executor", [4, "threads", ThreadPoolExecutor, Plain(), multiprocessing])
def test_no_executor(executor):
    with pytest.raises(InputError, match=r"^executor: .*executor of concurrent\.futures"):
        qc.sweep(product, GRID, executor=executor)


def test_lost_calls_of_any_executor():
    class Dies:
        def __init__(self):
            self.seen = []

        def submit(self, function, /, n):
            future = Future()
            self.seen.append(n)
            if n == 1:
                future.set_exception(RuntimeError("its node is gone"))
            else:
                future.set_result(function(n))
            return future

    executor = Dies()
    found = dict(results(first, [{"n": n} for n in range(3)], executor))
    assert isinstance(found.pop(1), Lost) and found == {0: 0, 2: 2}
    assert sorted(executor.seen) == [0, 1, 1, 2]


# --- refused by name


class Unsendable:
    def __reduce__(self):
        raise TypeError("an open connection")


def opened():
    """An open file (kept open by nobody else)."""
    with Path(__file__).open() as file:
        return file


def takes(**anything) -> int:
    return 0


REFUSED = {
    "function": lambda pool: qc.sweep(lambda n: n, {"n": [1]}, executor=pool),
    "function (local)": lambda pool: qc.sweep(
        functools.partial(lambda n: n), {"n": [1]}, executor=pool
    ),
    r"cases\[0\]\['file'\]": lambda pool: qc.sweep(takes, {"file": [opened()]}, executor=pool),
    r"cases\[1\]\['KI'\]": lambda pool: qc.sweep(takes, {"KI": [1.0, object()]}, directory="no"),
    r"cases\[1\]": lambda pool: qc.sweep(product, [{"a": 1}, {"a": 2, "c": 3}]),
    r"cases\[0\]": lambda pool: qc.sweep(product, [{"b": 1}]),
    r"cases\[2\]": lambda pool: qc.sweep(product, {"a": [1, 2, 1]}),
    r"cases\[0\] ": lambda pool: qc.sweep(product, [3]),
    r"cases\['a'\]": lambda pool: qc.sweep(product, {"a": []}),
    "cases": lambda pool: qc.sweep(product, []),
    "cases ": lambda pool: qc.sweep(product, {"a": range(10**5), "b": range(10**5)}),
    "cases  ": lambda pool: qc.sweep(product, "a"),
}


@pytest.mark.parametrize("argument", REFUSED)
def test_refused_in_the_name_of_the_argument(argument, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with ProcessPoolExecutor(1) as pool, pytest.raises(InputError) as refusal:
        REFUSED[argument](pool)
    plain = argument.partition(" ")[0].replace("\\", "")
    assert str(refusal.value).startswith(f"{plain}: got ")
    assert list(tmp_path.iterdir()) == []


def test_any_object_is_an_argument_where_nothing_is_kept():
    things = [object(), object()]
    assert len(qc.sweep(takes, {"thing": things}).rows) == 2
    with pytest.raises(InputError, match=r"cases\[1\]: .* another case than cases\[0\]"):
        qc.sweep(takes, {"thing": [things[0], things[0]]})


def inner(n: int, folder: str) -> None:
    qc.sweep(inner, {"n": [n], "folder": folder}, directory=folder)


def test_two_sweeps_at_once_in_a_folder(tmp_path):
    found = qc.sweep(inner, {"n": [1], "folder": str(tmp_path / "s")}, directory=tmp_path / "s")
    assert found.failed[0].error == FolderInUseError.__name__
    with pytest.raises(InputError, match=r"^directory: .*an empty folder, or that of this ramp"):
        qc.ramp(made("cracked"), "bgfc", 10.0, 6.0, KI=[0.43], directory=tmp_path)
    with pytest.raises(InputError, match=r"^directory: .*kind 'sweep', not 'ramp'"):
        qc.ramp(made("cracked"), "bgfc", 10.0, 6.0, KI=[0.43], directory=tmp_path / "s")


# --- written and drawn


def test_written_and_read(tmp_path):
    found = qc.sweep(product, GRID)
    assert qc.load(found.write(tmp_path / "s.json")) == found
    with found.write(tmp_path / "s.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["product"] for row in rows] == ["1.0", "2.0", "2.0", "4.0", "", ""]
    assert rows[-1]["reason"] == "ValueError: no product of 3"
    assert "product" in found._repr_html_() and repr(found).endswith(
        "6 cases, 2 failed, 0 missing)"
    )
    values = json.loads((tmp_path / "s.json").read_text())
    values["rows"][0]["values"]["product"] = 7.0
    (tmp_path / "s.json").write_text(json.dumps(values))
    with pytest.raises(InputError, match="whose content has its digest"):
        qc.load(tmp_path / "s.json")


def test_parts_are_joined():
    cases = [{"a": a} for a in (1.0, 2.0, 4.0)]
    first, second = (qc.sweep(product, part) for part in (cases[:2], cases[1:]))
    both = first.joined(second)
    assert [row.case for row in both.rows] == cases and not both.missing
    assert both.rows[1] is first.rows[1]
    with pytest.raises(InputError, match=r"^others: .* sweeps of test_sweep.product, too"):
        first.joined(qc.sweep(takes, {"n": 1}))


def test_drawn():
    found = qc.sweep(product, GRID)
    axis = found.plot().axes[0]
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("a", "product")
    lines = {line.get_label(): line.get_xydata().tolist() for line in axis.get_lines()}
    assert lines == {"b 1": [[1.0, 1.0], [2.0, 2.0]], "b 2": [[1.0, 2.0], [2.0, 4.0]]}
    assert found.plot(x="b", y="seconds").axes[0].get_ylabel() == "seconds"
    with pytest.raises(InputError, match=r"^y: got 'word', expected a column of numbers"):
        found.plot(y="word")
