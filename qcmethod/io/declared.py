"""What a field of a class may hold is what the class says: its annotation, checked for files.

    forces: Array            an array of 64-bit floats, all finite
    energy: float | None     a finite number, or nothing
    estimate: Unbounded      a number that may be infinite

A file that somebody else made has a right digest all the same, and an array of another type would
go unchecked into compiled code. How arrays fit each other is the business of `sound`.
"""

from __future__ import annotations

import math
import types
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np

from qcmethod.base.types import Unbounded

HUGE = 1e100
"""Numbers below have a square and a product: no length, force or energy is beyond."""


def require_declared(cls: type, parts: Mapping[str, Any]) -> None:
    """TypeError naming the first part that is not what the class says of the field, or that a
    dictionary of known keys (`TypedDict`) lacks."""
    for name, hint in _hints(cls).items():
        if name not in parts:
            if issubclass(cls, dict):
                raise TypeError(f"{cls.__name__} without {name}")
            continue
        of_a_form = issubclass(cls, tuple) and hint is float  # `sound` knows what may be infinite
        if not fits(parts[name], Unbounded if of_a_form else hint):
            what = type(parts[name]).__name__
            if isinstance(parts[name], np.ndarray):
                what = f"array of {parts[name].dtype}, or of numbers that are none"
            raise TypeError(f"{cls.__name__}.{name} is no {what}")


def fits(value: Any, hint: Any) -> bool:
    """Whether a value is of an annotated type; what cannot be checked is of any."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return any(fits(value, one) for one in arguments)
    if origin is Annotated:
        return fits(value, arguments[0]) or value in (math.inf, -math.inf)
    if origin is Literal:
        return isinstance(value, str | int) and value in arguments
    if origin is np.ndarray:
        return _is_array(value, get_args(arguments[1])[0])
    if origin is tuple:
        return isinstance(value, tuple) and _all_fit(value, arguments)
    if origin is list:
        return isinstance(value, list) and all(fits(item, arguments[0]) for item in value)
    if origin in (dict, Mapping):
        return isinstance(value, dict) and all(fits(v, arguments[1]) for v in value.values())
    if hint is float:
        return (isinstance(value, float) or fits(value, int)) and abs(value) < HUGE
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if hint is None or hint is type(None):
        return value is None
    if hint is Any or not isinstance(hint, type):
        return True
    if getattr(hint, "_is_protocol", False):
        known = dir(value)  # without asking for a value: that of an engine may be computed
        return all(name in known for name in dir(hint) if not name.startswith("_"))
    return isinstance(value, hint)


def _all_fit(values: Sequence[Any], hints: Sequence[Any]) -> bool:
    if len(hints) == 2 and hints[1] is Ellipsis:
        return all(fits(value, hints[0]) for value in values)
    return len(values) == len(hints) and all(map(fits, values, hints))


def _is_array(value: Any, scalar: Any) -> bool:
    if not isinstance(value, np.ndarray):
        return False
    if not (isinstance(scalar, type) and issubclass(scalar, np.generic)):
        return True
    return value.dtype == np.dtype(scalar) and (
        value.dtype.kind not in "fc" or bool((np.abs(value) < HUGE).all())
    )


@cache
def _hints(cls: type) -> dict[str, Any]:
    """The annotations of a class; none of one that names types which are not there at run time."""
    try:
        return get_type_hints(cls, include_extras=True)
    except NameError:
        return {}
