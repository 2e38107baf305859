"""Disregistry: how far the crystal has slipped across a glide plane, along that plane.

    delta(x) = u(x, row above) - u(x, row below),      s = delta . b/|b|

between the lattice rows next to y = 0 on its two sides (Peierls 1940; Vitek 1968). A perfect
dislocation takes s from b to 0 across its core; the partials of an fcc dislocation sit where s
passes 3b/4 and b/4, and the fault between them has s = b/2. An applied shear is left in: it adds
its strain times the distance of the two rows to s, everywhere.

A separation holds to READ: it is read between columns, and a wide core in a soft valley changes its
width by some hundredths of an A with the place where it is held. A reversed line is another place:
midway between two columns and two rows is no centre of inversion of a sheared lattice.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qcmethod.base.arguments import number
from qcmethod.base.door import door
from qcmethod.base.result import Drawn
from qcmethod.base.types import Array
from qcmethod.coupling.system import System
from qcmethod.errors import InputError
from qcmethod.lattice.plane import radius
from qcmethod.problems.line import along, passed, slip_between_rows
from qcmethod.problems.shear import burgers_vector
from qcmethod.solve.solution import Solution

if TYPE_CHECKING:
    from matplotlib.axes import Axes

READ = 0.1
"""Digits of a separation that hold, A: measured with reversed lines, other cores and methods, and
cubic instead of linear reading."""


@dataclass(frozen=True, eq=False, repr=False)
class Disregistry(Drawn):
    """Slip along a glide plane.

    Attributes
    ----------
    x : (n,) reference positions along the plane, A, increasing
    delta : (n, 3) displacement of the row above against the row below, A
    b : (3,) Burgers vector, A
    core : (n,) whether a column interacts with atoms of the core (of all free atoms) only
    """

    x: Array
    delta: Array
    b: Array
    core: NDArray[np.bool_]

    @property
    def along(self) -> Array:
        """s (n,): component of the slip along the Burgers vector, A."""
        return self.delta @ self.b / float(np.linalg.norm(self.b))

    @door
    def crossings(self, fraction: float) -> Array:
        """x (n,) at which s passes a fraction of |b|, linear between the columns, A, increasing.

        Raises InputError (fraction).
        """
        part = number("fraction", fraction, "a fraction of b", "0.25")
        return passed(self.x, along(self.delta, self.b), part)

    @property
    def position(self) -> float:
        """Middle of the core, between s = b/4 and s = 3b/4, A (of a dipole: the right one)."""
        return 0.5 * (self._last(0.25) + self._last(0.75))

    @property
    def separation(self) -> float:
        """Distance between s = 3b/4 and s = b/4: that of the partials, or a width, A, to READ."""
        return abs(self._last(0.25) - self._last(0.75))

    @property
    def in_core(self) -> bool:
        """Whether every place where s is b/4 or 3b/4 lies in the core, a cut-off from its end.

        Where it is False, the blending zone or the rim holds the line. Raises InputError (the slip
        does not pass b/4 and 3b/4).
        """
        at = np.concatenate([self._passed(0.25), self._passed(0.75)])
        return bool((np.interp(at, self.x, self.core) == 1.0).all())  # columns on both sides

    def __repr__(self) -> str:
        b, s = float(np.linalg.norm(self.b)), self.along
        try:
            place = f"position {self.position:.3f} A, separation {self.separation:.1f} +- {READ} A"
            place += "" if self.in_core else ", not in the core"
        except InputError:
            place = f"s from {s.min():.3f} to {s.max():.3f} A, no line"
        return f"Disregistry({place}, b = {b:.4f} A, {len(self.x)} columns)"

    @door
    def plot(
        self,
        path: str | Path | None = None,
        width: float | None = None,
        dpi: int = 200,
        *,
        ax: Axes | None = None,
    ) -> Any:
        """Draw slip and Burgers vector density over x: a file, an axis or a figure (`Drawn`).

        width : half-width of the picture, A (default: four separations about the core; InputError)
        """
        return super().plot(path, width, ax=ax, dpi=dpi)

    def _last(self, fraction: float) -> float:
        return float(self._passed(fraction)[-1])

    def _passed(self, fraction: float) -> Array:
        at = self.crossings(fraction)
        if not len(at):
            given = f"s/b from {self.along.min():.3g} to {self.along.max():.3g} A"
            raise InputError("solution", given, f"a slip that passes {fraction} b in the core")
        return at


@door
def disregistry(solution: Solution) -> Disregistry:
    """Slip across the glide plane of a relaxed dislocation, on the listed sites.

    Raises InputError when it is not the solution of a dislocation.
    """
    return slip_across(require_solution(solution).system, solution.u)


def slip_across(system: System, corrector: Array) -> Disregistry:
    """Slip across the glide plane at any corrector (n_k, 3), A; InputError: no dislocation."""
    b = burgers_vector(system.problem, "solution")
    x, delta, above = slip_between_rows(system, corrector)
    return Disregistry(x, delta, b, _in_core(system, system.body.x_l[above]))


def require_solution(solution: Solution) -> Solution:
    """Raise InputError unless the argument `solution` is a Solution."""
    if not isinstance(solution, Solution):
        raise InputError("solution", solution, "a Solution", "qcmethod.relax(system)")
    return solution


def _in_core(system: System, x: Array) -> NDArray[np.bool_]:
    """Whether points (n, 3) are at least a cut-off inside the core and the free crystal."""
    problem, cutoff = system.problem, system.problem.crystal.potential.cutoff
    free = radius(x) <= problem.free.radius - cutoff
    if system.method.all_atoms:
        return free
    return free & (problem.distance(x) <= system.core - cutoff)
