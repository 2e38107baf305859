"""List the cases of a study.

Cores and widths are paired, not multiplied: along a curve of error against degrees of freedom
they grow together (Luskin, Ortner and Van Koten 2013).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np

from qcmethod.base.amounts import listed
from qcmethod.base.arguments import number
from qcmethod.base.registry import Name
from qcmethod.coupling.choice import WORDS, AnyMethod, Coupling
from qcmethod.coupling.method import Method, find_method
from qcmethod.errors import InputError
from qcmethod.problems.problem import Problem
from qcmethod.studies.compare.case import Case

Lengths = float | Sequence[float] | Callable[[float], float] | None
Methods = Iterable[AnyMethod] | Mapping[str, Mapping[str, Any] | Coupling]
LENGTHS = ("core", "blend", "extent")
FARTHEST = 1e15
"""No length is longer, A."""
FORWARDED = sorted(WORDS)
"""Keywords of `couple` that a study hands on."""


def list_cases(
    problem: Problem,
    methods: Methods,
    cores: float | Iterable[float],
    blends: Lengths,
    extents: Lengths,
    options: Mapping[str, Any],
) -> tuple[Case, ...]:
    """All cases, method by method, none twice; arguments as for `compare`.

    Raises InputError (lengths, options) and CouplingError (unknown method).
    """
    if not isinstance(options, Mapping):
        raise InputError("options", options, f"keywords of couple: {', '.join(FORWARDED)}")
    hint = "[10.0, 15.0, 20.0]"
    several = (
        [cores] if isinstance(cores, Real) else listed("cores", cores, "core radii in A", hint)
    )
    radii = [_length("cores", core) for core in several]
    if not radii:
        raise InputError("cores", radii, "at least one core radius in A", "[10.0, 15.0, 20.0]")
    for key in ("method", *LENGTHS):
        if key in options:
            hint = "the arguments methods, cores, blends, extents, or methods={label: {...}}"
            raise InputError("options", key, f"keywords of couple: {', '.join(FORWARDED)}", hint)
    shared = {"blend": _along("blends", blends, radii), "extent": _along("extents", extents, radii)}
    cases: list[Case] = []
    for label, given in _named(methods).items():
        method = find_method(given.get("method", label))
        chosen = _options(f"methods[{label!r}]", {**options, **given})
        for i, core in enumerate(radii):
            at = {k: given[k](core) if k in given else v[i] for k, v in shared.items()}
            at["core"] = given["core"](core) if "core" in given else core
            case = _case(problem, label, method, at, chosen)
            if case not in cases:
                cases.append(case)
    return tuple(cases)


def _case(
    problem: Problem, label: str, method: Method, at: dict[str, Any], options: dict[str, Any]
) -> Case:
    """A case without the lengths that its method does not have."""
    core = _length("cores", at["core"]) if method.coupled else None
    blend = at["blend"] if at["blend"] is not None else core
    extent = _length("extents", problem.extent if at["extent"] is None else at["extent"])
    if extent <= problem.rim:
        raise InputError("extents", extent, f"more than the clamped rim, {problem.rim:g} A")
    width = _length("blends", blend) if method.blended else None
    return Case(label, method.name, core, width, extent, options)


def _along(name: str, given: Lengths, cores: list[float]) -> list[Any]:
    """One value a core, from a number, a list that pairs, or a function of the core."""
    if given is None or isinstance(given, Real):
        return [given] * len(cores)
    if callable(given):
        return [given(core) for core in cores]
    expected = f"one value a core ({len(cores)}), one for all, or a function of the core"
    values = listed(name, given, expected)
    if len(values) != len(cores):
        raise InputError(name, values, expected)
    return values


def _named(methods: Methods) -> dict[str, dict[str, Any]]:
    """Label of each curve and what is its own; InputError for what is not one."""
    if isinstance(methods, str | Coupling):
        methods = [Name(methods) if isinstance(methods, str) else methods]
    expected, hint = "at least one method", "['bqce', 'bgfc', 'bqcf']"
    if not isinstance(methods, Mapping):
        several = listed("methods", methods, expected, hint)
        methods = {_label(one): one if isinstance(one, Coupling) else {} for one in several}
    methods = {label: _own(one) for label, one in methods.items()}
    for label, given in methods.items():
        if not isinstance(given, Mapping):
            own = "a mapping: what is the curve's own"
            raise InputError(f"methods[{label!r}]", given, own, "{'metric': 'hops'}, or {}")
    named = {str(label): dict(given) for label, given in methods.items()}
    if not named:
        raise InputError("methods", methods, expected, hint)
    for label, given in named.items():
        for key in LENGTHS:
            if key in given and not callable(given[key]):
                function = "a function of the study's core, A"
                raise InputError(f"methods[{label!r}][{key!r}]", given[key], function)
    return named


def _label(one: str | Coupling) -> str:
    name = one.method if isinstance(one, Coupling) else one
    return find_method(name).name


def _own(one: Mapping[str, Any] | Coupling) -> Mapping[str, Any]:
    """What is a curve's own, of a `Coupling` too: its lengths do not follow the study's core."""
    if not isinstance(one, Coupling):
        return one
    lengths = {"core": one.core, "blend": one.blend}
    fixed = {name: (lambda core, A=A: A) for name, A in lengths.items() if A is not None}
    return {"method": one.method, **one.words, **fixed}


def _options(name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The keywords that go on to `couple`; InputError for others."""
    options = {k: _plain(v) for k, v in given.items() if k not in ("method", *LENGTHS)}
    unknown = sorted(set(options) - set(FORWARDED))
    if unknown:
        raise InputError(name, unknown, f"keywords of couple: {', '.join(FORWARDED)}")
    for key, value in options.items():
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError) as error:
            expected = "numbers, texts, or arrays of them"
            raise InputError(f"{name}[{key!r}]", value, expected) from error
    return options


def _plain(value: object) -> object:
    """Lists in place of arrays: cases are compared, pickled and written as JSON."""
    return np.asarray(value).tolist() if isinstance(value, np.ndarray | list | tuple) else value


def _length(name: str, value: object) -> float:
    return number(name, value, "positive lengths in A", above=0.0, most=FARTHEST)
