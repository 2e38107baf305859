"""The way of one trial, and what the trials of a run share.

    relax from the state at the last load,  until  max_b |d_b| > threshold

A trial that will be cut ends at its first jumped bond: where it would have led is nobody's
question. One that does not converge ends where it was given up.
"""

from __future__ import annotations

from collections.abc import Callable

from qcmethod.analysis.events.bonds import Bonds
from qcmethod.base.log import told_to
from qcmethod.base.types import Array, Facts
from qcmethod.coupling.system import System
from qcmethod.errors import ConvergenceError, InvertedCellError, OffTableError
from qcmethod.solve.preconditioner import Preconditioner
from qcmethod.solve.relax import watched
from qcmethod.solve.solution import Solution
from qcmethod.solve.until import EnoughError, Until

JUMPED = "a bond has jumped: the trial ended there"


class Kept:
    """What belongs to the mesh or to the last start, so that no trial makes it anew; the numbers of
    a trial do not depend on it."""

    def __init__(self, system: System) -> None:
        self.lu = Preconditioner(system)
        self._number = -1
        self._positions: Array | None = None

    def positions(self, number: int, made: Callable[[], Array]) -> Array:
        """Positions (n_l, 3) of the sites, A, in the state of a trial from which others start."""
        if number != self._number or self._positions is None:
            self._number, self._positions = number, made()
        return self._positions


def jumped(bonds: Bonds, before: Array, system: System, threshold: float) -> Until:
    """Whether, at a corrector, a bond has changed by more than the threshold, A, since the
    positions `before` (n_l, 3)."""

    def beyond(u: Array) -> bool:
        return bonds.largest(before, system.body.positions(u)) > threshold

    return beyond


def followed(
    system: System,
    u: Array | None,
    fmax: float,
    max_iterations: int,
    lu: Preconditioner,
    until: Until | None,
) -> tuple[Solution | None, Array | None, Facts]:
    """The equilibrium that a trial finds, the corrector (n_k, 3) that it ends at, and what is
    recorded of a way without an equilibrium."""
    try:
        with told_to(None):
            found = watched(system, fmax, u, max_iterations, lu=lu.serving(system), until=until)
        return found, found.u, {}
    except EnoughError as seen:
        work = {name: getattr(seen, name) for name in ("iterations", "evaluations", "inner")}
        return None, seen.u, {"converged": False, "message": JUMPED, **work}
    except (ConvergenceError, OffTableError, InvertedCellError) as error:
        facts: Facts = {"converged": False, "iterations": getattr(error, "iterations", 0)}
        facts |= {"message": str(error), "left": getattr(error, "softest", None)}
        return None, getattr(getattr(error, "best", None), "u", None), facts
