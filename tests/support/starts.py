"""Starts of the same work in processes of their own, forked from a warm one: killed, or raced."""

from __future__ import annotations

import os
import pickle
import signal
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from qcmethod.errors import QCError


@dataclass(frozen=True)
class Outcome:
    """What came of a start: "done" and what it gave, "refused" and why, "bare", or "killed"."""

    how: str
    what: Any = None


class Start:
    """A forked process that does some work once `moment` has come, in seconds since the epoch."""

    def __init__(self, work: Callable[[], Any], moment: float = 0.0) -> None:
        self._pipe, theirs = os.pipe()
        self.pid = os.fork()
        if self.pid:
            os.close(theirs)
            return
        try:  # from here on in the child, which never returns
            os.close(self._pipe)
            while time.time() < moment:
                pass
            with os.fdopen(theirs, "wb") as pipe:
                pickle.dump(_outcome(work), pipe)
        finally:
            os._exit(0)

    def kill(self) -> None:
        """SIGKILL, wherever it is."""
        os.kill(self.pid, signal.SIGKILL)

    def outcome(self) -> Outcome:
        """Wait for its end."""
        with os.fdopen(self._pipe, "rb") as pipe:
            said = pipe.read()
        os.waitpid(self.pid, 0)
        return pickle.loads(said) if said else Outcome("killed")


def _outcome(work: Callable[[], Any]) -> Outcome:
    try:
        return Outcome("done", work())
    except QCError as error:
        return Outcome("refused", f"{type(error).__name__}: {error}")
    except BaseException:
        return Outcome("bare", traceback.format_exc())


def killing_itself(calls: int, names: tuple[str, ...] = ("replace", "rename", "fsync")) -> None:
    """From now on this process dies at the so many-th call of these functions of `os`."""
    left = [calls]

    def deadly(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*args, **options)

        return call

    for name in names:
        setattr(os, name, deadly(getattr(os, name)))
