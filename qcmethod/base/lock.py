"""One process works in a folder: a lock that a dead owner does not keep, on any file system.

    lock/4711-98213-...@node7@...     a folder with one file, whose name is the owner (`process`)

                    from                  to                       atomic, one winner
    take            .lock.4711-....partial/   lock/                  fails where lock/ has a file
    take over       lock/DEAD             lock/OWN                 fails where DEAD is gone
    give back       lock/OWN              -, then lock/ if empty

Each change is one rename whose source is named by its owner, so nobody takes what another one has
just taken; no advisory lock (`flock`) is asked for, which NFS and others may not have. An owner on
this machine is asked for by its number and start. On another one it is listened for: an owner
touches its file every BREATH seconds, and one that is silent for SILENCE is dead, whatever the
clocks say. Should a stopped owner wake up after that, it finds that it has lost the lock.
"""

from __future__ import annotations

import errno
import os
import shutil
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from qcmethod.base.process import Process
from qcmethod.base.whole import is_partial, partial_of, writing
from qcmethod.errors import FolderInUseError

NAME = "lock"
BREATH, SILENCE = 10.0, 60.0
"""Seconds."""
TRIES, PAUSE = 100, 0.01
"""How often another one may be faster."""
TAKEN = (errno.ENOTEMPTY, errno.EEXIST)


class Lock:
    """The lock of a folder, held until it is given back or dropped; see `taken`."""

    def __init__(self, folder: Path, own: Process) -> None:
        self.folder, self.file, done = folder, folder / NAME / own.name, threading.Event()
        threading.Thread(target=_breathe, args=(self.file, done), daemon=True).start()
        self._end = weakref.finalize(self, _given_back, self.file, done, own.pid)

    def require(self) -> None:
        """FolderInUseError where another process has taken the folder meanwhile."""
        if not self.file.exists():
            raise in_use(self.folder, owner(self.folder), "this process has lost it")

    def give_back(self) -> None:
        """Let others work in the folder; a lock that was lost stays as it is."""
        self._end()


def _breathe(file: Path, done: threading.Event) -> None:
    while not done.wait(BREATH):
        with suppress(OSError):
            os.utime(file)


def _given_back(file: Path, done: threading.Event, pid: int) -> None:
    done.set()
    if pid == os.getpid():  # a fork holds nothing
        with suppress(OSError):
            file.unlink()
            file.parent.rmdir()


def taken(folder: Path) -> Lock | None:
    """The lock of a folder; None where nobody can write, so there is nothing to protect.

    Raises FolderInUseError for a living owner, and WriteError.
    """
    if not os.access(folder, os.W_OK):
        return None
    own = Process.own()
    with writing(folder / NAME, "what is in the folder is unchanged"):
        for _ in range(TRIES):
            found = owner(folder)
            if found is None:
                won = _placed(folder, own)
            elif _dead(folder, found):
                won = _replaced(folder, found, own)
            elif owner(folder) == found:
                raise in_use(folder, found)
            else:  # it has just given the lock back
                continue
            if won:
                return Lock(folder, own)
            time.sleep(PAUSE)
    raise in_use(folder, owner(folder), f"or {NAME} in it is not of this package")


@contextmanager
def leaving(locked: AbstractContextManager[object]) -> Iterator[None]:
    """What begins in a folder gives its lock back where that fails."""
    try:
        yield
    except BaseException as error:
        locked.__exit__(type(error), error, error.__traceback__)
        raise


def foreign(folder: Path, *own: str) -> bool:
    """Whether a folder holds what no process leaves that is killed as it begins; own : names."""
    known = (NAME, *own)
    return any(not is_partial(path) and path.name not in known for path in folder.iterdir())


def owner(folder: Path) -> Process | None:
    """Who has the lock of a folder, or had it when it died."""
    try:
        names = os.listdir(folder / NAME)
    except FileNotFoundError:
        return None
    return next((found for name in names if (found := Process.of(name)) is not None), None)


def in_use(folder: Path, found: Process | None, why: str = "") -> FolderInUseError:
    """The error of a folder in which a process works."""
    expected = f"a folder in which no other process works: here it is {found or 'another one'}"
    hint = "wait until it has ended, stop it, or another directory="
    return FolderInUseError("directory", str(folder), expected + (why and f" ({why})"), hint)


def _placed(folder: Path, own: Process) -> bool:
    """Put the lock where there is none; False where another one was faster."""
    aside = partial_of(folder / NAME)
    aside.mkdir()
    try:
        (aside / own.name).touch()
        os.rename(aside, folder / NAME)
        return (folder / NAME / own.name).exists()
    except FileNotFoundError:
        return False
    except OSError as error:
        if error.errno in TAKEN:
            return False
        raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _replaced(folder: Path, dead: Process, own: Process) -> bool:
    """Take over the lock of a dead process; False where another one was faster."""
    try:
        os.rename(folder / NAME / dead.name, folder / NAME / own.name)
        os.utime(folder / NAME / own.name)
        return True
    except FileNotFoundError:
        return False


def _dead(folder: Path, found: Process) -> bool:
    """Whether an owner has ended: asked for where that can be, else listened for."""
    if found.here:
        return not found.runs
    before, until = _touched(folder, found), time.monotonic() + SILENCE
    while time.monotonic() < until:
        time.sleep(BREATH / 5.0)
        if _touched(folder, found) != before:
            return False  # it breathes, or gave the lock back: look again
    return True


def _touched(folder: Path, found: Process) -> float | None:
    """When a lock was touched last, by the clock of the file system."""
    try:
        with (folder / NAME / found.name).open("rb") as file:  # NFS looks again when it opens
            return os.fstat(file.fileno()).st_mtime
    except FileNotFoundError:
        return None
