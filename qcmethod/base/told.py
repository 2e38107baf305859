"""How a thing was made, as tables: the call that made it, by the names of its arguments.

    couple(problem, "bgfc", core=25.0)    ->    {"potential": {"source": "Al-Ercolessi-1994"},
                                                 "crystal": {"structure": "fcc", ...},
                                                 "problem": {"kind": "crack", "KI": 0.42, ...},
                                                 "coupling": {"method": "bgfc", "core": 25.0}}

An argument is a plain value, or an object that tells how it was made itself; only what is not by
default is told. Whatever can be neither (a corrector, a function) is kept under `UNTOLD` by its
name: the call works as ever, and only the recipe of its result is refused.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np

from qcmethod.base.door import door
from qcmethod.base.toml import Tables, as_toml
from qcmethod.base.version import __version__
from qcmethod.errors import InputError

UNTOLD = "untold"
"""The table of what a file cannot say."""
ASIDE = ("directory", "progress", "logfile", "executor")
"""Arguments that change nothing of what is computed."""
OBJECTS = ("potential", "crystal", "problem", "system", "method")
"""Arguments that tell how they were made themselves, in tables of their own."""
STATES = ("u", "start")
"""Arguments that no file holds."""
MOST = 100_000
"""An array with more numbers is no recipe."""
Function = TypeVar("Function", bound=Callable[..., Any])


class Reproducible:
    """Something that can say how it was made: `told` as tables, `recipe` as the text of a file."""

    @door
    def told(self) -> Tables:
        """Tables of the calls that made it; those that cannot be told under `UNTOLD`."""
        made: Tables | None = getattr(self, "made", None)
        if made is None:
            return {UNTOLD: {type(self).__name__: "made by other means than the public functions"}}
        return made

    @door
    def recipe(self) -> str:
        """The file that makes it again, for `qcmethod run`: TOML.

        Raises InputError, naming what it is, where something cannot be said in a file: a state to
        start from, a function, a class of potentials that a script defined.
        """
        return recipe_of(self.told())


def recipe_of(tables: Tables) -> str:
    """The text of tables that were told (InputError: something cannot be)."""
    for name, what in tables.get(UNTOLD, {}).items():
        expected = "something that a file can say: numbers, words, shipped or read potentials"
        raise InputError(name, what, expected, "the script that made it")
    head = f"made by qcmethod {__version__}; to make it again: qcmethod run FILE"
    return as_toml(tables, head)


def tell(
    function: Callable[..., Any],
    given: Mapping[str, Any],
    table: str = "",
    shared: Mapping[str, Iterable[str]] | None = None,
) -> Tables:
    """The tables of a call.

    given : values by the name of the argument, e.g. `locals()` as the function begins
    table : its own (default: the name of the function)
    shared : names whose values belong to another table
    """
    own_name = table or function.__name__
    tables: Tables = {}
    own: Tables = {own_name: {}}
    for name, value in _other_than_default(function, given):
        home = next((t for t, names in (shared or {}).items() if name in names), own_name)
        if name in OBJECTS and isinstance(value, Reproducible):
            _join(tables, value.told())
        elif name in STATES or not is_plain(value):
            _join(own, {UNTOLD: {name: _shortly(value)}})
        else:
            _join(own, {home: {name: plain(value)}})
    untold = {**tables.pop(UNTOLD, {}), **own.pop(UNTOLD, {})}
    own[own_name] = own.pop(own_name)  # the last one
    _join(tables, own)
    return {**tables, UNTOLD: untold} if untold else tables


def remembered(
    table: str = "",
    files: Iterable[str] = (),
    said: Callable[[Mapping[str, Any]], Mapping[str, Any]] = lambda given: {},
) -> Callable[[Function], Function]:
    """A decorator: what the function returns remembers the call that made it, as its `made`.

    files : arguments that may name a file; they are told with its whole path
    said : of the arguments given by name, plain values in place of those that are objects
    """

    def decorated(function: Function) -> Function:
        @wraps(function)
        def remembering(*args: Any, **kwargs: Any) -> Any:
            found = function(*args, **kwargs)
            given = inspect.signature(function).bind(*args, **kwargs).arguments
            given |= {name: whole_path(given[name]) for name in files if name in given}
            given |= said(given)
            object.__setattr__(found, "made", tell(function, given, table))  # nobody has it yet
            return found

        return cast(Function, remembering)

    return decorated


def plain(value: Any) -> Any:
    """Numbers, texts, lists and mappings of them (TypeError for what is none)."""
    if isinstance(value, np.ndarray) and value.size <= MOST:
        value = value.tolist()
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, Path):
        return str(value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple | range):
        return [plain(one) for one in value]
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {key: plain(one) for key, one in value.items()}
    raise TypeError(f"{type(value).__name__} is not plain")


def is_plain(value: object) -> bool:
    """Whether `plain` takes it."""
    try:
        plain(value)
    except (TypeError, RecursionError):
        return False
    return True


def _other_than_default(
    function: Callable[..., Any], given: Mapping[str, Any]
) -> Iterator[tuple[str, Any]]:
    """Names and values of the arguments that are not by default, keywords of `**` among them."""
    for name, item in inspect.signature(function).parameters.items():
        if name not in given or name in ASIDE:
            continue
        value = given[name]
        if item.kind is item.VAR_KEYWORD:
            yield from ((k, v) for k, v in value.items() if v is not None)
        elif not (type(value) is type(item.default) and value == item.default):
            yield name, value


def _join(tables: Tables, others: Tables) -> None:
    for name, table in others.items():
        tables[name] = {**tables.get(name, {}), **table}


def _shortly(value: object) -> str:
    shape = getattr(value, "shape", None)
    return f"a {type(value).__name__}" + (f" of shape {shape}" if shape is not None else "")


def whole_path(value: Any) -> Any:
    """The whole path of a file, as a text, where a value names one; else the value."""
    if not isinstance(value, str | Path):
        return value
    try:
        path = Path(value).expanduser()
        return str(path.resolve()) if path.is_file() else value
    except (OSError, RuntimeError, ValueError):  # no name of a file; no such user
        return value
