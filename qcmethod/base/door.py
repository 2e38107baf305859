"""The door of a public call: what its signature says is checked before its body runs.

    @door
    def relax(system: System, fmax: float = 1e-5, *, progress: Progress | bool = False): ...

    relax(system, fmx=1)    fmx: got 1, expected a keyword of relax: ... Try: fmax
    relax(5)                system: got 5, expected a System. Try: qcmethod.couple(problem, ...)
    relax(system, progress="yes")    ... expected True or False or a function

Objects of our classes, flags and functions are known from the annotation alone. What a number, an
array or a word means only the function knows: it checks them in its own words (`base.arguments`).
The fields of a class, which have no body, are checked by their annotations altogether.
"""

from __future__ import annotations

import builtins
import inspect
import sys
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar, cast

from qcmethod.base.annotations import Kinds, kinds_of
from qcmethod.base.arguments import nearest
from qcmethod.errors import CallError, InputError, Said

Called = TypeVar("Called", bound=Callable[..., Any])


def door(called: Called) -> Called:
    """The function, or the class whose objects are made, behind a door; its signature stays.

    Raises CallError (a TypeError too) for a keyword that it does not have, an argument that is
    missing or one too many, and InputError for an object, a flag or a function that is none.
    """
    if isinstance(called, type):
        made = cast(Any, called)
        made.__init__ = _behind(made.__init__, called.__name__, called.__mro__)
        return called
    return cast(Called, _behind(called, called.__qualname__, ()))


def _behind(
    function: Callable[..., Any], name: str, classes: tuple[type, ...]
) -> Callable[..., Any]:
    """classes : whose fields are the arguments, the class first; each names them in its module."""
    signature, own = inspect.signature(function), inspect.unwrap(function).__globals__
    known: dict[str, Kinds] = {}

    def names() -> dict[str, Any]:
        found: dict[str, Any] = {}
        for one in reversed(classes):
            found |= vars(sys.modules.get(one.__module__, builtins))
        return found | own

    @wraps(function)
    def checked(*args: Any, **kwargs: Any) -> Any:
        try:
            bound = signature.bind(*args, **kwargs)
        except TypeError:
            raise _refusal(name, signature, args, kwargs) from None
        for argument, given in bound.arguments.items():
            parameter = signature.parameters[argument]
            kinds = known.get(argument) or kinds_of(parameter, names(), bool(classes))
            if kinds is None:
                continue
            known[argument] = kinds
            if not (given is parameter.default or kinds.has(given)):
                raise InputError(argument, given, kinds.expected(), kinds.hint())
        return function(*bound.args, **bound.kwargs)

    return checked


def _refusal(
    name: str, signature: inspect.Signature, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> CallError:
    """What is wrong with a call that does not fit the signature."""
    parameters = [p for p in signature.parameters.values() if p.name not in ("self", "cls")]
    named = [p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    anything = any(p.kind == p.VAR_KEYWORD for p in parameters)
    for word, value in kwargs.items():
        if word not in named and not anything:
            expected = f"a keyword of {name}: {', '.join(named)}" if named else f"none of {name}"
            return CallError(word, value, expected, nearest(word, named))
    own = len(signature.parameters) - len(parameters)
    placed = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    if len(args) - own > len(placed):
        given = Said(f"{len(args) - own} arguments")
        expected = f"at most {len(placed)} without their names"
        return CallError(name, given, f"{expected} ({', '.join(placed)})" if placed else expected)
    for word in placed[: len(args) - own]:
        if word in kwargs:
            return CallError(word, kwargs[word], f"one value: {name} got two")
    given_names = {*placed[: len(args) - own], *kwargs}
    missing = [p.name for p in parameters if p.default is p.empty and p.name not in given_names]
    return CallError(missing[0], Said("nothing"), f"an argument that {name} cannot do without")
