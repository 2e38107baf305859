"""Classes whose objects go into files, by names that stay when a module moves.

    @stored                         Problem(...)  ->  {"type": "Problem", "fields": {...}}
    @dataclass(frozen=True)
    class Problem: ...

A file names no module: a class may move, be renamed under its old name (`stored(name="...")`), or
come from a user's script. How values are taken apart and built is the business of `io`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import is_dataclass
from typing import TypeVar, overload

Class = TypeVar("Class", bound=type)
STORED: dict[str, type] = {}
"""The classes by the names that files know them by."""
NAMES: dict[type, str] = {}
"""The names by class."""


@overload
def stored(cls: Class) -> Class: ...
@overload
def stored(*, name: str) -> Callable[[Class], Class]: ...
def stored(cls: Class | None = None, *, name: str = "") -> Class | Callable[[Class], Class]:
    """Give a class its name in files (default: its own).

    Raises TypeError for a name that another class has.
    """

    def named(cls: Class) -> Class:
        own = name or cls.__name__
        other = STORED.get(own, cls)
        if (other.__module__, other.__qualname__) != (cls.__module__, cls.__qualname__):
            raise TypeError(f"stored: {own!r} is the name of {other.__module__}.{other.__name__}")
        STORED[own], NAMES[cls] = cls, own
        return cls

    return named if cls is None else named(cls)


def is_data(cls: type) -> bool:
    """Whether objects of a class are rebuilt from their fields: what can be changed is no data."""
    if is_dataclass(cls):
        return bool(cls.__dataclass_params__.frozen)  # type: ignore[attr-defined]
    return issubclass(cls, tuple) and hasattr(cls, "_fields")
