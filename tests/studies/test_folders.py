"""Folders of runs: one start at a time, what is complete, and what makes two runs the same."""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path

import numpy as np
import pytest
from small_runs import STUDIES, adapt, arc, compare, digest_of, left_over, ramp
from starts import Start, killing_itself

import qcmethod as qc
from qcmethod.errors import DamagedFileError, FolderInUseError, InputError
from qcmethod.studies.journal import Journal

RUN = {"version": "1", "a": 1}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A finished run of each kind."""
    made = tmp_path_factory.mktemp("made")
    for name in ("arc", "adapt", "compare"):
        STUDIES[name](made / name)
    return made


@pytest.fixture
def copied(folders, tmp_path):
    """A copy of the folder of a finished run."""
    return lambda name: Path(shutil.copytree(folders / name, tmp_path / name))


# --- one at a time -------------------------------------------------------------------------------


def test_a_second_start_is_refused_and_the_first_one_is_not_hurt(tmp_path):
    """Also of another process, at the moment at which a file is sealed."""
    with Journal.claim(tmp_path / "run", "walk", RUN) as journal:
        partial = tmp_path / "run" / f".setup.{os.getpid()}-1-ab.partial.npz"
        partial.write_text("being written")
        said = Start(lambda: Journal.claim(tmp_path / "run", "walk", RUN)).outcome()
        assert said.how == "refused" and f"process {os.getpid()} on" in said.what
        with pytest.raises(FolderInUseError, match="no other process works"):
            Journal.claim(tmp_path / "run", "walk", RUN)
        assert partial.exists()
        partial.unlink()
        journal.keep("setup", {"u": np.arange(9.0)})
    with Journal.claim(tmp_path / "run", "walk", RUN) as journal:
        np.testing.assert_array_equal(journal.kept("setup")["u"], np.arange(9.0))
    assert not left_over(tmp_path / "run")


def test_another_run_is_refused_whoever_works_there(tmp_path):
    with (
        Journal.claim(tmp_path / "run", "walk", RUN),
        pytest.raises(InputError, match="a 1, not 2"),
    ):
        Journal.claim(tmp_path / "run", "walk", RUN | {"a": 2})


def test_who_has_lost_the_folder_writes_no_more(tmp_path):
    journal = Journal.claim(tmp_path / "run", "walk", RUN)
    shutil.rmtree(tmp_path / "run" / "lock")
    for write in (
        lambda: journal.keep("setup", {}),
        lambda: journal.add({"number": 0}, None),
        lambda: journal.close({}),
    ):
        with pytest.raises(FolderInUseError, match="has lost it"):
            write()
    assert sorted(p.name for p in (tmp_path / "run").iterdir()) == ["run.json"]


@pytest.mark.parametrize("name", ["ramp", "arc", "adapt", "compare"])
def test_a_study_leaves_no_lock_however_it_ends(name, tmp_path):
    class Stop(Exception):
        pass

    def stop(step):
        assert (tmp_path / "run" / "lock").is_dir()
        raise Stop

    if name == "compare":
        with pytest.raises(InputError):
            compare(tmp_path / "run", near=1e-3, cores=(3.0,), reference="nowhere.npz")
        assert not (tmp_path / "run" / "lock").exists()
        return
    with pytest.raises(Stop):
        STUDIES[name](tmp_path / "run", progress=stop)
    assert not left_over(tmp_path / "run")


def test_a_study_of_methods_is_refused_while_another_one_works(tmp_path):
    call = {"cores": (3.0, 4.0), "directory": tmp_path / "s"}
    starts = [Start(lambda: compare(**call) and None)]
    while not (tmp_path / "s" / "study.json").exists():
        time.sleep(0.002)
    with pytest.raises(FolderInUseError, match=f"process {starts[0].pid} on"):
        compare(**call)
    assert starts[0].outcome().how == "done"
    assert not left_over(tmp_path / "s")


@pytest.mark.parametrize("calls", [1, 2, 3, 4])
def test_a_study_that_was_killed_as_it_began_begins(calls, tmp_path):
    def start():
        killing_itself(calls)
        compare(tmp_path / "s", cores=(3.0,))

    assert Start(start).outcome().how == "killed"
    found = compare(tmp_path / "s", cores=(3.0,))
    assert len(found.rows) == 2 and not left_over(tmp_path / "s")


# --- what is complete ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["arc", "adapt"])
@pytest.mark.parametrize("kept", [0, 1])
def test_an_end_behind_a_shorter_log_is_damage_by_name(name, kept, copied):
    folder = copied(name)
    log = folder / "log.jsonl"
    lines = log.read_text().splitlines(keepends=True)
    log.write_text("".join(lines[:kept]))
    said = rf"log\.jsonl.*undamaged log of {len(lines)} lines.*it has {kept}.*without end\.json"
    with pytest.raises(DamagedFileError, match=said):
        STUDIES[name](folder)
    if kept:
        with pytest.raises(DamagedFileError, match=said):
            qc.load(folder)
    (folder / "end.json").unlink()  # as it says
    assert digest_of(name, STUDIES[name](folder)) == digest_of(name, STUDIES[name]())


def test_a_line_of_an_adaptive_run_that_is_missing_is_found(copied):
    folder = copied("adapt")
    lines = (folder / "log.jsonl").read_text().splitlines(keepends=True)
    (folder / "log.jsonl").write_text("".join([*lines[:1], *lines[2:]]))
    with pytest.raises(DamagedFileError, match="undamaged log"):
        adapt(folder)


def test_an_end_without_a_count_is_one_of_0_1_0(copied):
    from qcmethod.base.files import read_sealed, sealed, write_json

    folder = copied("arc")
    end = read_sealed(folder / "end.json", "")
    del end["steps"]
    write_json(folder / "end.json", sealed(end))
    assert len(qc.load(folder).points) == 3


# --- the same run --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"steps": 3}, "steps 2, not 3"),
        ({"periods": 3.0}, "periods 2.0, not 3.0"),
        ({"falling": True}, "falling False, not True"),
        ({"width": 1e-4}, "width 1e-05, not 0.0001"),
        ({"ds": 0.3}, "ds 0.4, not 0.3"),
        ({"fmax": 1e-8}, "fmax 1e-07, not 1e-08"),
    ],
)
def test_another_arc_is_refused_by_its_arguments(other, said, copied):
    with pytest.raises(InputError) as found:
        arc(copied("arc"), **other)
    assert said in str(found.value) and "asked" in str(found.value)


def test_another_start_of_an_arc_is_refused_by_its_digest(copied):
    folder = copied("arc")
    with pytest.raises(InputError, match=r"asked for u None, not 'array [0-9a-f]+'"):
        arc(folder, u=qc.load(folder).states[0])


def test_a_reference_that_the_method_does_not_freeze_is_refused(copied):
    with pytest.raises(InputError, match=r"reference: .* no ghost force to freeze"):
        arc(copied("arc"), reference=1.001 * np.eye(3))


def test_another_ramp_is_refused_by_its_arguments(tmp_path):
    ramp(tmp_path / "run", KI=(1.88,))
    for other, said in (
        ({"KI": (1.88, 1.9)}, "loads [1.88], not [1.88, 1.9]"),
        ({"width": 0.02}, "width 0.01, not 0.02"),
        ({"jump": 0.3}, "jump 0.25, not 0.3"),
        ({"surface": False}, "surface None, not False"),
    ):
        with pytest.raises(InputError) as found:
            ramp(tmp_path / "run", **{"KI": (1.88,)} | other)
        assert said in str(found.value) and "mesh" not in str(found.value)


def test_what_follows_from_the_arguments_is_said_where_nothing_else_differs(tmp_path):
    run = {"version": "1", "core": 1.0, "mesh": "ab"}
    Journal.claim(tmp_path / "run", "walk", run).__exit__()
    with pytest.raises(InputError, match="mesh 'ab', not 'cd'"):
        Journal.claim(tmp_path / "run", "walk", run | {"mesh": "cd"})
    with pytest.raises(InputError) as found:
        Journal.claim(tmp_path / "run", "walk", run | {"mesh": "cd", "core": 2.0})
    assert "core 1.0, not 2.0" in str(found.value) and "mesh" not in str(found.value)


def test_a_run_of_0_1_0_without_its_arguments_goes_on(copied):
    """It keeps a digest of them, which is the same."""
    from qcmethod.base.files import sealed, write_json

    folder = copied("arc")
    run = json.loads((folder / "run.json").read_text())
    del run["arguments"], run["sha256"]
    (folder / "run.json").unlink()
    write_json(folder / "run.json", sealed(run))
    with pytest.raises(InputError, match="asked"):
        arc(folder, steps=3)
    assert len(arc(folder, progress=_forbidden).points) == 3


def _forbidden(step):
    raise AssertionError("a finished run is read, not computed")
