"""Runs that are killed at a random moment, or at a call that writes, and started again.

The result has the digest of a run that nobody disturbed, and what was finished before is not
computed again: its lines and files are the same to the last byte, times included.
"""

from __future__ import annotations

import time
from functools import cache
from pathlib import Path

import numpy as np
from harness import Family, Silent, kind
from small_runs import STUDIES, digest_of, finished, left_over
from starts import Start, killing_itself

WRITES = 60
"""About as many calls that write as the longest of the studies makes."""


def trial(rng: np.random.Generator, folder: Path) -> str:
    """Kill a study once to three times, then let it end."""
    name = str(rng.choice(list(STUDIES)))
    at_a_write = bool(rng.random() < 0.5)
    what = f"{name}, {'at a write' if at_a_write else 'any moment'}"
    with kind(what):
        digest, seconds = _undisturbed(name)
        run, before = folder / "run", {}
        for _ in range(int(rng.integers(1, 4))):
            calls = int(rng.integers(1, WRITES)) if at_a_write else 0
            start = Start(lambda calls=calls: _digest(name, run, calls))
            if not at_a_write:
                time.sleep(rng.uniform(0.0, 1.1 * seconds))
                start.kill()
            _require(start.outcome().how in ("killed", "done"), "a start again was refused")
            before |= finished(run) if run.exists() else {}
        outcome = Start(lambda: _digest(name, run)).outcome()
        _require(outcome.how == "done", f"the last start: {outcome.how}, {outcome.what}")
        _require(outcome.what == digest, "another result than that of an undisturbed run")
        after = finished(run)
        again = [step for step, said in before.items() if after.get(step) != said]
        _require(not again, f"computed again: {again}")
        _require(not left_over(run), f"left over: {left_over(run)}")
    return what


@cache
def _undisturbed(name: str) -> tuple[str, float]:
    """The digest of a study in memory, and the seconds that it takes once all is compiled."""
    digest_of(name, STUDIES[name]())
    begun = time.perf_counter()
    return digest_of(name, STUDIES[name]()), time.perf_counter() - begun


def _digest(name: str, folder: Path, calls: int = 0) -> str:
    if calls:
        killing_itself(calls)
    return digest_of(name, STUDIES[name](folder))


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise Silent(what)


FAMILY = Family("kills", "runs killed and started again", trial, count=200, smoke=2, seconds=60.0)
