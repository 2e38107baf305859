"""Loads that can be varied: their names and units, and the same problem at another load.

    y0(x; load)  ->  y0(x; load + d)

A load changes the predictor, or what presses on the crystal, never the mesh, the sites or the core;
so a state at one load is the first guess at the next. What a load means is the business of the
problem that has it: its file registers each here, with the `at_load` of the problem.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

from qcmethod.base.arguments import nearest
from qcmethod.base.door import door
from qcmethod.base.registry import Registry
from qcmethod.errors import InputError
from qcmethod.problems.problem import Problem


class AtLoad(Protocol):
    """The `at_load` of a problem."""

    def __call__(self, problem: Problem, **loads: float) -> Problem:
        """The same problem at other loads."""


@door
@dataclass(frozen=True, kw_only=True)
class Load:
    """A kind of load.

    Attributes
    ----------
    name : keyword of `ramp` and key of `Problem.loads`
    symbol : for axes, in LaTeX
    short : for texts (default: the name)
    unit, latex : of its values, for texts and for axes
    width : an event is bracketed to this, unless asked otherwise
    example : values of a ramp
    at : the problem at other loads; it refuses what is impossible
    above, expected : a ramp refuses values that are not above this, saying what it expects
    of : the problem that has it, in words
    shake : random displacement of the core before each trial of a ramp, A, unless asked otherwise
    glides : whether it moves a line, whose glide by half a lattice period is an event
    presses : whether it is what presses on the crystal, whose answer is a force
    """

    name: str
    symbol: str
    unit: str
    latex: str
    width: float
    example: str
    at: AtLoad
    short: str = ""
    above: float = -math.inf
    expected: str = ""
    of: str = ""
    shake: float = 0.0
    glides: bool = False
    presses: bool = False

    def text(self, value: float) -> str:
        """A value by name, e.g. "K = 0.42000"."""
        return f"{self.short or self.name} = {self.digits(value)}"

    def digits(self, value: float) -> str:
        """A value, or a width, with the digits that a hundredth of `width` needs."""
        return f"{value:.{max(0, 2 - math.floor(math.log10(self.width)))}f}"


LOADS: Registry[Load] = Registry("load", "qcmethod.problems", Load)
"""All kinds of load by name."""


def register(made: Load) -> Load:
    """Make a load known by its name: one of this package, or of a user's script (InputError)."""
    return LOADS.add_named(made)


def at_load(problem: Problem, **loads: float) -> Problem:
    """The same problem at other loads; those not named stay.

    Raises InputError for no Problem, a load that it does not have, or that it refuses.
    """
    if not isinstance(problem, Problem):
        raise InputError("problem", problem, "a Problem", "qcmethod.crack(crystal, ...)")
    groups: dict[AtLoad, dict[str, float]] = {}
    for name, value in loads.items():
        if name not in LOADS:
            known = variable(problem) or sorted(LOADS)
            raise InputError("loads", name, f"one of {known}", nearest(name, known))
        if name not in problem.loads:
            own = ", ".join(variable(problem)) or "none"
            hint = f"{name} is a load of {LOADS[name].of}" if LOADS[name].of else ""
            expected = f"a load of this problem: a {problem.name} has {own}"
            raise InputError(name, value, expected, hint)
        groups.setdefault(LOADS[name].at, {})[name] = value
    for at, group in groups.items():
        problem = at(problem, **group)
    return problem


def variable(problem: Problem) -> list[str]:
    """Names of the loads that this problem can be taken to."""
    return [name for name in LOADS if name in problem.loads]


def whole(problem: Problem) -> bool:
    """Whether a problem has all loads of a kind (K_I, K_II, K_III) of which it has one."""
    kinds = {LOADS[name].at for name in variable(problem)}
    return all(name in problem.loads for name in LOADS if LOADS[name].at in kinds)


def shake_of(problem: Problem) -> float:
    """Random displacement of the core, A, that takes states of this problem off saddle points."""
    return max((LOADS[name].shake for name in variable(problem)), default=0.0)
