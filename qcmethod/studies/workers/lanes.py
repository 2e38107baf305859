"""A pool of processes made anew after one of them has died: as many pools of one worker each.

    ProcessPoolExecutor(n)    a dead worker ends the pool, and all n calls that were running
    Lanes                     it ends its own call, and is replaced

So it is known which call ended its worker (memory, a crash in a library), and no other one has to
be done again.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from queue import SimpleQueue
from typing import Any


class Lanes:
    """Takes at most `room` calls at a time; workers begin as those of a pool do."""

    def __init__(self, like: ProcessPoolExecutor) -> None:
        self.room = room_of(like)
        self._like = like
        self._free: SimpleQueue[ProcessPoolExecutor] = SimpleQueue()
        self._pools = [self._one() for _ in range(self.room)]
        for pool in self._pools:
            self._free.put(pool)

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """As `concurrent.futures` has it."""
        pool = self._free.get()
        try:
            future = pool.submit(function, *args, **kwargs)
        except BrokenProcessPool:  # its worker died while it had nothing to do
            pool = self._instead_of(pool)
            future = pool.submit(function, *args, **kwargs)
        future.add_done_callback(lambda done: self._back(pool, done))
        return future

    def close(self) -> None:
        """Let the workers end when they have nothing left to do."""
        for pool in self._pools:
            pool.shutdown(wait=False)

    def _back(self, pool: ProcessPoolExecutor, done: Future[Any]) -> None:
        if not done.cancelled() and isinstance(done.exception(), BrokenProcessPool):
            pool = self._instead_of(pool)
        self._free.put(pool)

    def _instead_of(self, broken: ProcessPoolExecutor) -> ProcessPoolExecutor:
        self._pools.remove(broken)
        self._pools.append(self._one())
        return self._pools[-1]

    def _one(self) -> ProcessPoolExecutor:
        like: Any = self._like  # what a pool was made with is nowhere public
        return ProcessPoolExecutor(
            1,
            like._mp_context,
            like._initializer,
            like._initargs,
            max_tasks_per_child=like._max_tasks_per_child,
        )


def room_of(pool: ProcessPoolExecutor) -> int:
    """How many workers a pool has."""
    return int(pool._max_workers)  # type: ignore[attr-defined]
