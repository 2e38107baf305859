"""Keywords of a study: the loads of its problem, and the words of `couple`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from inspect import signature
from typing import Any

from qcmethod.base.told import tell
from qcmethod.base.toml import Tables
from qcmethod.base.types import Array
from qcmethod.coupling.choice import LENGTHS, WORDS, AnyMethod, Coupling, require_known
from qcmethod.problems.load import LOADS


def sorted_out(
    study: Callable[..., Any], given: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The loads among some keywords, those that are None left out, and the words of `couple`.

    Raises CouplingError for a keyword that is neither, naming the nearest of them and of the
    study's own.
    """
    loads = {name: value for name, value in given.items() if name in LOADS and value is not None}
    words = {name: value for name, value in given.items() if name not in LOADS}
    own = [p.name for p in signature(study).parameters.values() if p.kind != p.VAR_KEYWORD]
    require_known(words, study.__name__, [*LOADS, *own])
    return loads, words


def told(study: Callable[..., Any], given: Mapping[str, Any]) -> Tables:
    """The tables of the call of a study, what `couple` is asked for in that of the coupling.

    given : values by the name of the argument, e.g. `locals()` as the study begins
    """
    return tell(study, given, shared={"coupling": (*LENGTHS, *WORDS)})


def with_words(method: str | Coupling, words: Mapping[str, Any]) -> dict[str, Any]:
    """All words of a call, those of a `Coupling` included: what makes two runs the same."""
    own = method.words if isinstance(method, Coupling) else {}
    return {**own, **words}


def without_reference(method: AnyMethod, reference: Array | str) -> tuple[AnyMethod, Array | str]:
    """The method, and where its ghost force is frozen at each load: as the call says, or else as
    its `Coupling` does."""
    if not isinstance(method, Coupling):
        return method, reference
    silent = isinstance(reference, str) and reference == "predictor"
    return replace(method, reference="predictor"), method.reference if silent else reference
