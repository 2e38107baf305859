"""The cases of a sweep, and how each is known again.

    [{"KI": 0.40, "extent": 1e3}, ...]            these
    {"KI": [0.40, 0.42], "extent": [1e3, 1e4]}    all combinations, the last name varying fastest

A case is known by what it says: plain values as they are, objects of this package (a crystal, a
problem, a method) by the call that made them. Its key, the digest of that, names its file.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

import numpy as np

from qcmethod.base.amounts import require_few
from qcmethod.base.arguments import nearest
from qcmethod.base.digest import digest
from qcmethod.base.told import UNTOLD, Reproducible, is_plain, plain
from qcmethod.base.types import Facts
from qcmethod.errors import InputError, cut, shown
from qcmethod.io.encode import Encoder

EXPECTED = "a list of mappings, or one mapping of lists whose combinations are the cases"
HINT = '{"KI": [0.40, 0.42], "extent": [1e3, 1e4]}'
MOST = 1e6
"""Cases."""
LETTERS = 60
"""Of an object, in a table."""
OWN = "directory"
"""An argument of the function that the sweep fills: a folder of the case's own."""


@dataclass(frozen=True, eq=False)
class Case:
    """The arguments of one call, and what they say (`facts`: JSON)."""

    number: int
    arguments: Mapping[str, Any]
    facts: Facts

    @property
    def key(self) -> str:
        """What it is known by."""
        return key_of(self.facts)


def key_of(facts: Facts) -> str:
    """What a case is known by."""
    return digest(json.dumps(facts, sort_keys=True))


def list_cases(function: Callable[..., Any], cases: Any, kept: bool) -> tuple[Case, ...]:
    """All cases.

    kept : they must be known again by another process

    Raises InputError for what is none, for arguments that the function does not take, for one that
    is not known again, and for a case that is there twice.
    """
    given = _combined(cases) if isinstance(cases, Mapping) else _several(cases)
    if not given:
        raise InputError("cases", cases, f"at least one case: {EXPECTED}", HINT)
    found = []
    for number, one in enumerate(given):
        where = f"cases[{number}]"
        if not isinstance(one, Mapping) or not all(isinstance(key, str) for key in one):
            raise InputError(where, one, "a mapping: arguments of the function by name", HINT)
        _require_call(function, where, one)
        found.append(
            Case(number, dict(one), {k: _fact(f"{where}[{k!r}]", v, kept) for k, v in one.items()})
        )
    _require_different(found)
    return tuple(found)


def _several(cases: Any) -> list[Any]:
    if isinstance(cases, str | bytes) or not hasattr(cases, "__iter__"):
        raise InputError("cases", cases, EXPECTED, HINT)
    found: list[Any] = []
    for one in cases:
        found.append(one)
        require_few("cases", "a list", len(found), MOST, "cases")
    return found


def _combined(lists: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All combinations; a value that is no list is that of all cases."""
    columns = {
        name: list(given) if isinstance(given, list | tuple | range | np.ndarray) else [given]
        for name, given in lists.items()
    }
    for name, column in columns.items():
        if not column:
            raise InputError(f"cases[{name!r}]", column, "at least one value")
    require_few("cases", "a product", prod(map(len, columns.values())), MOST, "cases")
    return [dict(zip(columns, one, strict=True)) for one in product(*columns.values())]


def _require_call(function: Callable[..., Any], where: str, case: Mapping[str, Any]) -> None:
    """Refuse a case that is no call of the function (InputError)."""
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):  # built in, and silent about it
        return
    names = [
        n for n, p in parameters.items() if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)
    ]
    anything = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    for name in case:
        if name not in names and not anything:
            expected = f"an argument of the function: {', '.join(names) or 'it has none'}"
            raise InputError(where, name, expected, nearest(name, names))
    for name in names:
        if parameters[name].default is inspect.Parameter.empty and name not in (*case, OWN):
            raise InputError(where, dict(case), f"a value of {name!r}, too")


def _require_different(cases: Sequence[Case]) -> None:
    known: dict[str, int] = {}
    for case in cases:
        first = known.setdefault(case.key, case.number)
        if first != case.number:
            expected = f"another case than cases[{first}]"
            raise InputError(f"cases[{case.number}]", dict(case.arguments), expected)


def _fact(where: str, value: Any, kept: bool) -> Any:
    """What an argument says (InputError: nothing by which it is known again, and it must be)."""
    if is_plain(value):
        return finite(plain(value))
    return {
        "said": cut(" ".join(shown(value).split()), LETTERS),
        "digest": _digest(where, value, kept),
    }


def _digest(where: str, value: Any, kept: bool) -> str:
    """That of the call which made an object, or else of all that it is made of."""
    told = value.told() if isinstance(value, Reproducible) else {UNTOLD: {}}
    if UNTOLD not in told:
        return digest(json.dumps(told, sort_keys=True))
    encoder = Encoder()
    try:
        return digest([json.dumps(encoder.tree(value), sort_keys=True), encoder.arrays])
    except TypeError as error:
        if not kept:  # as long as it lives, there is no other one of this number
            return f"object {id(value)}"
        expected = "numbers, texts, lists and mappings of them, or an object of this package"
        raise InputError(where, value, expected, "what it is made from, by name") from error


def finite(value: Any) -> Any:
    """A plain value as JSON can have it: a number that is not finite as {"float": "nan"}."""
    if isinstance(value, float) and not np.isfinite(value):
        return {"float": repr(value)}
    if isinstance(value, list):
        return [finite(one) for one in value]
    if isinstance(value, dict):
        return {name: finite(one) for name, one in value.items()}
    return value


def as_said(fact: Any) -> Any:
    """A fact as tables have it: an object by its words, a number as a number."""
    if isinstance(fact, dict) and set(fact) == {"said", "digest"}:
        return fact["said"]
    if isinstance(fact, dict) and set(fact) == {"float"}:
        return float(fact["float"])
    return fact
