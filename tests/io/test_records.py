"""What is saved is read back as it was, or refused by name; a run that is killed goes on as before.

The systems are small: a plane vacancy, an aluminium crack in 50 A, a tungsten cylinder of 28 A.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

import ase.io
import meshio
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import qcmethod as qc
from qcmethod import io
from qcmethod.base.files import read_sealed, sealed, write_json
from qcmethod.errors import (
    ConvergenceError,
    DamagedFileError,
    FileVersionError,
    InputError,
    ResultFileError,
)
from qcmethod.io import container
from qcmethod.io.decode import Decoder
from qcmethod.io.encode import Encoder
from qcmethod.io.lines import first_wrong, read_lines, write_lines
from qcmethod.io.region import atoms_in
from qcmethod.potentials.contract import Potential
from qcmethod.potentials.forms.toy import toy_2d
from qcmethod.studies.arc import branch
from qcmethod.studies.compare import Study
from qcmethod.studies.journal import Journal

ON_DISK = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
STRETCHED = [[1.0, 0.02], [0.0, 1.03]]
RAMP = {"core": 10.0, "blend": 6.0, "KI": (0.46, 0.464)}


@cache
def plane():
    return qc.Crystal.hex2d(qc.load_potential("toy2d-c10"))


def morse():
    """A pair potential of the chain."""
    params = toy_2d(a=4.4, b=3.0, c=5.0, t0=6.0 * np.exp(-3.0))
    return Potential("toy", "X", params, "chain", 1.0)


@cache
def vacancy(method="bgfc", **options):
    problem = qc.vacancy(plane(), STRETCHED, extent=25.0)
    zone = {} if method in ("atomistic", "local") else {"core": 4.0, "blend": 4.0}
    return qc.relax(qc.couple(problem, method, **zone, **options), fmax=1e-6)


@cache
def aluminium():
    axes = {"x": (1, 1, -2), "y": (1, 1, 1), "z": (1, -1, 0)}
    return qc.Crystal.fcc(qc.load_potential("Al-Ercolessi-1994"), **axes)


@cache
def crack(extent=50.0):
    return qc.crack(aluminium(), KI=0.46, extent=extent)


@cache
def cracked(method):
    return qc.relax(qc.couple(crack(), method, 10.0, 6.0))


@cache
def tungsten():
    axes = {"x": (0, 1, 1), "y": (1, 0, 0), "z": (0, 1, -1)}
    return qc.crack(qc.Crystal.bcc(qc.load_potential("W-Ackland-1987"), **axes), 1.88, extent=28.0)


@pytest.fixture(scope="module")
def ramped(tmp_path_factory):
    """A ramp of two loads and its folder."""
    folder = tmp_path_factory.mktemp("ramp") / "run"
    return qc.ramp(crack(), "bgfc", **RAMP, directory=folder), folder


@pytest.fixture(scope="module")
def followed(tmp_path_factory):
    """A curve of three points and its folder."""
    folder = tmp_path_factory.mktemp("arc") / "run"
    return qc.arc(tungsten(), "atomistic", KI=1.88, steps=2, directory=folder), folder


@pytest.fixture(scope="module")
def adapted(tmp_path_factory):
    """An adaptive run of a few cycles and its folder."""
    folder = tmp_path_factory.mktemp("adapt") / "run"
    problem = qc.vacancy(plane(), STRETCHED, extent=25.0)
    return qc.adapt(problem, tolerance=0.03, directory=folder), folder


# --- a solution, there and back -------------------------------------------------------------------


def same_solution(a, b):
    for name in ("u", "forces"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name))
    for name in ("excess_energy", "fmax", "iterations", "evaluations", "inner", "seconds"):
        assert getattr(a, name) == getattr(b, name)
    for name in ("x_k", "y0_l", "F0_q", "ij_l", "y0_k"):
        np.testing.assert_array_equal(getattr(a.system.body, name), getattr(b.system.body, name))
    one, other = (s.system.model.at(s.u) for s in (a, b))
    assert one.energy == other.energy
    np.testing.assert_array_equal(one.forces, other.forces)
    assert a.patch_number == b.patch_number and repr(a) == repr(b)
    assert a.system.problem.loads == b.system.problem.loads


@pytest.mark.parametrize(
    ("method", "options"),
    [
        ("bgfc", {}),
        ("bqcf", {}),
        ("grac", {}),
        ("local", {}),
        ("atomistic", {}),
        ("bgfc", {"elements": "P2"}),
        ("cluster", {"cluster": 1.5}),
        ("bgfc", {"metric": "hops", "blending": "min-hessian"}),
    ],
)
def test_a_solution_comes_back_bitwise(method, options, tmp_path):
    solution = vacancy(method, **options)
    same_solution(qc.load(solution.write(tmp_path / "a.npz")), solution)


@pytest.mark.parametrize("method", ["bgfc", "bqcf"])
def test_a_crack_comes_back_with_its_flank_and_its_relaxed_layers(method, tmp_path):
    same_solution(qc.load(cracked(method).write(tmp_path / "a.npz")), cracked(method))


def test_a_dipole_comes_back(tmp_path):
    line = {"plane": (1, 1, 1), "line": (1, 1, -2), "separation": 4}
    problem = qc.dipole(aluminium(), (0.5, -0.5, 0), **line, extent=60.0)
    system = qc.couple(problem, "bqcf", 10.0, 6.0)
    found = qc.load(io.write(tmp_path / "a.npz", system, system.zero))
    np.testing.assert_array_equal(found.system.body.y0_l, system.body.y0_l)
    assert found.fmax > 0.0 and found.excess_energy is None and found.iterations == 0


def test_nothing_is_measured_again(tmp_path, monkeypatch):
    """Pictures, tables and atoms of a file need no solver and no patch test."""
    path = cracked("bgfc").write(tmp_path / "a.npz")
    monkeypatch.setattr(qc.System, "pristine", None)
    found = qc.load(path)
    assert found.patch_number == cracked("bgfc").patch_number
    one, other = found.to_atoms(), cracked("bgfc").to_atoms()
    for name, values in other.arrays.items():
        np.testing.assert_array_equal(one.arrays[name], values)
    plots = [
        s.plot(tmp_path / f"{n}.png").read_bytes() for n, s in enumerate((found, cracked("bgfc")))
    ]
    assert plots[0] == plots[1]


def test_a_file_says_what_it_is(tmp_path):
    with np.load(cracked("bgfc").write(tmp_path / "a.npz")) as file:
        about = json.loads(str(file["about"]))
        assert file["system.mesh.ij"].dtype == file["system.mesh.cells"].dtype == np.int64
    assert about["format"] == 2 and about["qcmethod"] == qc.__version__
    assert (about["method"], about["core"], about["blend"]) == ("bgfc", 10.0, 6.0)
    assert (about["blending"], about["potential"]) == ("quintic", "Al-Ercolessi-1994")
    assert len(about["potential_digest"]) == 16 and 1e-4 < about["patch_number"] < 0.1
    assert about["mesh"]["nodes"] == cracked("bgfc").system.body.mesh.n_nodes


def test_an_indentation_comes_back(tmp_path):
    crystal = qc.Crystal.fcc(
        qc.load_potential("Al-Ercolessi-1994"), (1, 1, 0), (-1, 1, 1), (1, -1, 2)
    )
    problem = qc.indentation(crystal, radius=20.0, depth=0.2, extent=60.0)
    solution = qc.relax(qc.couple(problem, "bgfc", 15.0, 6.0))
    same_solution(qc.load(solution.write(tmp_path / "a.npz")), solution)
    assert (solution.to_atoms("all").arrays["ij"][:, 1] <= 0).all()


# --- damaged, foreign, of another version ---------------------------------------------------------


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    """The bytes of a file."""
    return vacancy().write(tmp_path_factory.mktemp("content") / "a.npz").read_bytes()


@ON_DISK
@given(st.data())
def test_a_file_that_was_cut_off_is_refused(tmp_path, content, data):
    size = data.draw(st.integers(0, len(content) - 1))
    (tmp_path / "a.npz").write_bytes(content[:size])
    with pytest.raises(DamagedFileError, match=r"a\.npz"):
        qc.load(tmp_path / "a.npz")
    with pytest.raises(DamagedFileError):
        io.read_corrector(tmp_path / "a.npz", vacancy().system)


@ON_DISK
@given(st.data())
def test_a_file_with_a_changed_byte_is_refused(tmp_path, content, data):
    damaged = bytearray(content)
    damaged[data.draw(st.integers(0, len(damaged) - 1))] ^= data.draw(st.integers(1, 255))
    (tmp_path / "a.npz").write_bytes(damaged)
    with pytest.raises(ResultFileError, match=r"a\.npz"):
        qc.load(tmp_path / "a.npz")


def changed(path, data):
    """Another file than at `path`: with one byte changed, cut off, or both."""
    kept = path.read_bytes()
    damaged = bytearray(kept)
    damaged[data.draw(st.integers(0, len(kept) - 1))] ^= data.draw(st.integers(0, 255))
    path.write_bytes(damaged[: data.draw(st.integers(0, len(kept)))])
    return kept


@ON_DISK
@given(st.data())
def test_numbers_in_json_are_refused_or_what_they_were(tmp_path, adapted, data):
    path = adapted[0].write(tmp_path / "a.json")
    before = qc.load(path)
    changed(path, data)
    try:
        found = qc.load(path)
    except ResultFileError:
        return
    assert found == before


@ON_DISK
@given(st.data(), st.sampled_from(["run.json", "log.jsonl", "setup.npz", "0000.npz", "end.json"]))
def test_a_folder_is_refused_or_what_it_was(followed, data, name):
    result, folder = followed
    kept = changed(folder / name, data)
    try:
        found = qc.load(folder)
    except ResultFileError:
        return
    finally:
        (folder / name).write_bytes(kept)
    # a log without its last lines is that of a run that was killed earlier
    n = len(found.points)
    assert found.points == result.points[:n] and (n == 3 or name == "log.jsonl")
    assert found.run == result.run and found.stopped == result.stopped


def test_another_format_is_refused(tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(container, "FORMAT", 9)
        patch.setattr(container, "__version__", "9.9.9")
        path = vacancy().write(tmp_path / "a.npz")
    with pytest.raises(FileVersionError, match=r"path.*format 9 of qcmethod 9\.9\.9.*==9\.9\.9"):
        qc.load(path)


def test_a_run_of_another_version_is_refused(ramped, tmp_path, monkeypatch):
    monkeypatch.setattr("qcmethod.studies.identity.__version__", "9.9.9")
    with pytest.raises(FileVersionError, match=r"directory.*qcmethod 0"):
        qc.ramp(crack(), "bgfc", **RAMP, directory=ramped[1])


def test_a_folder_of_another_format_or_kind_is_refused(tmp_path):
    for name, values in (
        ("a", {"format": 9, "kind": "ramp", "version": "9.9"}),
        ("b", {"format": 1, "kind": "walk"}),
    ):
        (tmp_path / name).mkdir()
        write_json(tmp_path / name / "run.json", sealed(values))
        with pytest.raises(FileVersionError, match=r"format 9, qcmethod 9|kind 'walk'"):
            qc.load(tmp_path / name)


def test_files_of_others_are_refused(tmp_path):
    np.savez(tmp_path / "a.npz", u=np.zeros((3, 3)))
    (tmp_path / "b.npz").write_text("some text that is no archive" * 9)
    (tmp_path / "c.json").write_text('{"u": 1}')
    (tmp_path / "d.json").write_text("text")
    (tmp_path / "folder").mkdir()
    for name in ("a.npz", "b.npz", "c.json", "d.json", "folder", "missing.npz"):
        with pytest.raises(ResultFileError, match=name.replace(".", r"\.")):
            qc.load(tmp_path / name)
    for path, potential in ((3, None), (tmp_path / "a.npz", "Al")):
        with pytest.raises(InputError, match=r"path|potential"):
            qc.load(path, potential)


JOURNAL = {"type": "Journal", "at": 0}
JOURNAL["fields"] = {"folder": "run", "kind": "ramp", "run": {"dict": {}}}
"""An object that can be changed is no data."""


def test_a_missing_entry_is_refused(tmp_path):
    path = vacancy().write(tmp_path / "a.npz")
    about, arrays = container.read_arrays(path)
    lost = {k: v for k, v in arrays.items() if k != "system.mesh.cells"}
    trees = (
        (about, lost),
        ({k: v for k, v in about.items() if k != "record"}, arrays),
        (about | {"record": {"type": "os:system", "at": "", "fields": {}}}, arrays),
        (about | {"record": {"type": "save", "at": "", "fields": {}}}, arrays),
        (about | {"record": {"type": "None", "at": "", "fields": {}}}, arrays),
        (about | {"record": {"same": 7}}, arrays),
        # importing it would run the command line
        (about | {"record": {"type": "__main__:X", "at": 0, "fields": {}}}, arrays),
        (about | {"record": JOURNAL}, arrays),
        (about | {"record": {"type": "Mesh", "at": "", "fields": {}}}, arrays),
    )
    for number, (text, kept) in enumerate(trees):
        container.write_arrays(tmp_path / f"{number}.npz", text, kept)
        with pytest.raises(DamagedFileError, match=rf"{number}\.npz"):
            qc.load(tmp_path / f"{number}.npz")
    deep = "[" * 100_000
    for name in ("a.json", "log.jsonl"):
        (tmp_path / name).write_text(deep)
    with pytest.raises(ResultFileError, match=r"a\.json"):
        qc.load(tmp_path / "a.json")
    with pytest.raises(DamagedFileError, match="undamaged log"):
        read_lines(tmp_path / "log.jsonl", "directory")
    with pytest.raises(DamagedFileError):
        io.read_corrector(tmp_path / "0.npz", vacancy().system)


# --- the potential of a file ----------------------------------------------------------------------


class Springs(NamedTuple):
    """A user's own form; nothing is computed with it here."""

    cutoff: float
    r_min: float
    n_max: float
    k: float


