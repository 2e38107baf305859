"""Interleaved timing: on a machine that others use too, only what alternates can be compared."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import numpy as np

Clock = Callable[[int], float]
"""A function that makes so many calls and returns the seconds of one."""


def clock(call: Callable[[], object]) -> Clock:
    """Wall-clock seconds of one call of a Python function."""

    def seconds(calls: int) -> float:
        begin = time.perf_counter()
        for _ in range(calls):
            call()
        return (time.perf_counter() - begin) / calls

    return seconds


def interleaved(clocks: Mapping[str, Clock], rounds: int, sample: float) -> dict[str, np.ndarray]:
    """Seconds a call, (rounds,) for each clock, A B C A B C ..., samples of about `sample` s."""
    calls = {name: calls_for(seconds(1), sample) for name, seconds in clocks.items()}
    taken: dict[str, list[float]] = {name: [] for name in clocks}
    for _ in range(rounds):
        for name, seconds in clocks.items():
            taken[name].append(seconds(calls[name]))
    return {name: np.array(times) for name, times in taken.items()}


def calls_for(seconds: float, sample: float) -> int:
    """How many calls of `seconds` fill a sample, at least one."""
    return max(1, round(sample / max(seconds, 1e-9)))
