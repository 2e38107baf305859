"""Values that no argument of a public function should trip over, and which of them are wrong.

A value is certainly wrong for a parameter where its annotation says so: nan is no `float`, a text
no `System`. Of an annotation with a mapping, a path or an array in it only texts, objects and
functions are judged; what an array must look like, a function knows.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from numbers import Integral, Real
from pathlib import Path
from typing import Any

import numpy as np


class Evil:
    """An object that fails whatever it is asked."""

    def __repr__(self) -> str:
        raise RuntimeError("no repr")

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("no array")

    def __bool__(self) -> bool:
        raise RuntimeError("no truth")


def _loop() -> list[Any]:
    loop: list[Any] = []
    loop.append(loop)
    return loop


def _deep() -> list[Any]:
    deep: list[Any] = []
    for _ in range(5000):
        deep = [deep]
    return deep


NUMBERS: tuple[Any, ...] = (
    *(0, 1, -1, 2, 3.7, -0.0, 1e300, -1e300, 1e-300, 5e-324, 1e9, 10**30, 10**400, -(10**400)),
    *(
        10**6000,
        2**63,
        np.int8(3),
        np.float32(2.5),
        np.uint64(2**63),
        Fraction(1, 3),
        Decimal("1.5"),
    ),
    *(math.nan, math.inf, -math.inf, np.float64("nan"), 1j, np.complex128(1 + 0j), True, False),
    *(np.True_, np.datetime64("2020-01-01")),
)
TEXTS: tuple[Any, ...] = ("", "x", "x" * 100_000, "a\0b", "\ud800", "predictor", "all", "1.0", b"x")
MADE: tuple[Callable[[], Any], ...] = (
    lambda: None,
    *(list, tuple, dict, set, object, Evil, _loop, _deep, itertools.count),
    *(
        lambda: [1, 2],
        lambda: [math.nan] * 3,
        lambda: [[1], [2, 3]],
        lambda: {"x": 1},
        lambda: {1: 2},
    ),
    *(lambda: (1, -1, 0), lambda: (0, 0, 0), lambda: (10**20, 1, 1), lambda: ((0, 1), (0, 1))),
    *(lambda: np.eye(2), lambda: np.eye(3), lambda: 2.0 * np.eye(3), lambda: np.zeros((3, 3))),
    *(
        lambda: np.zeros((2, 2, 2)),
        lambda: np.array(1.0),
        lambda: np.array([]),
        lambda: np.zeros(3),
    ),
    *(lambda: np.full((3, 3), math.nan), lambda: np.eye(3) * 1j, lambda: np.eye(3, dtype=bool)),
    *(lambda: np.array(["a", "b"]), lambda: np.array([None, object()]), lambda: np.zeros((0, 3))),
    *(lambda: np.full((3, 3), 1e300), lambda: (i for i in range(3)), lambda: range(3), lambda: len),
    *(
        lambda: lambda *a, **k: None,
        lambda: int,
        lambda: math,
        lambda: Path("x"),
        lambda: Path("/"),
    ),
    *(lambda: "folder/x.png", lambda: Path("x.npz"), lambda: "x.json", lambda: slice(None)),
)


def drawn(rng: np.random.Generator, others: list[Callable[[], Any]]) -> Any:
    """A nasty value, or an object of ours out of others."""
    pools = (NUMBERS, TEXTS, MADE, others)
    pool = pools[rng.choice(4, p=[0.4, 0.15, 0.35, 0.1])]
    one = pool[int(rng.integers(len(pool)))]
    return one() if pool in (MADE, others) else one


def is_wrong(annotation: str, given: Any) -> bool:
    """Whether a value is certainly none of what an annotation says."""
    members = [
        m.strip() for m in re.sub(r"\[[^\[\]]*(\[[^\[\]]*\])?[^\[\]]*\]", "", annotation).split("|")
    ]
    return not any(_may_be(member, given) for member in members)


def _may_be(member: str, given: Any) -> bool:
    if member == "None":
        return given is None
    if member == "bool":
        return isinstance(given, bool | np.bool_)
    if member == "int":
        return isinstance(given, Integral) and not isinstance(given, bool)
    if member == "float":
        number = isinstance(given, Real) and not isinstance(given, bool | np.bool_)
        return number and _is_finite(given)
    if member == "str":
        return isinstance(given, str)
    if member in ("Callable", "Progress"):
        return callable(given)
    if member in ("Array", "ArrayLike", "Index", "Triplet", "Bools"):
        return not (
            given is None or callable(given) or isinstance(given, str | bytes | Mapping | Evil)
        )
    ours = {one.__name__ for one in type(given).__mro__}
    known = ("Crystal", "Potential", "Problem", "System", "Solution", "Coupling", "Study")
    return member in ours if member in known else not isinstance(given, Evil)


def _is_finite(given: Any) -> bool:
    try:
        return math.isfinite(given)
    except OverflowError:
        return False