def test_the_potential_that_is_given_must_be_the_one_of_the_file(tmp_path):
    path = vacancy().write(tmp_path / "a.npz")
    own = qc.load_potential("toy2d-c10")
    assert qc.load(path, own).system.problem.crystal.potential is own
    with pytest.raises(ResultFileError, match=r"potential.*Al-Ercolessi.*toy2d-c10"):
        qc.load(path, qc.load_potential("Al-Ercolessi-1994"))
    stiffer = replace(own, params=own.params._replace(a=own.params.a * (1.0 + 1e-6)))
    with pytest.raises(ResultFileError, match="digest"):
        qc.load(path, stiffer)


def test_a_form_of_the_user_must_be_given(tmp_path):
    mine = Potential("mine", "X", Springs(1.5, 0.5, np.inf, 2.0))
    path = io.save(tmp_path / "a.npz", {"potential": mine})
    with pytest.raises(InputError, match=r"potential.*Springs"):
        qc.load(path)
    assert qc.load(path, mine)["potential"] is mine


# --- values of every kind -------------------------------------------------------------------------

scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5))
arrays = st.lists(st.floats(-9, 9), max_size=4).map(np.array)
values = st.recursive(
    scalars | arrays,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.sampled_from(["array", "type", "a", "same"]), inner, max_size=3)
    ),
    max_leaves=9,
)


