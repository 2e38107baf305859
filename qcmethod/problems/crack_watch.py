"""What is watched about a crack: that its load opens it, that its tip stays in the core.

Files of one idea each say how: `crack_limits` which loads open a crack, `crack_tip` where it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from qcmethod.base.stored import stored
from qcmethod.base.types import Array
from qcmethod.lattice.plane import radius
from qcmethod.problems.coupled import Coupled, State
from qcmethod.problems.crack_limits import load_of, require_loaded
from qcmethod.problems.crack_slip import announce_slip
from qcmethod.problems.crack_tip import (
    flanks_apart,
    require_open,
    require_tip_in_core,
    tip_position,
)
from qcmethod.problems.problem import Problem
from qcmethod.problems.watch import Watch

CLEAR = 1.05
"""The zone of a crack ends where its flanks are this many cut-offs apart."""


@stored
@dataclass(frozen=True)
class CrackWatch(Watch):
    """Of a crack tip; see `Watch`."""

    def loaded(self, system: Coupled) -> None:
        """ClosedCrackError, OverloadedCrackError, CouplingError; says that the tip may slip."""
        require_loaded(system)
        announce_slip(system.problem)

    def before(self, system: Coupled) -> None:
        """CouplingError where the flanks touch beyond the core."""
        require_open(system)

    def after(self, system: Coupled, state: State) -> None:
        """TipError where the tip has come to the end of the core."""
        require_tip_in_core(system, state)

    def reading(self, system: Coupled, u: Array) -> Mapping[str, Any]:
        """x of the "tip", A, None without atoms; it is the "place" of a crack."""
        tip = tip_position(system, u)
        return {"place": tip, "tip": tip}

    def hint(self, problem: Problem) -> str:
        """How the crack is loaded, and how to come closer."""
        return load_of(problem)

    def zone(self, problem: Problem, pad: float) -> Array:
        """The flank behind the tip to where the flanks are out of each other's reach."""
        start = max(_closed(problem) - pad, 0.0)
        step = problem.crystal.lattice.basis[0, 0]
        behind = -np.arange(0.0, start + step, step)
        return np.stack([behind, np.zeros(len(behind))], axis=1)


def _closed(problem: Problem) -> float:
    """Distance behind the tip up to which the flanks interact at the predictor, A."""
    a1, cutoff = problem.crystal.lattice.basis[0, 0], problem.crystal.potential.cutoff
    i = -np.arange(1, int(problem.extent / a1))
    closed = np.flatnonzero(radius(flanks_apart(problem, i)) < CLEAR * cutoff)
    return float(-i[closed[-1]] * a1) if len(closed) else 0.0
