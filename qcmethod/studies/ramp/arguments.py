"""The arguments of a ramp, refused by name where they cannot be used."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral

import numpy as np

from qcmethod.base.arguments import as_numbers, whole_number, word
from qcmethod.base.arguments import number as real
from qcmethod.base.types import Array
from qcmethod.errors import InputError
from qcmethod.problems.load import LOADS, at_load, variable
from qcmethod.problems.problem import Problem

Loads = Sequence[float] | Array


def planned(
    problem: Problem, **modes: Loads | None
) -> tuple[str, tuple[float, ...], dict[str, tuple[float, ...]]]:
    """The mode that is varied, its loads, and those of all modes if others are varied with it.

    Of several it is the first whose loads rise, or fall, throughout. InputError names what is wrong
    with them.
    """
    names = variable(problem) if isinstance(problem, Problem) else []
    if not names:
        expected = "a crack, or another problem with a load to vary"
        raise InputError("problem", problem, expected, "qcmethod.crack(crystal, KI, extent=...)")
    given = {name: values for name, values in modes.items() if values is not None}
    hint = LOADS[names[0]].example
    if not given:
        expected = f"the loads of one mode out of {', '.join(names)}, or of several"
        raise InputError(", ".join(names), sorted(given), expected, hint)
    for name, values in given.items():
        if name not in names:
            raise InputError(name, values, f"a load of this problem: {', '.join(names)}", hint)
    path = {name: _series(name, values) for name, values in given.items()}
    if len({len(values) for values in path.values()}) > 1:
        counts = {name: len(values) for name, values in path.items()}
        raise InputError(", ".join(path), counts, "as many loads of one mode as of the other")
    rising = [name for name, values in path.items() if _is_monotone(values)]
    if not rising:
        name = next(iter(given))
        raise InputError(name, given[name], "loads that rise, or fall, from each to the next")
    for at in zip(*path.values(), strict=True):
        at_load(problem, **dict(zip(path, at, strict=True)))
    return rising[0], path[rising[0]], path if len(path) > 1 else {}


def _series(name: str, values: Loads) -> tuple[float, ...]:
    """Finite loads of one mode (InputError)."""
    load = LOADS[name]
    K = as_numbers(name, values, f"loads in {load.unit}")
    if K.ndim != 1 or not len(K) or not np.isfinite(K).all():
        raise InputError(name, values, f"a series of finite loads in {load.unit}, at least one")
    if not (load.above < K).all():
        raise InputError(name, values, load.expected)
    return tuple(K.tolist())


def _is_monotone(values: tuple[float, ...]) -> bool:
    steps = np.diff(values)
    return bool((steps > 0.0).all() or (steps < 0.0).all())


def checked_reference(reference: Array | str) -> Array | str:
    """Where ghost forces are frozen (InputError)."""
    if isinstance(reference, str):
        return word("reference", reference, ("predictor", "last"))
    return gradient(reference, "'predictor', 'last' or a gradient (3, 3)")


def gradient(reference: Array, expected: str) -> Array:
    """The gradient (3, 3) at which ghost forces are frozen (InputError)."""
    F = as_numbers("reference", reference, expected)
    if F.shape != (3, 3) or not np.isfinite(F).all():
        raise InputError("reference", f"array of shape {F.shape}", f"{expected}, finite")
    return F


def checked_ring(ring: tuple[float, float] | None) -> tuple[float, float] | None:
    """Two radii, A, or None (InputError)."""
    if ring is None:
        return None
    expected = "two radii in A, outside of the blending zone"
    radii = as_numbers("ring", ring, expected)
    if radii.shape != (2,):
        raise InputError("ring", ring, expected)
    return float(radii[0]), float(radii[1])


def checked_shake(shake: float | None, mode: str) -> float:
    """Size of the random displacement of the core, A (InputError)."""
    if shake is None:
        return LOADS[mode].shake
    expected = "a small displacement in A, 0 or 0.01, say"
    return real("shake", shake, expected, least=0.0, below=0.1)


def require_numbers(width: float, events: int, jump: float, max_iterations: int) -> None:
    """Refuse impossible numbers (InputError)."""
    whole_number("max_iterations", max_iterations, "at least 1", least=1)
    real("width", width, "a width in the unit of the load, e.g. 1e-3", least=1e-9)
    whole_number("events", events, "how many events to follow, at least 1", least=1)
    real("jump", jump, "a part of the nearest-neighbour distance, e.g. 0.2", above=0.0)


def chosen(name: str, number: int, n: int, what: str) -> int:
    """A place in a list of n, from its end where it is negative (InputError)."""
    whole = isinstance(number, Integral) and not isinstance(number, bool)
    if not (whole and -n <= number < n):
        raise InputError(name, number, f"{what}, 0 to {n - 1}")
    return int(number)