def identical(a, b):
    if isinstance(a, np.ndarray):
        return isinstance(b, np.ndarray) and a.dtype == b.dtype and np.array_equal(a, b)
    if isinstance(a, list | tuple):
        return type(a) is type(b) and len(a) == len(b) and all(map(identical, a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(identical(a[k], b[k]) for k in a)
    return type(a) is type(b) and (a == b or (a != a and b != b))


@given(values)
def test_values_come_back(value):
    encoder = Encoder()
    tree = json.loads(json.dumps(encoder.tree(value), allow_nan=False))
    assert identical(Decoder(encoder.arrays, None).value(tree), value)


def test_what_appears_twice_is_kept_once():
    encoder = Encoder()
    x = np.arange(3.0)
    tree = encoder.tree([x, {"y": x}, plane(), plane()])
    assert sum(a is x for a in encoder.arrays.values()) == 1
    found = Decoder(encoder.arrays, None).value(tree)
    assert found[2] is found[3] and found[1]["y"] is x


def test_arrays_at_places_that_look_alike_are_kept_apart(tmp_path):
    """Keys may hold dots, and be names that the archive has for itself."""
    x, y = np.arange(3.0), np.arange(2)
    value = {"a.b": x, "a": {"b": y}, "about": y + 1, "file": y + 2, "": x + 1, "a/b\0": x + 2}
    path = io.save(tmp_path / "a.npz", value, extra={"bubbles": y})
    assert identical(qc.load(path), value)
    assert identical(qc.load(io.save(path, {"bubbles": x}, extra={"bubbles": y})), {"bubbles": x})


NO_DATA = [
    lambda: 0,
    np.array([None]),
    object(),
    Path("a"),
    {1: 2},
    1j,
    b"a",
    np.longdouble(1),
    Journal(Path("a"), "ramp", {}),
]


@pytest.mark.parametrize("value", NO_DATA, ids=lambda value: type(value).__name__)
def test_what_is_no_data_is_not_written(value):
    with pytest.raises(TypeError, match=r"\.0.*no data"):
        Encoder().tree([value])


# --- results --------------------------------------------------------------------------------------


def test_a_ramp_comes_back_from_its_folder_and_from_its_file(ramped, tmp_path):
    result, folder = ramped
    for found in (qc.load(folder), qc.load(result.write(tmp_path / "a.npz"))):
        assert str(found) == str(result) and found.trials == result.trials
        assert found.loads == result.loads and found.store.run == result.store.run
        np.testing.assert_array_equal(found.solution().u, result.solution().u)
        pictures = [r.plot(tmp_path / "p.png").read_bytes() for r in (found, result)]
        assert pictures[0] == pictures[1]
    table = qc.load(result.write(tmp_path / "a.json"))
    assert table["kind"] == "ramp" and len(table["trials"]) == 2
    with np.load(folder / "0001.npz") as state:
        about = json.loads(str(state["about"]))
    assert (about["number"], about["method"], about["qcmethod"]) == (1, "bgfc", qc.__version__)
    assert about["potential_digest"] == result.store.run["potential_digest"]
    assert about["patch_number"] == result.store.run["patch_number"] > 0.0


def test_an_arc_comes_back(followed, tmp_path):
    result, folder = followed
    for found in (qc.load(folder), qc.load(result.write(tmp_path / "a.npz"))):
        assert str(found) == str(result) and found.points == result.points
        assert found.stopped == result.stopped and found.run == result.run
        one, other = found.solution(1), result.solution(1)
        np.testing.assert_array_equal(one.forces, other.forces)
    again = qc.arc(tungsten(), "atomistic", KI=1.88, steps=2, directory=folder, progress=forbidden)
    assert again.points == result.points


def test_an_adaptive_run_comes_back(adapted, tmp_path):
    result, folder = adapted
    for found in (qc.load(folder), qc.load(result.write(tmp_path / "a.npz"))):
        assert str(found) == str(result) and found.cycles == result.cycles
        np.testing.assert_array_equal(found.u, result.u)
        assert found.solution.fmax == result.solution.fmax and found.choice == result.choice
        assert found.energy == result.energy
        np.testing.assert_array_equal(found.zone, result.zone)
    further = qc.adapt(found.solution.system.problem, tolerance=0.03, start=found, max_cycles=1)
    assert further.cycles[0].repatoms == result.cycles[-1].repatoms
    assert qc.load(result.write(tmp_path / "a.json"))["reason"] == result.reason


def test_a_study_is_opened_by_the_same_door(tmp_path):
    problem = qc.vacancy(plane(), STRETCHED, extent=13.0)
    study = qc.compare(problem, ["qce"], cores=3.0, directory=tmp_path / "study")
    for path in (tmp_path / "study", study.write(tmp_path / "a.json")):
        found = qc.load(path)
        assert isinstance(found, Study) and len(found.rows) == 1
    assert qc.load(tmp_path / "study" / "reference.npz").method == "atomistic"


# --- killed and resumed ---------------------------------------------------------------------------


class Killed(BaseException):
    """Stands for a signal: nothing catches it."""


def forbidden(step):
    raise AssertionError("a finished run is read, not computed")


def kill(step):
    raise Killed


def history(folder):
    """Everything that a run leaves, without the seconds."""
    lines = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    for line in lines:
        for name in ("seconds", "check", "solve_seconds", "estimate_seconds"):
            line.pop(name, None)
    return (folder / "run.json").read_bytes(), (folder / "end.json").read_bytes(), lines


def states(folder):
    """Arrays of all states, by file."""
    return {
        f"{file.name}/{name}": a.tobytes()
        for file in sorted(folder.glob("[0-9]*.npz"))
        for name, a in container.read_arrays(file)[1].items()
    }


def test_an_arc_that_is_killed_goes_on_as_if_it_had_not_been(followed, tmp_path):
    folder, run = tmp_path / "run", {"KI": 1.88, "steps": 2, "directory": tmp_path / "run"}
    for n in range(3):
        with pytest.raises(Killed):
            qc.arc(tungsten(), "atomistic", **run, progress=kill)
        unfinished = qc.load(folder)
        assert len(unfinished.points) == n + 1 and unfinished.stopped == "not finished"
    qc.arc(tungsten(), "atomistic", **run, progress=forbidden)
    assert history(folder) == history(followed[1])
    assert states(folder) == states(followed[1])


def test_an_adaptive_run_that_is_killed_goes_on_as_if_it_had_not_been(adapted, tmp_path):
    result, whole = adapted
    folder = tmp_path / "run"
    problem = qc.vacancy(plane(), STRETCHED, extent=25.0)
    for n in range(len(result.cycles)):
        with pytest.raises(Killed):
            qc.adapt(problem, tolerance=0.03, directory=folder, progress=kill)
        unfinished = qc.load(folder)
        assert len(unfinished.cycles) == len(unfinished.snapshots) == n + 1
    found = qc.adapt(problem, tolerance=0.03, directory=folder, progress=forbidden)
    assert history(folder) == history(whole) and states(folder) == states(whole)
    np.testing.assert_array_equal(found.solution.u, result.solution.u)
    again = qc.adapt(problem, tolerance=0.03, directory=folder, progress=forbidden)
    np.testing.assert_array_equal(again.solution.u, result.solution.u)


def test_what_a_killed_process_left_is_taken_away(tmp_path):
    run = {"version": "1", "a": 1}
    Journal.claim(tmp_path / "run", "walk", run)
    left = tmp_path / "run" / ".0000.123.partial.npz"
    left.write_bytes(b"half")
    Journal.claim(tmp_path / "run", "walk", run)
    assert [p.name for p in (tmp_path / "run").iterdir()] == ["run.json"]


def test_a_run_that_was_killed_before_it_had_written_anything_goes_on(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / ".run.77.partial.json").write_text("{")
    Journal.claim(tmp_path / "run", "walk", {"version": "1"})
    assert [p.name for p in (tmp_path / "run").iterdir()] == ["run.json"]


def test_cycles_that_are_printed_go_on_counting(tmp_path, capsys):
    folder, problem = tmp_path / "run", qc.vacancy(plane(), STRETCHED, extent=25.0)
    with pytest.raises(Killed):
        qc.adapt(problem, tolerance=0.03, directory=folder, progress=kill)
    qc.adapt(problem, tolerance=0.03, directory=folder, progress=True)
    assert capsys.readouterr().out.splitlines()[1].split()[0] == "1"


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({"steps": 3}, "asked"),
        ({"ds": 0.3}, "ds"),
        ({"KI": 1.9}, "first"),
        ({"fmax": 1e-8}, "fmax"),
    ],
)
def test_another_arc_is_refused(followed, other, says):
    with pytest.raises(InputError, match=rf"directory.*{says}.*another"):
        qc.arc(tungsten(), "atomistic", **{"KI": 1.88, "steps": 2} | other, directory=followed[1])


