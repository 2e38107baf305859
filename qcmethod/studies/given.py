"""Keywords of a study: the loads of its problem, and the words of `couple`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qcmethod.coupling.choice import Coupling, require_known
from qcmethod.problems.load import LOADS


def sorted_out(given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The loads among some keywords, those that are None left out, and the words of `couple`.

    Raises CouplingError for a keyword that is neither, naming the nearest.
    """
    loads = {name: value for name, value in given.items() if name in LOADS and value is not None}
    words = {name: value for name, value in given.items() if name not in LOADS}
    require_known(words, LOADS)
    return loads, words


def with_words(method: str | Coupling, words: Mapping[str, Any]) -> dict[str, Any]:
    """All words of a call, those of a `Coupling` included: what makes two runs the same."""
    own = method.words if isinstance(method, Coupling) else {}
    return {**own, **words}
