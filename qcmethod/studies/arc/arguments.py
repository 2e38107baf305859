"""The arguments of a continuation, refused by name where they cannot be used."""

from __future__ import annotations

from qcmethod.base.arguments import number, whole_number
from qcmethod.base.types import Array
from qcmethod.errors import InputError
from qcmethod.problems.load import variable
from qcmethod.problems.problem import Problem
from qcmethod.studies.ramp.arguments import gradient, planned


def checked_load(problem: Problem, **modes: float | None) -> tuple[str, float]:
    """The mode that is varied and its first load (InputError)."""
    given: dict[str, list[float] | None] = {}
    for name, value in modes.items():
        if value is not None:
            expected = "one load to start from, finite, MPa sqrt(m)"
            given[name] = [number(name, value, expected, f"{name}=0.42")]
    mode, loads, path = planned(problem, **given)
    if path:
        expected = "the load of one mode: an arc has one load; those not named hold"
        raise InputError(", ".join(variable(problem)), sorted(path), expected, f"{mode}=0.42")
    return mode, loads[0]


def checked_reference(reference: Array | str) -> Array | None:
    """None for the predictor, or a gradient (3, 3) (InputError)."""
    expected = "'predictor' or a gradient (3, 3): forces may depend on the load, not on the history"
    if isinstance(reference, str):
        if reference != "predictor":
            raise InputError("reference", reference, expected)
        return None
    return gradient(reference, expected)


def checked_numbers(periods: float, steps: int, ds: float, width: float) -> None:
    """Refuse impossible numbers (InputError)."""
    whole_number("steps", steps, "how many steps at most, at least 1", least=1)
    for name, value, expected in (
        ("periods", periods, "a positive number of lattice periods"),
        ("ds", ds, "the longest step, a positive length in A, e.g. 0.4"),
        ("width", width, "a positive width in MPa sqrt(m), e.g. 1e-5"),
    ):
        number(name, value, expected, above=0.0)