def test_another_run_is_refused(followed, adapted):
    problem = qc.vacancy(plane(), STRETCHED, extent=25.0)
    with pytest.raises(InputError, match=r"directory.*tolerance"):
        qc.adapt(problem, tolerance=0.04, directory=adapted[1])
    with pytest.raises(InputError, match=r"directory.*kind 'arc', not 'adapt'"):
        qc.adapt(problem, tolerance=0.03, directory=followed[1])
    for folder in (3, Path(__file__)):
        with pytest.raises(InputError, match="directory"):
            qc.adapt(problem, tolerance=0.03, directory=folder)


def test_a_state_of_another_run_is_refused(followed, ramped):
    folder = followed[1]
    kept = (folder / "0001.npz").read_bytes()
    (folder / "0001.npz").write_bytes((ramped[1] / "0001.npz").read_bytes())
    with pytest.raises(DamagedFileError, match=r"directory.*0001\.npz.*state of this run"):
        qc.load(folder)
    (folder / "0001.npz").write_bytes(kept)


def test_the_state_of_another_step_is_refused(followed):
    folder = followed[1]
    kept = (folder / "0001.npz").read_bytes()
    (folder / "0001.npz").write_bytes((folder / "0000.npz").read_bytes())
    with pytest.raises(DamagedFileError, match=r"directory.*0001\.npz.*state of this run"):
        qc.load(folder)
    (folder / "0001.npz").write_bytes(kept)


