"""Trials in worker processes under a watchdog: a trial that hangs or dies costs its worker only.

A worker writes the trial that it begins, and when, where the parent can see it; the parent kills
it when the time of the family is over, counts the trial, and starts another in its place.
"""

from __future__ import annotations

import multiprocessing as mp
import os
import resource
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

import harness
from harness import Family, Verdict

FIRST = 120.0
"""Seconds that the first trial of a worker may take: it compiles."""

ASLEEP = 10.0
"""A trial that waits, and does not compute, may take this many times as long: others compute."""

FORK = mp.get_context("fork")


class Worker:
    """A process that takes trials from a shared counter until there are none."""

    def __init__(self, family: Family, seed: int, counter: Any, end: int, until: float) -> None:
        self.family = family
        self.index, self.begun = FORK.Value("q", -1), FORK.Array("d", [time.time(), 0.0])
        self.kind = FORK.Array("c", 80)
        self.pipe, theirs = FORK.Pipe(duplex=False)
        arguments = (family, seed, counter, end, until, self.index, self.begun, self.kind, theirs)
        self.process = FORK.Process(target=_work, args=arguments)
        self.process.start()
        theirs.close()
        self.first = True

    def overdue(self) -> bool:
        """Does its trial take longer than the family allows?

        What counts is the time of the processor, where it computes: the machine may be busy.
        """
        allowed = max(FIRST, self.family.seconds) if self.first else self.family.seconds
        if self.index.value < 0 or time.time() - self.begun[0] <= allowed:
            return False
        return (
            self._cpu() - self.begun[1] > allowed or time.time() - self.begun[0] > ASLEEP * allowed
        )

    def _cpu(self) -> float:
        """Seconds of the processor that the worker has taken; infinity for one that has died."""
        try:
            stat = Path(f"/proc/{self.process.pid}/stat").read_text()
        except OSError:
            return float("inf")
        user, system = stat.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def ended(self) -> Verdict | None:
        """The verdict on the trial at which it was killed, or died; None where it simply ended."""
        hung = self.process.is_alive() and self.overdue()
        if hung:
            self.process.kill()
        self.process.join()
        self.pipe.close()
        if self.process.exitcode == 0:
            return None
        tried = self.kind.value.decode(errors="replace") or "?"
        if hung:
            return Verdict(self.index.value, tried, "hang", f"above {self.family.seconds:g} s")
        said = f"the process died ({self.process.exitcode})"
        return Verdict(self.index.value, tried, "bare", said)


def verdicts(
    family: Family, seed: int, start: int, end: int, jobs: int, until: float
) -> Iterator[Verdict]:
    """Verdicts on trials start ... end - 1 as they come; none is begun after `until`."""
    counter = FORK.Value("q", start)
    workers = [Worker(family, seed, counter, end, until) for _ in range(jobs)]
    while workers:
        ready = wait([worker.pipe for worker in workers], timeout=0.2)
        for worker in list(workers):
            over = worker.pipe in ready and not (yield from _received(worker))
            if over or worker.overdue():
                workers.remove(worker)
                verdict = worker.ended()
                if verdict is not None:
                    yield verdict
                    workers.append(Worker(family, seed, counter, end, until))


def _received(worker: Worker) -> Iterator[Verdict]:
    """Yield what has arrived; the value is False where the pipe is closed."""
    try:
        while worker.pipe.poll():
            yield worker.pipe.recv()
            worker.first = False
    except (EOFError, OSError):
        return False
    return True


def _work(
    family: Family,
    seed: int,
    counter: Any,
    end: int,
    until: float,
    index: Any,
    begun: Any,
    kind: Any,
    pipe: Connection,
) -> None:
    _limit(family.gigabytes)
    harness._now = _Shared(kind)
    while time.time() < until:
        with counter.get_lock():
            mine, counter.value = counter.value, counter.value + 1
        if mine >= end:
            break
        begun[:] = [time.time(), time.process_time()]
        index.value = mine
        verdict = harness.judge(family, seed, mine)
        index.value = -1
        pipe.send(verdict)
    pipe.close()


class _Shared(dict):
    """The kind of the trial that runs, where the parent can read it."""

    def __init__(self, shared: Any) -> None:
        super().__init__(kind="")
        self.shared = shared

    def __setitem__(self, key: str, value: str) -> None:
        super().__setitem__(key, value)
        self.shared.value = str(value).encode()[:79]


def _limit(gigabytes: float) -> None:
    """Refuse this process more memory than it has now, and so much."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * os.sysconf("SC_PAGE_SIZE") + int(gigabytes * 2**30)
    resource.setrlimit(resource.RLIMIT_AS, (most, resource.RLIM_INFINITY))
