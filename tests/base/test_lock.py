"""One process works in a folder; a dead one keeps nobody out."""

from __future__ import annotations

import os
import signal
import threading
import time
from dataclasses import replace

import pytest
from starts import Start

from qcmethod.base import lock as module
from qcmethod.base.lock import NAME, foreign, owner, taken
from qcmethod.base.process import Process, running
from qcmethod.errors import FolderInUseError


def hold(folder, seconds=0.0):
    """Take the lock and die, or live for a while, with it."""
    lock = taken(folder)
    time.sleep(seconds)
    if not seconds:
        os.kill(os.getpid(), signal.SIGKILL)
    lock.give_back()
    return True


def test_a_second_one_is_refused_by_name(tmp_path):
    lock = taken(tmp_path)
    said = rf"directory.*process {os.getpid()} on .*, since 20.*Try: wait"
    with pytest.raises(FolderInUseError, match=said):
        taken(tmp_path)
    assert Start(lambda: taken(tmp_path)).outcome().how == "refused"
    lock.give_back()
    lock.give_back()
    assert not list(tmp_path.iterdir())
    taken(tmp_path).give_back()


def test_another_thread_is_refused_too(tmp_path):
    lock, said = taken(tmp_path), []

    def start():
        try:
            taken(tmp_path)
        except FolderInUseError as error:
            said.append(error)

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert len(said) == 1
    lock.give_back()


def test_a_lock_that_is_dropped_is_given_back(tmp_path):
    taken(tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_fork_holds_nothing(tmp_path):
    lock = taken(tmp_path)
    assert Start(lock.give_back).outcome().how == "done"
    lock.require()
    lock.give_back()


def test_a_dead_owner_is_followed(tmp_path):
    assert Start(lambda: hold(tmp_path)).outcome().how == "killed"
    dead = owner(tmp_path)
    assert dead is not None and dead.here and not dead.runs
    lock = taken(tmp_path)
    assert owner(tmp_path).pid == os.getpid()
    lock.give_back()


def test_an_owner_whose_number_was_given_again_is_dead(tmp_path):
    reused = replace(Process.own(), start=1, key="00")
    (tmp_path / NAME).mkdir()
    (tmp_path / NAME / reused.name).touch()
    taken(tmp_path).give_back()
    assert not list(tmp_path.iterdir())


def test_a_zombie_has_ended():
    child = os.fork()
    if not child:
        os._exit(0)
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    assert not running(child)
    os.waitpid(child, 0)
    assert running(os.getpid()) and running(1) and not running(0) and not running(2**40)


@pytest.mark.parametrize("dead", [True, False])
def test_of_three_starters_one_wins(dead, tmp_path):
    """Some races, with the lock of a dead process to take over or with none."""
    for number in range(6):
        folder = tmp_path / str(number)
        folder.mkdir()
        if dead:
            Start(lambda folder=folder: hold(folder)).outcome()
        moment = time.time() + 0.01
        starts = [Start(lambda folder=folder: hold(folder, 0.03), moment) for _ in range(3)]
        # who comes when the winner has gone wins, too: never two at once, never nobody
        found = [start.outcome().how for start in starts]
        assert found.count("done") >= 1 and set(found) <= {"done", "refused"}
        assert not list(folder.iterdir())


def test_two_never_hold_it_at_once(tmp_path):
    """Each adds one to a number that it read before it rested: none of the sums is lost."""
    (tmp_path / "n").write_text("0")

    def add():
        lock = None
        while lock is None:
            try:
                lock = taken(tmp_path)
            except FolderInUseError:
                time.sleep(0.001)
        n = int((tmp_path / "n").read_text())
        time.sleep(0.005)
        (tmp_path / "n").write_text(str(n + 1))
        lock.give_back()

    starts = [Start(lambda: [add() for _ in range(5)]) for _ in range(3)]
    assert [start.outcome().how for start in starts] == ["done"] * 3
    assert (tmp_path / "n").read_text() == "15"


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """The lock of a process on another machine, listened for during a short time."""
    monkeypatch.setattr(module, "BREATH", 0.05)
    monkeypatch.setattr(module, "SILENCE", 0.4)
    other = replace(Process.own(), host="node7", kernel="0-0")
    (tmp_path / NAME).mkdir()
    file = tmp_path / NAME / other.name
    file.touch()
    return file


def test_an_owner_elsewhere_that_is_silent_is_dead(elsewhere, tmp_path):
    lock = taken(tmp_path)
    lock.require()
    lock.give_back()
    assert not list(tmp_path.iterdir())


def test_an_owner_elsewhere_that_breathes_is_not(elsewhere, tmp_path):
    done = threading.Event()

    def breathe():
        while not done.wait(0.02):
            os.utime(elsewhere)

    thread = threading.Thread(target=breathe)
    thread.start()
    with pytest.raises(FolderInUseError, match="on node7"):
        taken(tmp_path)
    done.set()
    thread.join()


def test_an_owner_breathes(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "BREATH", 0.01)
    lock = taken(tmp_path)
    os.utime(lock.file, (1.0, 1.0))
    until = time.monotonic() + 5.0
    while lock.file.stat().st_mtime < 2.0 and time.monotonic() < until:
        time.sleep(0.01)
    assert lock.file.stat().st_mtime > 2.0
    lock.give_back()


def test_who_wakes_up_late_has_lost_it(tmp_path):
    lock = taken(tmp_path)
    other = replace(Process.own(), host="node7")
    lock.file.rename(tmp_path / NAME / other.name)
    with pytest.raises(FolderInUseError, match=r"on node7.*this process has lost it"):
        lock.require()
    lock.give_back()
    assert owner(tmp_path) == other


def test_a_folder_of_that_name_that_is_somebody_elses(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "TRIES", 3)
    (tmp_path / NAME).mkdir()
    (tmp_path / NAME / "thesis.tex").touch()
    with pytest.raises(FolderInUseError, match="lock in it is not of this package"):
        taken(tmp_path)
    assert (tmp_path / NAME / "thesis.tex").exists()


def test_nobody_protects_what_nobody_can_write(tmp_path, monkeypatch):
    monkeypatch.setattr(module.os, "access", lambda *args: False)
    assert taken(tmp_path) is None


def test_names_come_back(tmp_path):
    own = Process.own()
    assert Process.of(own.name) == own and own.here and own.runs
    assert [Process.of(name) for name in ("", "a", "1-2@x@y", "a-1-2-c@x@y")] == [None] * 4
    assert not foreign(tmp_path)
    (tmp_path / NAME).mkdir()
    (tmp_path / ".a.1-2-3.partial.npz").touch()
    assert not foreign(tmp_path)
    (tmp_path / "cases").mkdir()
    assert foreign(tmp_path) and not foreign(tmp_path, "cases")