def test_the_potential_of_an_unfinished_run_is_asked_for_by_name(adapted, tmp_path):
    folder = shutil.copytree(adapted[1], tmp_path / "run")
    (folder / "result.npz").unlink()
    (folder / "end.json").unlink()
    assert qc.load(folder, qc.load_potential("toy2d-c10")).reason == adapted[0].reason
    with pytest.raises(ResultFileError, match=r"^potential: .*toy2d-c10"):
        qc.load(folder, qc.load_potential("Al-Ercolessi-1994"))


def test_a_ramp_without_an_equilibrium_is_read(tmp_path):
    """Its folder holds a trial that failed, and no state."""
    folder, what = tmp_path / "run", RAMP | {"KI": (0.6, 0.61), "max_iterations": 1}
    for _ in range(2):
        with pytest.raises(ConvergenceError, match="first load"):
            qc.ramp(crack(), "bgfc", **what, directory=folder)
    for found in (qc.load(folder), qc.load(qc.load(folder).write(tmp_path / "a.npz"))):
        assert repr(found) == "RampResult(0 steps, no event)" and not found.completed
        assert "failed" in str(found) and found.load.shape == (0,)
        with pytest.raises(ConvergenceError, match="no load has an equilibrium"):
            found.solution()
        with pytest.raises(InputError, match="a state to draw"):
            found.plot(tmp_path / "a.png")
        for suffix in (".xyz", ".pvd"):
            with pytest.raises(InputError, match="a state to write"):
                found.write(tmp_path / f"a{suffix}")
    assert qc.load(found.write(tmp_path / "a.json"))["trials"][0]["outcome"] == "failed"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.json", "a.npz", "run"]


@pytest.mark.parametrize("number", [1.0, "0", True, None, 3, -4])
def test_numbers_of_no_step_are_refused(ramped, followed, number):
    for what in (ramped[0].corrector, ramped[0].system, followed[0].solution):
        with pytest.raises(InputError, match=r"number.*0 to"):
            what(number)


def test_a_digit_that_was_changed_in_a_log_is_found(followed, ramped):
    for _, folder in (followed, ramped):
        kept = (folder / "log.jsonl").read_text()
        energy = json.loads(kept.splitlines()[0])["energy"]
        (folder / "log.jsonl").write_text(kept.replace(str(energy), str(energy + 1e-9), 1))
        with pytest.raises(DamagedFileError, match=r"undamaged log \(line 1 is not"):
            qc.load(folder)
        (folder / "log.jsonl").write_text(kept)


def test_the_line_of_a_log_that_was_changed_is_named(tmp_path):
    """Without it and what follows, the log is that of a run that was killed there."""
    log, lines = tmp_path / "log.jsonl", [{"number": i, "energy": 0.5 * i} for i in range(4)]
    write_lines(log, lines)
    text = log.read_text()
    log.write_text(text.replace("1.0", "1.1"))
    with pytest.raises(DamagedFileError, match=r"line 3 is not.*Try: move line 3 and all that"):
        read_lines(log, "directory")
    log.write_text("".join(text.splitlines(keepends=True)[:2]))
    assert read_lines(log, "directory") == lines[:2]
    assert first_wrong(lines[:1] + lines[2:]) == 2


def test_a_flipped_bit_is_told_from_a_foreign_file(tmp_path):
    container.write_arrays(tmp_path / "a.npz", {}, {"x": np.arange(50.0)})
    content = bytearray((tmp_path / "a.npz").read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "b.npz").write_bytes(content)
    with pytest.raises(DamagedFileError, match=r"compute it again.*changed after it was written"):
        container.read_arrays(tmp_path / "b.npz")
    (tmp_path / "a.json").write_text(json.dumps({**sealed({"x": 1.0}), "x": 2.0}))
    with pytest.raises(DamagedFileError, match=r"compute it again.*changed after it was written"):
        read_sealed(tmp_path / "a.json", "a file")
    (tmp_path / "c.npz").write_bytes(b"something else")
    with pytest.raises(ResultFileError, match="a file that qcmethod wrote"):
        container.read_arrays(tmp_path / "c.npz")


