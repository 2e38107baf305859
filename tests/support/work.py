"""Functions for sweeps, in a file by themselves, so that other processes know them.

Each call leaves a mark in the folder `log`: a file with its number, its process and a random part.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path


def mark(log: str, n: int) -> None:
    """Say that a call has begun."""
    name = f"{n}-{os.getpid()}-{time.monotonic_ns()}"
    (Path(log) / name).touch()


def begun(log: str | Path) -> dict[int, int]:
    """How often each call was begun."""
    found: dict[int, int] = {}
    for path in Path(log).iterdir():
        n = int(path.name.partition("-")[0])
        found[n] = found.get(n, 0) + 1
    return found


def square(n: int, log: str, seconds: float = 0.0) -> dict[str, int]:
    """n^2, some time later."""
    mark(log, n)
    time.sleep(seconds)
    return {"square": n * n}


def die(n: int, log: str, of: int, times: int, seconds: float = 0.05) -> dict[str, int]:
    """n^2, but call number `of` kills its process the first so many times, as a system without
    memory does."""
    if n == of and begun(log).get(n, 0) < times:
        mark(log, n)
        time.sleep(seconds)
        os.kill(os.getpid(), signal.SIGKILL)
    return square(n, log, seconds)
