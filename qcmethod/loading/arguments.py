"""The arguments of a ramp, refused by name where they cannot be used."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral, Real

import numpy as np
from numpy.typing import NDArray

from qcmethod.errors import InputError
from qcmethod.loading.shake import UNDER_AN_INDENTER
from qcmethod.problem import Problem
from qcmethod.problems.load import LOADS, at_load, variable

Array = NDArray[np.float64]
Loads = Sequence[float] | Array


def planned(problem: Problem, **modes: Loads | None) -> tuple[str, tuple[float, ...]]:
    """The mode that is varied and its loads (InputError naming what is wrong with them)."""
    names = variable(problem) if isinstance(problem, Problem) else []
    if not names:
        expected = "a crack, or another problem with a load to vary"
        raise InputError("problem", problem, expected, "qcmethod.crack(crystal, KI, extent=...)")
    given = {name: values for name, values in modes.items() if values is not None}
    if len(given) != 1:
        expected = f"the loads of one mode out of {', '.join(names)}"
        raise InputError(", ".join(names), sorted(given), expected, LOADS[names[0]].example)
    ((name, values),) = given.items()
    if name not in names:
        hint = LOADS[names[0]].example
        raise InputError(name, values, f"a load of this problem: {', '.join(names)}", hint)
    unit = LOADS[name].unit
    try:
        K = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(name, values, f"loads in {unit}") from error
    if K.ndim != 1 or not len(K) or not np.isfinite(K).all():
        raise InputError(name, values, f"a series of finite loads in {unit}, at least one")
    steps = np.diff(K)
    if len(steps) and not ((steps > 0.0).all() or (steps < 0.0).all()):
        raise InputError(name, values, "loads that rise, or fall, from each to the next")
    if name == "KI" and not (K > 0.0).all():
        raise InputError(name, values, "loads above 0: without a load the crack is closed")
    for value in K:
        at_load(problem, **{name: float(value)})
    return name, tuple(K.tolist())


def checked_reference(reference: Array | str) -> Array | str:
    """Where ghost forces are frozen (InputError)."""
    if isinstance(reference, str):
        if reference not in ("predictor", "last"):
            raise InputError("reference", reference, "'predictor', 'last' or a gradient (3, 3)")
        return reference
    F = np.asarray(reference, dtype=np.float64)
    if F.shape != (3, 3):
        given = f"array of shape {F.shape}"
        raise InputError("reference", given, "'predictor', 'last' or a gradient (3, 3)")
    return F


def checked_ring(ring: tuple[float, float] | None) -> tuple[float, float] | None:
    """Two radii, A, or None (InputError)."""
    if ring is None:
        return None
    if len(ring) != 2:
        raise InputError("ring", ring, "two radii in A, outside of the blending zone")
    return float(ring[0]), float(ring[1])


def checked_shake(shake: float | None, mode: str) -> float:
    """Size of the random displacement of the core, A (InputError)."""
    if shake is None:
        return UNDER_AN_INDENTER if mode == "depth" else 0.0
    if not isinstance(shake, Real) or not 0.0 <= float(shake) < 0.1:
        raise InputError("shake", shake, "a small displacement in A, 0 or 0.01, say")
    return float(shake)


def require_numbers(width: float, events: int, jump: float, max_iterations: int) -> None:
    """Refuse impossible numbers (InputError)."""
    if not isinstance(max_iterations, Integral) or max_iterations < 1:
        raise InputError("max_iterations", max_iterations, "at least 1")
    if not isinstance(width, Real) or not 1e-9 <= float(width) < np.inf:
        raise InputError("width", width, "a width in the unit of the load, e.g. 1e-3")
    if not isinstance(events, Integral) or events < 1:
        raise InputError("events", events, "how many events to follow, at least 1")
    if not isinstance(jump, Real) or not 0.0 < float(jump) < np.inf:
        raise InputError("jump", jump, "a part of the nearest-neighbour distance, e.g. 0.2")