def test_a_line_that_is_missing_is_found(followed, ramped):
    for _, folder in (followed, ramped):
        kept = (folder / "log.jsonl").read_text()
        (folder / "log.jsonl").write_text("".join(kept.splitlines(keepends=True)[1:]))
        with pytest.raises(DamagedFileError, match="undamaged log"):
            qc.load(folder)
        (folder / "log.jsonl").write_text(kept)


def test_the_jacobian_does_not_depend_on_what_was_computed_before():
    """Factors of the same point, after the neighbour lists were made somewhere else."""
    system = qc.couple(tungsten(), "atomistic")
    fresh = branch.Branch.of(system, "KI", None, 1.0).linearised(system.zero, 1.88)
    used = branch.Branch.of(qc.couple(tungsten(), "atomistic"), "KI", None, 1.0)
    far = np.where(system.free, np.random.default_rng(0).normal(size=system.zero.shape), 0.0)
    # less than half of the skin: the list that is made here holds at zero, too
    used.state(0.28 * far / np.linalg.norm(far, axis=1).max(), 1.88)
    again = used.linearised(system.zero, 1.88)
    np.testing.assert_array_equal(again.factors.H.indices, fresh.factors.H.indices)
    np.testing.assert_array_equal(again.factors.H.toarray(), fresh.factors.H.toarray())
    np.testing.assert_array_equal(again.slope, fresh.slope)


