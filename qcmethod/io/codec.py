"""Values of this package as JSON and arrays, and back: the tree of what they are made of.

    Problem(name="crack", F=array)  ->  {"type": "qcmethod.problem:Problem", "fields": {...}}

A value is None, a number, a text, an array, a list, a tuple, a dict, or a frozen dataclass or named
tuple of this package, which is rebuilt from its fields. A class that holds more than it needs says
with `register` what to keep. What appears twice is kept once. Nothing but classes of this package
is ever called: a file is data.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qcmethod.errors import InputError, ResultFileError
from qcmethod.identity import potential_digest
from qcmethod.potentials.site import Potential

Parts = Callable[[Any], dict[str, Any]]
Build = Callable[[dict[str, Any]], Any]
_SPECIAL: dict[type, tuple[Parts, Build]] = {}
ROOT = "qcmethod."


def register(cls: type, parts: Parts, build: Build) -> None:
    """How a class is taken apart, and built from those parts."""
    _SPECIAL[cls] = (parts, build)


def typed(name: str, parts: dict[str, Any]) -> Typed:
    """Parts that will be read back as the class `name`, "module:Class"."""
    return Typed(name, parts)


class Typed:
    """Parts of an object of a class that need not be there yet."""

    def __init__(self, name: str, parts: dict[str, Any]) -> None:
        self.name, self.parts = name, parts


class Encoder:
    """Takes a value apart; `arrays` fills with what does not go into JSON, named by its place."""

    def __init__(self) -> None:
        self.arrays: dict[str, NDArray[Any]] = {}
        self._seen: dict[int, tuple[str, Any]] = {}

    def tree(self, value: Any, place: str = "") -> Any:
        """The tree of a value; TypeError for one that is no data."""
        if value is None or isinstance(value, bool | str):
            return value
        if isinstance(value, np.generic):
            value = value.item()
            return self.tree(value, place)
        if isinstance(value, int):
            return value
        if isinstance(value, float):
            return value if math.isfinite(value) else {"float": repr(value)}
        if type(value) in (list, tuple):
            items = [self.tree(item, f"{place}.{i}") for i, item in enumerate(value)]
            return items if isinstance(value, list) else {"tuple": items}
        if isinstance(value, dict):
            return {"dict": {str(k): self.tree(v, f"{place}.{k}") for k, v in value.items()}}
        if id(value) in self._seen:
            return {"same": self._seen[id(value)][0]}
        self._seen[id(value)] = (place, value)
        if isinstance(value, np.ndarray):
            if value.dtype.hasobject:
                raise TypeError(f"{place}: an array of objects is no data")
            self.arrays[place.lstrip(".")] = value
            return {"array": place.lstrip(".")}
        name, parts = _taken_apart(value, place)
        return {
            "type": name,
            "at": place,
            "fields": {k: self.tree(v, f"{place}.{k}") for k, v in parts.items()},
        }


def _taken_apart(value: Any, place: str) -> tuple[str, dict[str, Any]]:
    cls = type(value)
    if isinstance(value, Typed):
        return value.name, value.parts
    name = f"{cls.__module__}:{cls.__qualname__}"
    if cls in _SPECIAL:
        return name, _SPECIAL[cls][0](value)
    if isinstance(value, tuple):  # a named one
        return name, dict(zip(value._fields, value, strict=True))  # type: ignore[attr-defined]
    if is_dataclass(value):
        return name, {f.name: getattr(value, f.name) for f in fields(value) if f.init}
    raise TypeError(f"{place}: a {name} is no data")


class Decoder:
    """Builds a value from its tree; a potential that is given takes the place of the file's."""

    def __init__(self, arrays: dict[str, NDArray[Any]], potential: Potential | None) -> None:
        self.arrays, self.potential = arrays, potential
        self._seen: dict[str, Any] = {}

    def value(self, tree: Any) -> Any:
        """The value; KeyError, TypeError, ValueError or AttributeError where the tree is none."""
        if isinstance(tree, list):
            return [self.value(item) for item in tree]
        if not isinstance(tree, dict):
            return tree
        if "float" in tree:
            return float(tree["float"])
        if "tuple" in tree:
            return tuple(self.value(item) for item in tree["tuple"])
        if "dict" in tree:
            return {k: self.value(v) for k, v in tree["dict"].items()}
        if "array" in tree:
            return self.arrays[tree["array"]]
        if "same" in tree:
            return self._same(tree["same"])
        found = self._built(tree["type"], tree["fields"])
        self._seen[tree["at"]] = found
        return found

    def _same(self, place: str) -> Any:
        return self._seen[place] if place in self._seen else self.arrays[place.lstrip(".")]

    def _built(self, name: str, trees: dict[str, Any]) -> Any:
        if name == "qcmethod.potentials.site:Potential":
            return self._potential(trees)
        cls = _class(name)
        parts = {k: self.value(v) for k, v in trees.items()}
        if cls in _SPECIAL:
            return _SPECIAL[cls][1](parts)
        if not (is_dataclass(cls) or hasattr(cls, "_fields")):
            raise TypeError(f"{name} is no data")
        return cls(**parts)

    def _potential(self, trees: dict[str, Any]) -> Potential:
        given, known = self.potential, trees["digest"]
        if given is None:
            name = trees["params"]["type"]
            if not name.startswith(ROOT):
                what = f"None, and the file's potential {trees['name']} is of the class {name}"
                raise InputError("potential", what, "that potential", "potential=...")
            parts = {k: self.value(v) for k, v in trees.items() if k != "digest"}
            return Potential(**parts)
        if potential_digest(given) != known:
            what = f"{given.name} (digest {potential_digest(given)})"
            expected = f"the potential of the file, {trees['name']} (digest {known})"
            raise ResultFileError("potential", what, expected, "leave it out")
        return given


def _class(name: str) -> Any:
    module, _, path = name.partition(":")
    if not module.startswith(ROOT):
        raise TypeError(f"{name} is no class of this package")
    found: Any = import_module(module)
    for part in path.split("."):
        found = getattr(found, part)
    if not isinstance(found, type) or found.__module__ != module:
        raise TypeError(f"{name} is no class")
    return found


def _potential_parts(potential: Potential) -> dict[str, Any]:
    own = {f.name: getattr(potential, f.name) for f in fields(potential)}
    return {**own, "digest": potential_digest(potential)}


register(Potential, _potential_parts, lambda parts: Potential(**parts))
