"""What an adaptive run is asked for, and what it keeps of each cycle."""

from __future__ import annotations

from dataclasses import dataclass

from qcmethod.base.stored import stored
from qcmethod.base.types import Array
from qcmethod.mesh import Mesh
from qcmethod.problems.problem import Problem

LOOSE = 1e-4
"""Cycles on the way stop at this residual, eV/A, or a tenth of the tolerance."""


@stored
@dataclass(frozen=True)
class Asked:
    """What a run is asked for; see `adapt`."""

    goal: str
    tolerance: float
    indicator: str
    max_repatoms: int
    theta: float
    fmax: float

    @property
    def loose(self) -> float:
        """Residual of the cycles on the way, eV/A."""
        return max(self.fmax, min(LOOSE, 0.1 * self.tolerance))


@stored
@dataclass(frozen=True, eq=False)
class Snapshot:
    """The state u (n_k, 3) at the end of a cycle, A, on its mesh; an equilibrium if `solved`."""

    problem: Problem
    mesh: Mesh
    u: Array
    solved: bool