SCRIPT = """
import sys
import qcmethod as qc
if sys.argv[2] == "arc":
    axes = {"x": (0, 1, 1), "y": (1, 0, 0), "z": (0, 1, -1)}
    crystal = qc.Crystal.bcc(qc.load_potential("W-Ackland-1987"), **axes)
    problem = qc.crack(crystal, 1.88, extent=28.0)
    qc.arc(problem, "atomistic", KI=1.88, steps=12, directory=sys.argv[1])
else:
    axes = {"x": (1, 1, -2), "y": (1, 1, 1), "z": (1, -1, 0)}
    crystal = qc.Crystal.fcc(qc.load_potential("Al-Ercolessi-1994"), **axes)
    problem = qc.crack(crystal, 0.42, extent=100.0)
    qc.adapt(problem, tolerance=0.05, widen=False, directory=sys.argv[1])
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["arc", "adapt"])
def test_sigkill_at_any_moment(kind, tmp_path):
    """Killed twenty times at random moments; then as if never, and no file ever half written."""
    folder, whole = tmp_path / "run", tmp_path / "whole"
    environment = os.environ | {"PYTHONPATH": str(Path(qc.__file__).parents[1])}
    command = [sys.executable, "-c", SCRIPT]
    clock, killed = np.random.default_rng(2), 0
    for _ in range(20):
        process = subprocess.Popen([*command, str(folder), kind], env=environment)
        before = folder.exists() and sorted(p.name for p in folder.iterdir())
        deadline = time.monotonic() + 60.0
        while time.monotonic() < deadline and process.poll() is None:
            if folder.exists() and sorted(p.name for p in folder.iterdir()) != before:
                break
            time.sleep(0.002)
        time.sleep(clock.uniform(0.0, 0.15))
        process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
        if (folder / "run.json").exists():
            Journal.open(folder)
        for file in folder.glob("[!.]*.npz"):
            container.read_arrays(file)
    assert killed >= 10
    for at in (folder, whole):
        subprocess.run([*command, str(at), kind], env=environment, check=True)
    assert history(folder) == history(whole) and states(folder) == states(whole)
    assert not list(folder.glob(".*"))


# --- series ---------------------------------------------------------------------------------------


def series(path):
    """Times and meshes of a ParaView collection."""
    root = ElementTree.parse(path).getroot()
    assert root.attrib["type"] == "Collection"
    rows = root.findall("Collection/DataSet")
    return [float(r.attrib["timestep"]) for r in rows], [
        meshio.read(path.parent / r.attrib["file"]) for r in rows
    ]


def test_a_ramp_as_a_trajectory_and_as_a_series_of_meshes(ramped, tmp_path):
    result, folder = ramped
    atoms = ase.io.read(qc.load(folder).write(tmp_path / "a.xyz"), index=":")
    assert [a.info["load"] for a in atoms] == [a.info["KI"] for a in atoms] == [0.46, 0.464]
    for n, frame in enumerate(atoms):
        expected = qc.load(folder).solution(n).to_atoms()
        places = [one.positions - one.info["shift"] for one in (frame, expected)]
        np.testing.assert_allclose(*places, rtol=0, atol=2e-8)
        np.testing.assert_array_equal(frame.info["shift"], atoms[0].info["shift"])
        np.testing.assert_array_equal(frame.cell, atoms[0].cell)
        assert frame.info["excess_energy"] == pytest.approx(result.trials[n].energy, abs=1e-9)
        assert frame.info["patch_number"] == pytest.approx(result.solution().patch_number)
    times, meshes = series(result.write(tmp_path / "a.pvd"))
    assert times == [0.46, 0.464]
    for n, mesh in enumerate(meshes):
        body = result.follower.system.body
        np.testing.assert_array_equal(mesh.points, body.x_k[body.used] * (1.0, 1.0, 0.0))
        corrector = result.corrector(n)[body.used]
        np.testing.assert_array_equal(mesh.point_data["corrector"], corrector)
        assert mesh.field_data["KI"] == mesh.field_data["time"] == times[n]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.pvd", "a.xyz", "a_frames"]
    assert [p.name for p in sorted((tmp_path / "a_frames").iterdir())] == ["0000.vtu", "0001.vtu"]


def test_an_arc_as_a_series(followed, tmp_path):
    result, _ = followed
    atoms = ase.io.read(result.write(tmp_path / "a.extxyz"), index=":")
    assert [a.info["load"] for a in atoms] == pytest.approx(list(result.K))
    times, meshes = series(result.write(tmp_path / "a.pvd"))
    assert times == [p.s for p in result.points] and times == sorted(times)
    assert [float(m.field_data["load"][0]) for m in meshes] == pytest.approx(list(result.K))


def test_the_cycles_of_an_adaptive_run_as_a_series(adapted, tmp_path):
    result, folder = adapted
    atoms = ase.io.read(result.write(tmp_path / "a.xyz"), index=":")
    assert len(atoms) == len(result.cycles) and atoms[0].info["cycle"] == 0
    times, meshes = series(qc.load(folder).write(tmp_path / "a.pvd"))
    assert times == list(range(len(result.cycles)))
    assert [len(m.points) for m in meshes] == [c.repatoms for c in result.cycles]


def test_a_series_that_fails_leaves_no_list(ramped, tmp_path, monkeypatch):
    """Where there is a list, the meshes that it names are whole and its own."""
    result, _ = ramped
    path = result.write(tmp_path / "a.pvd")

    def full(*arguments):
        raise OSError("disk full")

    monkeypatch.setattr(io.pvd, "write_vtu", full)
    with pytest.raises(OSError, match="disk full"):
        result.write(path)
    assert not path.exists()
    assert {p.suffix for p in (tmp_path / "a_frames").iterdir()} == {".vtu"}


def test_meshes_of_a_longer_series_go_with_its_list(ramped, tmp_path):
    path = ramped[0].write(tmp_path / "a.pvd")
    (tmp_path / "a_frames" / "0002.vtu").write_text("old")
    (tmp_path / "a_frames" / "notes.txt").write_text("mine")
    assert len(series(ramped[0].write(path))[1]) == 2
    left = sorted(p.name for p in (tmp_path / "a_frames").iterdir())
    assert left == ["0000.vtu", "0001.vtu", "notes.txt"]
    (tmp_path / "b_frames").write_text("a file")
    with pytest.raises(InputError, match=r"path.*b_frames"):
        ramped[0].write(tmp_path / "b.pvd")


def test_names_that_no_file_can_have_are_refused(ramped, tmp_path):
    for name in (f"{'n' * 252}.npz", "a\0.npz", "\ud800.npz"):
        for what in (ramped[0].write, qc.load):
            with pytest.raises(InputError, match=r"path.*the name of a file"):
                what(tmp_path / name)
    with pytest.raises(InputError, match=r"directory.*the name of a folder"):
        qc.ramp(crack(), "bgfc", **RAMP, directory=str(tmp_path / "a\0"))
    longest = tmp_path / f"{'n' * 251}.npz"
    assert len(qc.load(ramped[0].write(longest)).trials) == 2


@pytest.mark.parametrize("name", ["a.vtk", "a", "none/a.pvd", "none/a.xyz", "none/a.npz"])
def test_results_refuse_other_files(ramped, followed, adapted, tmp_path, name):
    for result in (ramped[0], followed[0], adapted[0]):
        with pytest.raises(InputError, match=r"path.*(suffix|folder)"):
            result.write(tmp_path / name)
    assert not list(tmp_path.iterdir())


# --- atoms of any region --------------------------------------------------------------------------


def test_all_atoms_of_a_resolved_mesh_are_its_sites():
    solution = vacancy("atomistic")
    atoms, body = solution.to_atoms("all"), solution.system.body
    assert len(atoms) == len(body.ij_l)
    order, listed = (np.lexsort(ij.T) for ij in (atoms.arrays["ij"], body.ij_l))
    expected = body.positions(solution.u)[listed]
    found = (atoms.positions - atoms.info["shift"])[order]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)
    assert (atoms.arrays["zone"] == 0).all() and atoms.arrays["node"].all()
    energy = atoms.arrays["site_energy"].sum()
    assert energy == pytest.approx(solution.excess_energy, abs=1e-9)


@pytest.mark.parametrize("solution", [vacancy, lambda: cracked("bgfc")])
def test_atoms_are_where_the_resolved_zone_has_them(solution):
    solution = solution()
    one, other = solution.to_atoms("all"), solution.to_atoms()
    place = {tuple(np.round(y, 6)): n for n, y in enumerate(one.positions - one.info["shift"])}
    at = [place[tuple(np.round(y, 6))] for y in other.positions - other.info["shift"]]
    shared = ({*one.arrays} & {*other.arrays}) - {"positions"}
    assert {"displacement", "corrector", "beta", "zone", "site_energy", "strain"} < shared
    for name in shared:
        np.testing.assert_allclose(one.arrays[name][at], other.arrays[name], rtol=0, atol=1e-10)
    assert (np.delete(one.arrays["zone"], at) == 2).all()
    assert one.info["patch_number"] == other.info["patch_number"]


def test_a_box_holds_as_many_sites_as_fit_its_area():
    lattice, solution = aluminium().lattice, cracked("bgfc")
    width, height = 12 * lattice.basis[0, 0], 10 * lattice.basis[1, 1]
    box = ((-20.3, -20.3 + width), (-11.1, -11.1 + height))
    atoms = solution.to_atoms(box)
    x = atoms.positions - atoms.info["shift"] - atoms.arrays["displacement"]
    area = width * height / abs(np.linalg.det(lattice.plane_basis))
    assert len(atoms) == round(area) == 120 and area == pytest.approx(120.0)
    assert (x[:, 0] >= box[0][0]).all() and (x[:, 1] <= box[1][1]).all()
    assert atoms.pbc.tolist() == [False, False, True]
    assert atoms.cell[2, 2] == lattice.period
    above = atoms.arrays["ij"][:, 1] >= 0
    np.testing.assert_array_equal(atoms.arrays["side"] > 0, above)
    # the flanks are open: rows that were a step apart stay apart behind the tip
    gap = atoms.positions[above & (x[:, 0] < -10), 1].min()
    gap -= atoms.positions[~above & (x[:, 0] < -10), 1].max()
    assert gap > lattice.basis[1, 1] + 0.5


def test_a_disc_about_the_tip_or_a_point():
    solution = cracked("bgfc")
    atoms = solution.to_atoms(12.0)
    x = (atoms.positions - atoms.info["shift"] - atoms.arrays["displacement"])[:, :2]
    assert np.linalg.norm(x - [solution.tip, 0.0], axis=1).max() <= 12.0
    density = 1.0 / abs(np.linalg.det(aluminium().lattice.plane_basis))
    assert len(solution.to_atoms("all")) == pytest.approx(np.pi * 50.0**2 * density, rel=0.01)
    other = solution.to_atoms(5.0, centre=(-30.0, 20.0))
    assert set(other.arrays["zone"]) == {2} and not other.arrays["site_energy"].any()
    far = other.positions - other.info["shift"] - other.arrays["displacement"]
    assert np.linalg.norm(far[:, :2] - [-30.0, 20.0], axis=1).max() <= 5.0


def test_strain_of_the_continuum_is_that_of_the_field():
    solution = vacancy()
    atoms = solution.to_atoms(3.0, centre=(18.0, 10.0))
    F = np.eye(3)
    F[:2, :2] = STRETCHED
    E = 0.5 * (F.T @ F - np.eye(3))
    expected = np.broadcast_to([E[0, 0], E[1, 1], 0.0, 0.0, 0.0, E[0, 1]], (len(atoms), 6))
    np.testing.assert_allclose(atoms.arrays["strain"], expected, atol=1e-3)


@pytest.mark.parametrize("options", [{}, {"elements": "P2"}])
def test_a_missing_site_stays_missing(options):
    atoms = vacancy("bgfc", **options).to_atoms(4.0)
    ij = atoms.arrays["ij"]
    assert not (ij == 0).all(axis=1).any() and (np.abs(ij).sum(axis=1) == 1).sum() == 4


@pytest.mark.parametrize(("extent", "grading"), [(60.0, 1.5), (150.0, 1.5), (150.0, 1.0)])
def test_fields_between_nodes_on_a_round_rim(extent, grading):
    """P1 cells of nodes that were drawn to the rim hold a linear field exactly."""
    options = {"core": 10.0, "blend": 6.0, "grading": grading}
    system = qc.couple(crack(extent), "bqcf", **options, round_rim=True)
    body = system.body
    assert np.abs(body.x_k - system.problem.position(body.mesh.ij)).max() > 1.0
    G = np.zeros((3, 3))
    G[:, :2] = [[1e-3, 2e-3], [-3e-3, 1e-3], [5e-4, -2e-3]]
    u = body.x_k @ G.T
    atoms = atoms_in(system, u, "all")
    x, found = system.problem.position(atoms.arrays["ij"]), atoms.arrays["corrector"]
    held = found.any(axis=1) | ~x.any(axis=1)
    np.testing.assert_allclose(found[held], x[held] @ G.T, rtol=0, atol=1e-12)
    gradient = body.gradient_at(u, atoms.arrays["ij"])
    expected = np.where(held[:, None, None], G, 0.0)
    np.testing.assert_allclose(gradient, expected, rtol=0, atol=1e-12)
    # only sites beyond the cells of the domain, whose edges cut segments off the circle, are not
    radius = extent - system.problem.rim
    r = np.linalg.norm(x, axis=1)
    assert (~held).sum() > 100 and r[~held].min() > 0.98 * radius
    # the row of the flank lies on its upper side
    row = (atoms.arrays["ij"][:, 1] == 0) & (r < radius)
    assert row.sum() > 30 and held[row].all()
    # what the lower side has of its own, the upper one does not see
    lower = np.where(body.is_lower, -1.0, 1.0)[:, None] * u
    other = atoms_in(system, lower, "all").arrays["corrector"]
    changed = np.abs(other - found).max(axis=1) > 1e-12
    assert changed.any() and (atoms.arrays["side"][changed] < 0).all()


def test_atoms_of_a_chain():
    problem = qc.vacancy(qc.Crystal.chain(morse(), a=1.0), extent=60.0)
    system = qc.couple(problem, "bqcf", 8.0, 6.0)
    u = np.where(system.free, 1e-3 * np.cos(system.body.x_k), 0.0)
    for region, n in (("all", 120), (10.0, 20), (((2.5, 30.5), (-1.0, 1.0)), 28)):
        atoms = atoms_in(system, u, region)
        assert len(atoms) == n and not atoms.pbc.any()
        x = atoms.positions - atoms.info["shift"] - atoms.arrays["displacement"]
        np.testing.assert_allclose(x[:, 0], atoms.arrays["ij"][:, 0], atol=1e-12)


def test_regions_that_cannot_be_used_are_refused():
    solution = vacancy()
    for region in (
        "core",
        -1.0,
        0.0,
        np.inf,
        True,
        ((0, 1),),
        ((1, 0), (0, 1)),
        [[0, np.nan], [0, 1]],
    ):
        with pytest.raises(InputError, match=r"region.*box"):
            solution.to_atoms(region)
    for region in ("all", ((-5, 5), (-5, 5))):
        with pytest.raises(InputError, match=r"centre.*None"):
            solution.to_atoms(region, (0.0, 0.0))
    for limit in (0, "many", None, np.nan):
        with pytest.raises(InputError, match="limit"):
            solution.to_atoms(3.0, limit=limit)
    for centre in ((0.0,), (np.nan, 0.0), "tip"):
        with pytest.raises(InputError, match="centre"):
            solution.to_atoms(3.0, centre)
    with pytest.raises(InputError, match=r"region.*holds sites"):
        solution.to_atoms(3.0, (400.0, 0.0))
    with pytest.raises(InputError, match=r"region.*at most 100"):
        solution.to_atoms("all", limit=100)


def test_a_domain_of_many_atoms_is_refused_before_it_is_filled():
    system = qc.couple(crack(1e8), "bgfc", core=10.0, blend=6.0)
    begin = time.perf_counter()
    for region in ("all", 1e5):
        with pytest.raises(InputError, match=r"region.*at most 5,000,000"):
            atoms_in(system, system.zero, region)
    assert time.perf_counter() - begin < 2.0
    near = atoms_in(system, system.zero, ((9e5, 9e5 + 20.0), (-10.0, 10.0)))
    assert set(near.arrays["zone"]) == {2} and not near.arrays["node"].all()
