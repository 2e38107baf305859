"""Files are whole or absent, whoever writes at the same time and whatever the disk says."""

from __future__ import annotations

import errno
import os
import pickle
import threading
from pathlib import Path

import pytest

from qcmethod.base import whole as module
from qcmethod.base.files import checked, path_of, write_json
from qcmethod.base.whole import clear, partial_of, whole, writing
from qcmethod.errors import InputError, QCError, WriteError


def test_a_file_is_moved_into_place_and_nothing_else_stays(tmp_path):
    with whole(tmp_path / "a.txt") as partial:
        partial.write_text("new")
        assert not (tmp_path / "a.txt").exists()
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_a_writer_that_makes_no_file_makes_none_under_the_name(tmp_path):
    with pytest.raises(WriteError, match=r"a\.txt: not written"), whole(tmp_path / "a.txt"):
        pass
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "number",
    [
        errno.ENOSPC,
        errno.EFBIG,
        errno.EIO,
        errno.EACCES,
        errno.EROFS,
        errno.EDQUOT,
        errno.ENAMETOOLONG,
        errno.ESTALE,
    ],
)
@pytest.mark.parametrize("call", ["write", "fsync", "replace"])
def test_what_the_disk_says_is_one_error(number, call, tmp_path, monkeypatch):
    """It names the file and the cause, and what was there before is there."""

    def refuses(*args: object) -> None:
        raise OSError(number, os.strerror(number))

    target = tmp_path / "a.txt"
    target.write_text("old")
    if call != "write":
        monkeypatch.setattr(module.os, call, refuses)
    with pytest.raises(WriteError) as found, whole(target) as partial:
        partial.write_text("half")
        if call == "write":
            refuses()
    said = str(found.value)
    assert isinstance(found.value, QCError) and found.value.errno == number
    assert said.startswith(f"{target}: not written ({os.strerror(number)})")
    assert "is unchanged. Try: " in said
    assert target.read_text() == "old" and len(list(tmp_path.iterdir())) == 1
    again = pickle.loads(pickle.dumps(found.value))
    assert str(again) == said and again.errno == number


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device")
def test_a_full_device(tmp_path):
    with (
        pytest.raises(WriteError, match="No space left"),
        whole(tmp_path / "a.txt"),
        open("/dev/full", "w") as file,
    ):
        file.write("x")


def test_an_error_of_another_kind_is_its_own(tmp_path):
    with pytest.raises(ZeroDivisionError), whole(tmp_path / "a.txt") as partial:
        partial.write_text("half")
        raise ZeroDivisionError
    assert not list(tmp_path.iterdir())


def test_names_are_those_of_one_writer(tmp_path):
    """Names that begin alike, and one name many times: each in every thread."""
    names = {partial_of(tmp_path / ("x" * 60 + f"{i % 2}.npz")) for i in range(200)}
    assert len(names) == 200
    longest = tmp_path / ("\U0001f9f1" * 62 + ".npz")
    with whole(longest) as partial:
        partial.write_text("4 bytes a letter")
    assert longest.exists()


def test_threads_that_write_one_file_leave_one_of_theirs(tmp_path):
    texts = [str(i) * 10_000 for i in range(4)]

    def write(text: str) -> None:
        for _ in range(10):
            with whole(tmp_path / "a.txt") as partial:
                partial.write_text(text)

    threads = [threading.Thread(target=write, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (tmp_path / "a.txt").read_text() in texts and len(list(tmp_path.iterdir())) == 1


def test_what_the_dead_left_is_removed_and_what_the_living_write_is_not(tmp_path):
    dead = os.fork()
    if not dead:
        os._exit(0)
    os.waitpid(dead, 0)
    for name in (f".a.{dead}-1-ab.partial.npz", ".0000.123.partial.npz", ".run.partial.json"):
        (tmp_path / name).write_text("half")
    (tmp_path / f".lock.{dead}-1-ab.partial").mkdir()
    mine = partial_of(tmp_path / "mine.npz")
    for file in (mine, tmp_path / "a.partial.npz", tmp_path / "run.json"):
        file.write_text("kept")
    clear(tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == {mine.name, "a.partial.npz", "run.json"}


def test_paths_that_no_file_system_takes(tmp_path):
    for given in ("a" * 300 + ".json", str(tmp_path) + "/a" * 3000 + ".json", "a\0.json"):
        with pytest.raises(InputError, match="path"):
            write_json(given, {})
        with pytest.raises(InputError):
            path_of("path", given, "a file")


def test_a_folder_that_cannot_be_looked_at(tmp_path, monkeypatch):
    def refuses(path: Path) -> bool:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "is_dir", refuses)
    with pytest.raises(WriteError, match="Permission denied"):
        checked(tmp_path / "a.json", [".json"])


def test_what_is_complete_can_be_said(tmp_path):
    said = "steps 0 to 3 are there"
    with pytest.raises(WriteError, match=said), writing(tmp_path / "a", said):
        raise OSError("no number")
