"""A measure: one number for each cell and each site of a state, for pictures.

A measure is one file in `analysis/measures` (or user code):

    register(Measure("spread", "largest less smallest principal stress", cells=..., sites=...))

then `solution.plot("spread.png", measure="spread")`. Many are numbers made of a tensor, of which
`of_tensor` takes care.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from qcmethod.base.registry import Registry
from qcmethod.base.types import Array
from qcmethod.coupling.system import System

Values = Callable[[System, Array], Array]
Unit = Callable[[int], tuple[float, str]]
Number = Callable[[Array, int], Array]


def pure(n: int) -> tuple[float, str]:
    """No unit, whatever the dimension."""
    return 1.0, ""


@dataclass(frozen=True, kw_only=True)
class Measure:
    """What is drawn.

    Attributes
    ----------
    name : as in `plot(measure=...)`
    text : for the colour bar, in LaTeX where it is a formula
    cells, sites : (system, u (n_k, 3)) -> (n_c,), (n_l,); nan where nothing is known
    unit : by the number of displacement components: what a value is multiplied by, and the unit
    signed : whether 0 is in the middle of the colours
    """

    name: str
    text: str
    cells: Values
    sites: Values
    unit: Unit = pure
    signed: bool = True

    def label(self, n: int) -> str:
        """For the colour bar of a crystal with n displacement components."""
        unit = self.unit(n)[1]
        return f"{self.text} ({unit})" if unit else self.text


MeasureName = Literal[
    "displacement",
    "shear",
    "volumetric",
    "xx",
    "yy",
    "zz",
    "yz",
    "xz",
    "xy",
    "von_mises",
    "hydrostatic",
    "stress_xx",
    "stress_yy",
    "stress_zz",
    "stress_yz",
    "stress_xz",
    "stress_xy",
]
"""The measures of the folder, spelled out for type checkers; a test compares."""
MEASURES: Registry[Measure] = Registry("measure", "qcmethod.analysis.measures", Measure)
"""All measures by name."""


def register(made: Measure) -> Measure:
    """Make a measure known by its name (InputError)."""
    return MEASURES.add_named(made)


def of_tensor(number: Number, values: Values) -> Values:
    """number(T, n) of a tensor T (m, 3, 3) on cells or on sites, in n displacement components."""

    def measured(system: System, u: Array) -> Array:
        return number(values(system, u), system.problem.crystal.lattice.n_components)

    return measured


def component(i: int, j: int) -> Number:
    """T_ij of a tensor."""
    return lambda T, n: T[:, i, j]
