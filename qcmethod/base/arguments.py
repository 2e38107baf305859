"""One argument as a caller gave it: a number in a range, numbers, a word; or a refusal by name.

Objects and functions are known from the signature: `base.door`; how many: `base.amounts`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from numbers import Real
from typing import TypeGuard

import numpy as np
from numpy.typing import NDArray

from qcmethod.errors import InputError


def is_number(given: object) -> TypeGuard[Real]:
    """Whether it is a real number that a float can hold, as True, texts, arrays, nan and 10**400
    are not."""
    if not isinstance(given, Real) or isinstance(given, bool | np.bool_):
        return False
    try:
        return math.isfinite(float(given))
    except OverflowError:
        return False


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
    refusal: type[InputError] = InputError,
) -> float:
    """A finite real number with above < number < below and least <= number <= most.

    Raises InputError (or a `refusal` of its kind) in the name of the argument: also for True,
    texts, arrays and nan.
    """
    if is_number(given):
        value = float(given)
        if above < value < below and least <= value <= most:
            return value
    raise refusal(name, given, expected, hint)


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


SEEDS = 2**64
"""Random numbers start from a whole number below it."""


def seed_of(given: object) -> int:
    """What random numbers start from (InputError)."""
    return whole_number("seed", given, "a whole number, 0 or more", "0", most=SEEDS - 1)


def as_numbers(
    name: str, values: object, expected: str, refusal: type[InputError] = InputError
) -> NDArray[np.float64]:
    """values as an array of floats; InputError for texts, flags, objects and ragged lists."""
    try:
        array = np.asarray(values)
        if array.dtype.kind not in "biufO" or (array.size and array.dtype.kind == "b"):
            raise TypeError(f"an array of {array.dtype}")
        return np.asarray(array, dtype=np.float64)
    except Exception as error:  # what an object says when it is made an array is its own
        raise refusal(name, values, expected) from error


def finite(
    name: str, values: object, shape: tuple[int | None, ...], expected: str, hint: str = ""
) -> NDArray[np.float64]:
    """Finite numbers of a shape, None for any length (InputError)."""
    array = as_numbers(name, values, expected)
    fits = array.ndim == len(shape) and all(
        n in (None, m) for n, m in zip(shape, array.shape, strict=True)
    )
    if not (fits and np.isfinite(array).all()):
        raise InputError(name, values, expected, hint)
    return array


def flag(name: str, given: object, refusal: type[InputError] = InputError) -> bool:
    """True or False (InputError, or a `refusal` of its kind)."""
    if not isinstance(given, bool | np.bool_):
        raise refusal(name, given, "True or False")
    return bool(given)


def rows(name: str, given: object, columns: tuple[int, ...], what: str) -> NDArray[np.float64]:
    """Finite numbers (n, c) with c one of the columns (InputError).

    what : "positions", "sites", for the message
    """
    expected = f"{what} " + " or ".join(f"(n, {c})" for c in columns)
    array = as_numbers(name, given, expected)
    if array.ndim != 2 or array.shape[1] not in columns or not np.isfinite(array).all():
        raise InputError(name, given, expected)
    return array


def integers(name: str, given: object, columns: int, what: str) -> NDArray[np.int64]:
    """Whole numbers (n, c) (InputError)."""
    array = rows(name, given, (columns,), what)
    if not (array == np.round(array)).all() or np.abs(array).max(initial=0.0) >= 2**52:
        raise InputError(name, given, f"whole numbers (n, {columns})")
    return array.astype(np.int64)


def word(name: str, given: object, known: Sequence[str]) -> str:
    """One of the known words (InputError, with the nearest)."""
    if not (isinstance(given, str) and given in known):
        raise InputError(
            name, given, "one of " + ", ".join(map(repr, known)), nearest(given, known)
        )
    return given


def nearest(name: object, known: Iterable[str], likeness: float = 0.3) -> str:
    """The known names that are most like another one, at most three, as a hint."""
    if not isinstance(name, str):
        return ""
    folded = {one.lower(): one for one in known}
    near = get_close_matches(name[:LONGEST_WORD].lower(), folded, n=3, cutoff=likeness)
    return ", ".join(folded[one] for one in near)


LONGEST_WORD = 100
"""Letters of a name that are compared with others."""
