"""Calls of public functions in which one or two arguments are nonsense, or the call itself is.

What an annotation rules out must be refused; anything else may be taken, or refused, by name. The
numbers that make a call long are those of its small valid call, unless they are the nonsense.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from itertools import islice
from multiprocessing import parent_process
from pathlib import Path
from typing import Any

import numpy as np
from harness import Family, Silent, kind
from nasty import drawn, is_wrong
from public import MADE, Public, made, public

from qcmethod.errors import QCError

WAYS = {
    "one wrong argument": 0.6,
    "two wrong arguments": 0.2,
    "a misspelt keyword": 0.1,
    "an argument left out": 0.05,
    "arguments too many": 0.05,
}
LONG = ("steps", "points", "max_iterations", "max_cycles", "max_repatoms", "loops")
"""What may be large, and then takes its time."""
OTHERS = [lambda name=name: made(name) for name in list(MADE)[:6]]


@cache
def _all_made() -> None:
    """In a worker all is made, called and compiled in its first trial, which may take its time."""
    if parent_process() is None:
        return
    for name in MADE:
        made(name)
    for one in public():
        with suppress(QCError, AssertionError, TypeError):
            one.called()(**one.valid())


def trial(rng: np.random.Generator, folder: Path) -> str:
    """One call."""
    _all_made()
    one = public()[int(rng.integers(len(public())))]
    way = str(rng.choice(list(WAYS), p=list(WAYS.values())))
    with kind(way):
        arguments = one.valid()
        wrong = CHANGES[way](rng, one, arguments)
        before = [arguments.pop(p.name) for p in one.parameters() if _is_placed(p, arguments)]
        extra = arguments.pop("*", [])
        try:
            result = one.called()(*before, *extra, **arguments)
        except AssertionError:
            if not one.name.startswith("testing."):
                raise
            result = None  # it is what a check of `qcmethod.testing` finds
        if isinstance(result, Iterator):
            list(islice(result, 3))
        if wrong:
            raise Silent(f"{one.name}: {wrong}")
    return way


def _is_placed(parameter: Any, arguments: dict[str, Any]) -> bool:
    return parameter.kind is parameter.POSITIONAL_ONLY and parameter.name in arguments


def _replaced(rng: np.random.Generator, one: Public, arguments: dict[str, Any], n: int) -> str:
    """Replace n arguments; what is certainly wrong with them, or ""."""
    parameters, wrong = one.parameters(), []
    for i in rng.permutation(len(parameters))[:n]:
        parameter = parameters[i]
        value = drawn(rng, OTHERS)
        if parameter.name in LONG and isinstance(value, int | np.integer) and value > 100:
            continue
        if callable(value) and any(
            w in str(parameter.annotation) for w in ("Callable", "Progress", "Lengths")
        ):
            value = _heard  # what a caller's own function raises is the caller's
        arguments[parameter.name] = value
        ran_away = isinstance(one.function, type) and isinstance(value, float)  # as a field may
        if is_wrong(str(parameter.annotation), value) and not ran_away:
            wrong.append(f"{parameter.name}: {parameter.annotation} took a {type(value).__name__}")
    return ", ".join(wrong) if parameters else _too_many(rng, one, arguments)


def _heard(*arguments: Any) -> None:
    """A function that takes what it is told."""


def _misspelt(rng: np.random.Generator, one: Public, arguments: dict[str, Any]) -> str:
    """A keyword with a letter too many."""
    names = [p.name for p in one.parameters() if p.kind is not p.POSITIONAL_ONLY] or ["path"]
    name = str(rng.choice(names))
    cut = int(rng.integers(len(name) + 1))
    word = name[:cut] + str(rng.choice(list("aeqz_"))) + name[cut:]
    if word in names:
        return ""
    arguments[word] = arguments.pop(name, None)
    return f"the keyword {word}"


def _left_out(rng: np.random.Generator, one: Public, arguments: dict[str, Any]) -> str:
    """One that is needed."""
    needed = [p.name for p in one.parameters() if p.default is p.empty]
    if not needed:
        return _too_many(rng, one, arguments)
    name = str(rng.choice(needed))
    del arguments[name]
    return f"no {name}"


def _too_many(rng: np.random.Generator, one: Public, arguments: dict[str, Any]) -> str:
    """All in their places, and some more."""
    arguments["*"] = [drawn(rng, OTHERS) for _ in range(len(one.parameters()) + 1)]
    return "arguments too many"


CHANGES = {
    "one wrong argument": lambda rng, one, arguments: _replaced(rng, one, arguments, 1),
    "two wrong arguments": lambda rng, one, arguments: _replaced(rng, one, arguments, 2),
    "a misspelt keyword": _misspelt,
    "an argument left out": _left_out,
    "arguments too many": _too_many,
}
FAMILY = Family("calls", "public functions called with nonsense", trial, count=100_000, smoke=60)
