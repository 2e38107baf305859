"""How many: lists that end, and limits that are said before memory is taken.

require_few("n", n, n, 1e6, "missing sites")    n: got 10**9, expected at most 1e+06 missing
                                                sites; this needs about 1.0e+09
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

from qcmethod.errors import InputError, Said

MANY = 10_000
"""Entries of a list of lengths, gradients or methods: more are a mistake, or have no end."""


def listed(name: str, values: object, expected: str, hint: str = "") -> list[Any]:
    """The entries of a list, or of anything that has entries but a text (InputError)."""
    if isinstance(values, Iterable) and not isinstance(values, str | bytes):
        try:
            entries = list(islice(values, MANY + 1))
        except TypeError:  # an array without a dimension
            raise InputError(name, values, expected, hint) from None
        if len(entries) <= MANY:
            return entries
        raise InputError(name, Said(f"more than {MANY} entries"), expected, hint)
    raise InputError(name, values, expected, hint)


def require_few(
    name: str,
    given: object,
    n: float,
    most: float,
    what: str,
    hint: str = "",
    refusal: type[InputError] = InputError,
) -> None:
    """Refuse what would be too many, as the count n says before memory is taken (InputError)."""
    if not n <= most:
        needed = f"about {n:.1e}" if n < 1e300 else "more than 1e300"
        raise refusal(name, given, f"at most {most:.0e} {what}; this needs {needed}", hint)
