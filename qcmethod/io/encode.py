"""A value as JSON and arrays: the tree of what it is made of (`codec`).

What appears twice is kept once: the tree says {"same": 7} for the object that has "at": 7.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qcmethod.base.stored import NAMES, is_data
from qcmethod.io.codec import SPECIAL
from qcmethod.io.container import RESERVED


class Encoder:
    """Takes a value apart; `arrays` fills with what does not go into JSON, named by its place.

    taken : names that other arrays of the file have
    """

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self.arrays: dict[str, NDArray[Any]] = {}
        self._taken = {*taken, *RESERVED}
        self._seen: dict[int, tuple[dict[str, Any], Any]] = {}

    def tree(self, value: Any, place: str = "") -> Any:
        """The tree of a value; TypeError for one that is no data."""
        if isinstance(value, np.generic):
            value = value.item()
        if value is None or isinstance(value, bool | str | int):
            return value
        if isinstance(value, float):
            return value if math.isfinite(value) else {"float": repr(value)}
        if type(value) in (list, tuple):
            items = [self.tree(item, f"{place}.{i}") for i, item in enumerate(value)]
            return items if isinstance(value, list) else {"tuple": items}
        if isinstance(value, dict):
            return {
                "dict": {_text(k, place): self.tree(v, f"{place}.{k}") for k, v in value.items()}
            }
        if id(value) in self._seen:
            return self._seen[id(value)][0]
        if isinstance(value, np.ndarray):
            return self._array(value, place)
        name, parts = _taken_apart(value, place)
        at = len(self._seen)
        self._seen[id(value)] = ({"same": at}, value)
        found = {k: self.tree(v, f"{place}.{k}") for k, v in parts.items()}
        return {"type": name, "at": at, "fields": found}

    def _array(self, value: NDArray[Any], place: str) -> dict[str, Any]:
        if value.dtype.hasobject:
            raise TypeError(f"{place}: an array of objects is no data")
        plain = "".join(c if c.isalnum() or c in "._-" else "_" for c in place.lstrip("."))
        name = plain or "value"
        while name in self._taken:
            name += "_"
        self._taken.add(name)
        self.arrays[name] = value
        self._seen[id(value)] = ({"array": name}, value)
        return {"array": name}


def _text(key: object, place: str) -> str:
    if not isinstance(key, str):
        raise TypeError(f"{place}: the key {key!r} of a dict is no data, say a text")
    return key


def _taken_apart(value: Any, place: str) -> tuple[str, dict[str, Any]]:
    """The name of the class of an object in files, and its parts.

    A form of potentials that a user has given no name keeps "module:Class": it is not read back.
    """
    cls = type(value)
    own = f"{cls.__module__}:{cls.__qualname__}"
    name = NAMES.get(cls, own)
    if cls in SPECIAL:
        return name, SPECIAL[cls][0](value)
    if not is_data(cls) or (cls not in NAMES and own.startswith("qcmethod.")):
        raise TypeError(f"{place}: a {own} is no data")
    if is_dataclass(value):
        return name, {f.name: getattr(value, f.name) for f in fields(value) if f.init}
    return name, dict(zip(value._fields, value, strict=True))
