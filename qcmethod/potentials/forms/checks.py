"""Refusals that every functional form shares: numbers finite and positive, names from a list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from qcmethod.base.arguments import number
from qcmethod.errors import InputError


def finite_number(name: str, value: object) -> float:
    """A finite real number of a file or of a caller (InputError)."""
    return number(name, value, "a finite number")


def finite(**values: float) -> None:
    """Raise InputError unless every keyword is a finite real number."""
    for name, value in values.items():
        finite_number(name, value)


def positive(**values: float) -> None:
    """Raise InputError unless every keyword is a finite number > 0."""
    finite(**values)
    for name, value in values.items():
        if value <= 0.0:
            raise InputError(name, value, "a number > 0")


def as_list(name: str, given: object) -> Sequence[object]:
    """A list, a tuple or an array of numbers, as a sequence (InputError)."""
    if isinstance(given, np.ndarray) and given.ndim == 1:
        return list(given.tolist())
    if not isinstance(given, list | tuple):
        raise InputError(name, given, "a list of numbers")
    return given


def numbers(name: str, given: object, count: int) -> tuple[float, ...]:
    """Exactly ``count`` finite numbers (InputError): one too many is a mistake, not a spare."""
    given = as_list(name, given)
    if len(given) != count:
        raise InputError(name, given, f"{count} numbers")
    return tuple(finite_number(f"{name}[{i}]", value) for i, value in enumerate(given))


def one_of(argument: str, given: str, allowed: Iterable[str]) -> None:
    """Raise InputError unless ``given`` is one of the allowed names."""
    names = list(allowed)
    if given not in names:
        raise InputError(argument, given, "one of " + ", ".join(names))


def inner_radius(inner: float | None, cutoff: float) -> float:
    """The radius where a taper begins, A; InputError unless 0 < inner < cutoff."""
    if inner is None:
        raise InputError("inner", inner, "the radius (A) where the taper begins, below the cutoff")
    positive(inner=inner)
    if inner >= cutoff:
        raise InputError("inner", inner, f"a radius below the cutoff {cutoff:g} A")
    return float(inner)
