"""One argument as a caller gave it: a number in a range, numbers, a word; or a refusal by name."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from numbers import Real
from typing import TypeGuard

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qcmethod.errors import InputError


def is_number(given: object) -> TypeGuard[Real]:
    """Whether it is a real number, as True, texts and arrays are not."""
    return isinstance(given, Real) and not isinstance(given, bool | np.bool_)


def number(
    name: str,
    given: object,
    expected: str,
    hint: str = "",
    *,
    above: float = -math.inf,
    below: float = math.inf,
    least: float = -math.inf,
    most: float = math.inf,
) -> float:
    """A finite real number with above < number < below and least <= number <= most.

    Raises InputError in the name of the argument: also for True, texts, arrays and nan.
    """
    if is_number(given):
        try:
            value = float(given)
        except OverflowError:  # a whole number beyond the range of floats
            value = math.nan
        if math.isfinite(value) and above < value < below and least <= value <= most:
            return value
    raise InputError(name, given, expected, hint)


def whole_number(
    name: str,
    given: object,
    expected: str,
    hint: str = "",
    *,
    least: int = 0,
    most: float = math.inf,
) -> int:
    """A whole number from least to most; InputError in the name of the argument, also for True."""
    if isinstance(given, bool) or not isinstance(given, int | np.integer):
        raise InputError(name, given, expected, hint)
    if not least <= given <= most:
        raise InputError(name, given, expected, hint)
    return int(given)


def as_numbers(name: str, values: ArrayLike, expected: str) -> NDArray[np.float64]:
    """values as an array of floats; InputError for texts, objects and ragged lists."""
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(name, values, expected) from error


def word(name: str, given: object, known: Sequence[str]) -> str:
    """One of the known words (InputError)."""
    if not (isinstance(given, str) and given in known):
        raise InputError(name, given, "one of " + ", ".join(map(repr, known)))
    return given


def nearest(name: object, known: Iterable[str]) -> str:
    """The known names that are most like another one, at most three, as a hint."""
    folded = {one.lower(): one for one in known}
    near = get_close_matches(str(name).lower(), folded, n=3, cutoff=0.3)
    return ", ".join(folded[one] for one in near)
