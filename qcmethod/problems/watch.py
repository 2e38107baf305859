"""What is watched about a defect: whether a load can be asked for, and whether a state is a result.

    before a load is tried      refuse one that the problem cannot bear          `loaded`
    before a system is solved   refuse a core in which it cannot be held         `before`
    after                       refuse a state in which the core decides         `after`
    of any state                where the defect is, what holds it               `reading`

A watch is a part of its problem, and data: a frozen dataclass, `@stored` under a name of its own.
This one watches nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from qcmethod.base.stored import stored
from qcmethod.base.types import Array
from qcmethod.problems.coupled import Coupled, State

if TYPE_CHECKING:
    from qcmethod.problems.problem import Problem


@stored
@dataclass(frozen=True)
class Watch:
    """Of a defect that stays where it is, whatever the load.

    force_unit : of the force of what presses, if anything does
    """

    force_unit: ClassVar[str] = ""

    def loaded(self, system: Coupled) -> None:
        """Refuse the load of a system from which nothing is known yet (InputError)."""

    def before(self, system: Coupled) -> None:
        """Refuse a system whose core cannot hold the defect (CouplingError)."""

    def after(self, system: Coupled, state: State) -> None:
        """Refuse a state that the end of the core decides (ConvergenceError)."""

    def reading(self, system: Coupled, u: Array) -> Mapping[str, Any]:
        """What is read off the corrector u (n_k, 3), by name.

        "place": x of what moves, A, or None; "separation": of its parts, A; "tip": "place" of a
        crack; "contact": what presses. A defect that has nothing of it does not name it.
        """
        return {}

    def hint(self, problem: Problem) -> str:
        """What to try where no equilibrium was found, as the end of a message; "": nothing."""
        return ""

    def zone(self, problem: Problem, pad: float) -> Array:
        """The smallest sensible zone (m, 2) of atoms about the problem, A.

        pad : radius of the core about each of its points, A
        """
        return np.unique(problem.centres, axis=0)
