"""Loads that can be varied: their names and units, and the same problem at another load.

    y0(x; load)  ->  y0(x; load + d)

A load changes the predictor, never the mesh, the sites or the core; so a state at one load is the
first guess at the next. What a load means is the business of the problem that has it: each names
its own `at_load` here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

from qcmethod.errors import InputError
from qcmethod.problems import crack, indentation, shear
from qcmethod.problems.problem import Problem


class AtLoad(Protocol):
    """The `at_load` of a problem."""

    def __call__(self, problem: Problem, **loads: float) -> Problem:
        """The same problem at other loads."""


@dataclass(frozen=True)
class Load:
    """A kind of load.

    Attributes
    ----------
    name : keyword of `ramp` and key of `Problem.loads`
    symbol : for axes, in LaTeX
    unit, latex : of its values, for texts and for axes
    width : an event is bracketed to this, unless asked otherwise
    example : values of a ramp
    at : the problem at other loads; it refuses what is impossible
    """

    name: str
    symbol: str
    unit: str
    latex: str
    width: float
    example: str
    at: AtLoad

    def text(self, value: float) -> str:
        """A value by name, e.g. "K = 0.42000"."""
        name = "K" if self.name.startswith("K") else self.name
        return f"{name} = {self.digits(value)}"

    def digits(self, value: float) -> str:
        """A value, or a width, with the digits that a hundredth of `width` needs."""
        return f"{value:.{max(0, 2 - math.floor(math.log10(self.width)))}f}"


def _intensity(name: str) -> Load:
    symbol, latex = rf"K_\mathrm{{{name[1:]}}}", r"MPa$\sqrt{\mathrm{m}}$"
    example = f"{name}=numpy.arange(0.4, 0.5, 0.01)"
    return Load(name, symbol, "MPa sqrt(m)", latex, 1e-3, example, crack.at_load)


LOADS: dict[str, Load] = {
    **{name: _intensity(name) for name in ("KI", "KII", "KIII")},
    "shear": Load(
        "shear",
        r"\tau",
        "MPa",
        "MPa",
        1.0,
        "shear=numpy.arange(0, 2000, 100)",
        shear.at_load,
    ),
    "depth": Load(
        "depth",
        "d",
        "A",
        "\N{ANGSTROM SIGN}",
        0.02,
        "depth=numpy.arange(0.5, 10, 0.5)",
        indentation.at_load,
    ),
}
"""All kinds of load by name."""


def at_load(problem: Problem, **loads: float) -> Problem:
    """The same problem at other loads; those not named stay.

    Raises InputError for no Problem, a load that it does not have, or that it refuses.
    """
    if not isinstance(problem, Problem):
        raise InputError("problem", problem, "a Problem", "qcmethod.crack(crystal, ...)")
    groups: dict[AtLoad, dict[str, float]] = {}
    for name, value in loads.items():
        if name not in LOADS:
            raise InputError("loads", name, f"one of {variable(problem) or sorted(LOADS)}")
        groups.setdefault(LOADS[name].at, {})[name] = value
    for at, group in groups.items():
        problem = at(problem, **group)
    return problem


def variable(problem: Problem) -> list[str]:
    """Names of the loads that this problem can be taken to."""
    return [name for name in LOADS if name in problem.loads]
