"""Two or three starts of a run in one folder at once: one works, the others are refused by name.

A start that comes after the end of the first one reads what it left. In some of the races the
folder was left by a process that was killed, whose lock all of them want to take over.
"""

from __future__ import annotations

import time
from functools import cache
from pathlib import Path

import numpy as np
from harness import Family, Silent, kind
from small_runs import STUDIES, digest_of, finished, left_over
from starts import Start

LATEST = 0.3
"""Seconds between the first start and the last one, at most."""


def trial(rng: np.random.Generator, folder: Path) -> str:
    """One race."""
    name = str(rng.choice(["ramp", "arc", "adapt", "compare"]))
    starters, dead = int(rng.integers(2, 4)), bool(rng.random() < 0.5)
    what = f"{name}, {starters} starts{', one dead before' if dead else ''}"
    with kind(what):
        digest, run = _undisturbed(name), folder / "run"
        if dead:
            first = Start(lambda: _digest(name, run))
            while not (run / "lock").exists():
                time.sleep(0.001)
            time.sleep(rng.uniform(0.0, 0.2))
            first.kill()
            first.outcome()
        before = finished(run) if run.exists() else {}
        now, latest = time.time() + 0.02, rng.choice([0.0, LATEST])
        moments = [now + rng.uniform(0.0, latest) for _ in range(starters)]
        starts = [Start(lambda: _digest(name, run), moment) for moment in moments]
        outcomes = [start.outcome() for start in starts]
        done = [outcome.what for outcome in outcomes if outcome.how == "done"]
        others = [str(outcome.what) for outcome in outcomes if outcome.how != "done"]
        _require(len(done) >= 1, f"nobody did it: {others}")
        _require(set(done) == {digest}, "another result than that of an undisturbed run")
        _require(all(said.startswith("FolderInUseError") for said in others), f"{others}")
        after = finished(run)
        _require(all(after.get(k) == v for k, v in before.items()), "steps were computed again")
        _require(not left_over(run), f"left over: {left_over(run)}")
        _require(_digest(name, run) == digest, "what was left is not what was found")
    return what


@cache
def _undisturbed(name: str) -> str:
    return digest_of(name, STUDIES[name]())


def _digest(name: str, folder: Path) -> str:
    return digest_of(name, STUDIES[name](folder))


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise Silent(what)


FAMILY = Family("races", "starts in one folder at once", trial, count=100, smoke=2, seconds=60.0)
