"""Calls by an executor, each done once; one whose worker died is done again.

    waiting  ->  under way  ->  returned
       ^             |
       +--- died ----+--- died twice ->  Lost

A pool of processes gets as many calls as it has workers: when it breaks, all that were under way
may have been running and none else, and `Lanes` take its place. Other executors see all calls at
once, for they plan; what they say of a call that did not return counts as its worker's death. A
function that raises is its own matter: whoever calls `results` makes a value of it.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any

from qcmethod.base.log import say
from qcmethod.errors import InputError
from qcmethod.studies.workers.executor import EXPECTED, HINT
from qcmethod.studies.workers.lanes import Lanes, room_of

Call = Mapping[str, Any]
MOST = 2
"""So often may a worker die of a call."""
TRIED = ("KilledWorker",)
"""What executors say that have done a call again by themselves: Dask, three times."""
BEGIN = "a function in a file, and the script's own work under if __name__ == '__main__':"


@dataclass(frozen=True)
class Lost:
    """In place of what a call returned: its worker died each time. `error` is what was said."""

    error: Exception


def results(
    function: Callable[..., Any], calls: Sequence[Call], executor: Any
) -> Iterator[tuple[int, Any]]:
    """The number of each call and what it returned, or `Lost`, as they are finished.

    calls : arguments by name
    executor : None calls one after another, here

    When this generator is closed, calls that have not begun are cancelled. Raises InputError for an
    executor that takes no call, or whose workers cannot begin; what a call raises; CancelledError
    and RuntimeError of an executor that is shut down meanwhile.
    """
    if executor is None:
        for number, call in enumerate(calls):
            yield number, function(**call)
        return
    team = Team(function, calls, executor)
    try:
        while team.busy():
            yield from team.finished()
    finally:
        team.close()


class Team:
    """Calls that wait, and those that are under way in an executor."""

    def __init__(self, function: Callable[..., Any], calls: Sequence[Call], executor: Any) -> None:
        self.function, self.calls, self.executor = function, calls, executor
        self.waiting = deque(range(len(calls)))
        self.under_way: dict[Future[Any], tuple[int, Any]] = {}
        self.done: SimpleQueue[Future[Any]] = SimpleQueue()
        self.deaths: Counter[int] = Counter()
        self.returned = 0

    def busy(self) -> bool:
        """Give out calls; whether there are any left."""
        while self.waiting and len(self.under_way) < self._room():
            try:
                future = self.executor.submit(self.function, **self.calls[self.waiting[0]])
            except BrokenProcessPool:  # a worker died before
                self._renew()
                continue
            except Exception as error:
                raise self._refused(error) from error
            if not isinstance(future, Future):
                expected = f"{EXPECTED}: its submit returned no concurrent.futures.Future"
                raise InputError("executor", self.executor, expected, HINT)
            self.under_way[future] = self.waiting.popleft(), self.executor
            future.add_done_callback(self.done.put)
        return bool(self.under_way)

    def finished(self) -> Iterator[tuple[int, Any]]:
        """Wait for a call: what it returned, or nothing where it is to be done again."""
        future = self.done.get()
        number, executor = self.under_way.pop(future)
        error = future.exception()  # raises CancelledError, where somebody shut the executor down
        if error is None:
            self.returned += 1
            yield number, future.result()
        elif isinstance(error, CancelledError) or not isinstance(error, Exception):
            raise error  # it ended; Ctrl-C, which the worker got
        else:
            self._died(number, error, executor)
            if self.deaths[number] >= MOST or type(error).__name__ in TRIED:
                yield number, Lost(error)
            else:
                say(f"a worker died ({type(error).__name__}): its call is done again")
                self.waiting.appendleft(number)

    def close(self) -> None:
        """Cancel what has not begun."""
        for future in self.under_way:
            future.cancel()
        if isinstance(self.executor, Lanes):
            self.executor.close()

    def _room(self) -> float:
        if isinstance(self.executor, ProcessPoolExecutor):
            return room_of(self.executor)
        return self.executor.room if isinstance(self.executor, Lanes) else float("inf")

    def _died(self, number: int, error: Exception, executor: Any) -> None:
        """Count a death where it is that of this call: workers of a pool all die at once."""
        broken = isinstance(error, BrokenProcessPool) and isinstance(executor, ProcessPoolExecutor)
        if not (broken and room_of(executor) > 1):
            self.deaths[number] += 1
        if broken and self.executor is executor:
            self._renew()

    def _renew(self) -> None:
        """Lanes in place of a pool that broke, if its workers can begin at all (InputError)."""
        lanes = Lanes(self.executor)
        if not self.returned:
            try:
                lanes.submit(_begun, self.function).result()
            except BrokenProcessPool as error:
                lanes.close()
                expected = "workers that live until they have their first call"
                raise InputError("executor", self.executor, expected, BEGIN) from error
        self.executor = lanes

    def _refused(self, error: Exception) -> Exception:
        """What an executor that takes no call is told as: before anything was done, by its name."""
        if self.returned or self.under_way:
            return error
        why = f"{type(error).__name__}: {error}"
        return InputError("executor", self.executor, f"an executor that takes calls ({why})", HINT)


def _begun(function: Callable[..., Any]) -> None:
    """Nothing: the worker lives, and knows the function."""
