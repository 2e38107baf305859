"""Differential displacement map: how far neighbouring columns have moved past each other.

    Delta_ij = u_j - u_i - n b,     n = round((u_j - u_i) . b/|b|^2)     (Vitek, Perrin, Bowen 1970)

u is the displacement from the perfect crystal, without regard to the cut of the predictor: on it
u jumps by b, and n takes that away. Around any closed chain of columns the u cancel, so the
Delta add up to the Burgers vector inside, exactly. Phil. Mag. 21, 1049.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from qcmethod.analysis.structure.columns import along, folded, neighbouring_columns
from qcmethod.analysis.structure.resolved import Zone, require_columns, resolved
from qcmethod.base.arguments import as_numbers, word
from qcmethod.base.door import door
from qcmethod.base.result import Drawn, pictures
from qcmethod.base.types import Array, Index
from qcmethod.errors import InputError
from qcmethod.problems.shear import burgers_vector
from qcmethod.solve.solution import Solution

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PARTS = ("screw", "edge")


@dataclass(frozen=True, eq=False, repr=False)
class DifferentialDisplacement(Drawn):
    """Differential displacements of neighbouring columns.

    Attributes
    ----------
    zone : the atoms: `.x` (m, 3) reference positions, A
    i, j : (p,) the two columns of each pair, among the atoms of the zone
    delta : (p, 3) Delta, A
    b : (3,) Burgers vector, A
    component : "screw" (along the line z) or "edge" (along b in the plane of the picture)
    """

    zone: Zone
    i: Index
    j: Index
    delta: Array
    b: Array
    component: str

    @property
    def direction(self) -> Array:
        """Unit vector (3,) of the component."""
        return along(self.component, self.b)

    @property
    def value(self) -> Array:
        """The component (p,), A: positive where j has moved further along `direction` than i."""
        return self.delta @ self.direction

    @property
    def full(self) -> float:
        """Displacement whose arrow reaches from column to column, A: |b|/3 in bcc, |b|/2 in fcc."""
        return float(np.linalg.norm(self.b)) / (
            3.0 if self.zone.lattice.structure == "bcc" else 2.0
        )

    @door
    def around(self, chain: ArrayLike) -> Array:
        """Sum of Delta (3,), A, along a chain of columns (n,), each a neighbour of the next.

        chain : their numbers among the atoms of the zone; the first one again at the end closes it

        Raises InputError for other than whole numbers, or where two of them are no pair.
        """
        expected = "numbers of columns of the zone (n,), two or more"
        column = as_numbers("chain", chain, expected)
        if column.ndim != 1 or len(column) < 2 or not (column == np.round(column)).all():
            raise InputError("chain", chain, expected)
        pairs = zip(self.i.tolist(), self.j.tolist(), strict=True)
        forward = {pair: k for k, pair in enumerate(pairs)}
        total = np.zeros(3)
        for a, c in pairwise(column.astype(np.int64).tolist()):
            if (a, c) not in forward and (c, a) not in forward:
                raise InputError("chain", (a, c), "neighbouring columns of the zone")
            known = (a, c) in forward
            total += self.delta[forward[a, c]] if known else -self.delta[forward[c, a]]
        return total

    @door
    def plot(
        self,
        path: str | Path | None = None,
        width: float | None = None,
        dpi: int = 200,
        scale: float = 1.0,
        *,
        ax: Axes | None = None,
    ) -> Any:
        """Draw arrows between the columns of the perfect crystal, `scale` times as long.

        Other arguments and errors as of `CommonNeighbours.plot`.
        """
        return super().plot(path, width, scale, ax=ax, dpi=dpi)

    @door
    def draw(self, axis: Axes, width: float | None = None, scale: float = 1.0) -> None:
        """The same into a Matplotlib axis."""
        pictures().fill(self, axis, width, scale)

    def __repr__(self) -> str:
        largest = float(np.abs(self.value).max(initial=0.0))
        found = f"{self.component}, {len(self.i)} pairs, up to {largest:.3f} A"
        return f"DifferentialDisplacement({found})"


@door
def differential_displacement(
    solution: Solution, component: str = "screw"
) -> DifferentialDisplacement:
    """Differential displacements between the resolved columns of a dislocation's solution.

    component : "screw": along z, or "edge": along b in the plane of the picture (x where b has
        no such part)

    Raises InputError for a component of another name, a solution of another problem (there is no b
    to count in), another crystal, or a solution without atoms.
    """
    word("component", component, PARTS)
    zone = resolved(solution)
    require_columns(zone)
    system = solution.system
    b = burgers_vector(system.problem, "solution")
    i, j = neighbouring_columns(system.body.ij_l[zone.site], zone.lattice)
    u = zone.y - zone.x
    return DifferentialDisplacement(zone, i, j, folded(u[j] - u[i], b), b, component)
