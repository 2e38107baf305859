"""What an annotation says of a value: of which classes it may be, a flag, a function.

    Solution | None     ->  a Solution, or None          bool  ->  True or False
    Callable[..., X]    ->  a function                   float ->  (only of a field) a number

An annotation with anything else in it (an array, a word, a protocol) says nothing that could be
checked here.
"""

from __future__ import annotations

import collections.abc
import inspect
import types
from dataclasses import dataclass
from numbers import Integral
from typing import Any, Union, get_args, get_origin

import numpy as np

from qcmethod.base.arguments import is_number
from qcmethod.base.stored import STORED

WORDS = {bool: "True or False", float: "a number", int: "a whole number", str: "a text"}
FUNCTION = "a function"
HINTS = {
    "Crystal": "qcmethod.Crystal.fcc(potential, ...)",
    "Potential": "qcmethod.load_potential(name)",
    "Problem": "qcmethod.crack(crystal, ...)",
    "Solution": "qcmethod.relax(system)",
    "System": "qcmethod.couple(problem, method, ...)",
}
"""How one comes by an object of what users hold in their hands."""


@dataclass(frozen=True)
class Kinds:
    """The kinds a value may be of; none: it is not judged.

    Attributes
    ----------
    classes : bool and, in fields, float, int, str stand for flags, numbers, whole numbers, texts
    none, function : whether it may be None, or a function
    """

    classes: tuple[type, ...] = ()
    none: bool = False
    function: bool = False

    def has(self, given: object) -> bool:
        """Whether a value is of one of the kinds."""
        if not (self.classes or self.function) or (given is None and self.none):
            return True
        return (self.function and callable(given)) or any(_is(given, one) for one in self.classes)

    def expected(self) -> str:
        """The kinds in words."""
        words = [
            WORDS.get(one) or f"{_article(one.__name__)} {one.__name__}" for one in self.classes
        ]
        return " or ".join([*words, *[FUNCTION] * self.function, *["None"] * self.none])

    def hint(self) -> str:
        """How one comes by an object of the first class, or ""."""
        return HINTS.get(self.classes[0].__name__, "") if self.classes else ""


def kinds_of(parameter: inspect.Parameter, names: dict[str, Any], values: bool) -> Kinds | None:
    """The kinds that a parameter takes, whose annotation is read with the names of its module.

    None while a class in it is not loaded: then there is no object of it.

    values : judge numbers, texts and plain containers as well
    """
    if parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
        return Kinds()
    said = parameter.annotation
    try:
        said = eval(said, {**_loaded(), **names}) if isinstance(said, str) else said
    except Exception:  # a name that is not loaded; of a user's function, whatever it says
        return None
    members = get_args(said) if get_origin(said) in (Union, types.UnionType) else (said,)
    classes, none, function = [], False, False
    for member in members:
        origin = get_origin(member) or member
        if member is type(None):
            none = True
        elif origin is collections.abc.Callable:
            function = True
        elif isinstance(origin, type) and _is_judged(origin, values):
            classes.append(origin)
        else:
            return Kinds()
    return Kinds(tuple(classes), none, function)


def _loaded() -> dict[str, type]:
    """Classes that a module may name without importing them."""
    return {name: STORED[name] for name in HINTS if name in STORED}


def _is(given: object, one: type) -> bool:
    if one is bool:
        return isinstance(given, bool | np.bool_)
    if one is float:  # of a field: a state that ran away may hold nan
        return is_number(given) or isinstance(given, float)
    if one is int:
        return isinstance(given, Integral) and not isinstance(given, bool)
    return isinstance(given, one)


def _is_judged(one: type, values: bool) -> bool:
    if one in (Any, inspect.Parameter.empty) or getattr(one, "_is_protocol", False):
        return False
    ours = one.__module__.partition(".")[0] == __name__.partition(".")[0]
    return values or ours or one is bool


def _article(word: str) -> str:
    return "an" if word[0] in "AEIOU" else "a"
