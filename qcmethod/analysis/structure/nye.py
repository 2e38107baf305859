"""The Nye tensor of a solution: where Burgers vector is, and of which kind.

    b_k = integral of alpha_zk dA  =  - closed integral of G_mk dy_m          (FS/RH, line along +z)

alpha_zx and alpha_zy are edge, alpha_zz is screw. See `correspondence` for how it is found from the
positions of the atoms alone: no cut, no memory of which atom was whose neighbour. Burgers vectors
are those of circuits (`circuits`): the sum of alpha over the atoms of a compact core is not b.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qcmethod.analysis.structure.circuits import closure, triangles
from qcmethod.analysis.structure.correspondence import correspondence
from qcmethod.analysis.structure.correspondence import nye as nye_of
from qcmethod.analysis.structure.resolved import (
    Zone,
    between_shells,
    both,
    require_columns,
    resolved,
)
from qcmethod.analysis.structure.surroundings import surroundings
from qcmethod.base.arguments import number
from qcmethod.base.door import door
from qcmethod.base.result import Drawn, pictures
from qcmethod.base.types import Array
from qcmethod.errors import InputError
from qcmethod.lattice.plane import in_plane
from qcmethod.solve.solution import Solution

if TYPE_CHECKING:
    from ase import Atoms
    from matplotlib.axes import Axes

ANGLES = {"fcc": 16.8, "bcc": 27.0}
"""Largest angle of a pair, degrees: half of what parts two lattice vectors (bcc), or a lattice
vector and a neighbour across a fault (fcc). With the 27 degrees of Hartley and Mishin a partial
shows where four fifths of its slip are done."""
GAP = 2.0
"""Triangles with an edge longer than this many nearest-neighbour distances span a gap."""
LEAST = 0.05
"""Nearest-neighbour distances of Burgers vector below which there is none to look for."""


@dataclass(frozen=True, eq=False, repr=False)
class NyeTensor(Drawn):
    """Nye tensor of the resolved atoms.

    Attributes
    ----------
    zone : the atoms: `.x`, `.y` (m, 3) reference positions and positions, A
    alpha : (m, 3, 3), 1/A: line direction j, Burgers vector k
    G : (m, 3, 3) lattice correspondence: P = Q G
    known : (m,) whether the neighbours determine alpha; it is 0 where they do not
    """

    zone: Zone
    alpha: Array
    G: Array
    known: NDArray[np.bool_]

    @cached_property
    def circuits(self) -> tuple[Array, Array]:
        """Centres (t, 2) of the triangles between columns, Burgers vectors (t, 3) in them, A.

        Raises InputError in space, where nothing is the same all along a line.
        """
        require_columns(self.zone)
        y = in_plane(self.zone.y)
        corner = triangles(y, GAP * self.zone.lattice.neighbour)
        return y[corner].mean(axis=1), closure(y, self.G, corner)

    @door
    def burgers(self, radius: float | None = None) -> Array:
        """Burgers vector (3,), A, within a radius of the origin, A (default: of all triangles).

        Raises InputError (radius).
        """
        centre, b = self.circuits
        if radius is None:
            return b.sum(axis=0)
        within = number("radius", radius, "a positive radius in A", above=0.0)
        return b[np.linalg.norm(centre, axis=1) <= within].sum(axis=0)

    @door
    def position(self, fraction: float) -> float:
        """x, A, on whose left this fraction of the Burgers vector lies.

        At 1/4 and 3/4 the middles of two partials, as in `Disregistry.crossings`. Raises InputError
        (fraction; the circuits hold less than a twentieth of the shortest lattice vector).
        """
        expected = "a number between 0 and 1"
        part = number("fraction", fraction, expected, "0.25", above=0.0, below=1.0)
        centre, b = self.circuits
        order, total = np.argsort(centre[:, 0], kind="stable"), b.sum(axis=0)
        if np.linalg.norm(total) < LEAST * self.zone.lattice.neighbour:
            name = self.zone.solution.system.problem.name
            raise InputError("solution", name, "circuits that hold a Burgers vector")
        x = np.append(centre[order[0], 0], centre[order, 0])
        share = np.append(0.0, np.cumsum(b[order] @ total) / (total @ total))
        share[-1] = 1.0  # but for rounding
        k = int(np.argmax(share >= part))
        return float(
            x[k - 1] + (x[k] - x[k - 1]) * (part - share[k - 1]) / (share[k] - share[k - 1])
        )

    @door
    def component(self, name: str) -> Array:
        """A component (m,), 1/A: "zx" is alpha_zx (InputError)."""
        if not (isinstance(name, str) and len(name) == 2 and set(name) <= set("xyz")):
            raise InputError("component", name, "two of x, y, z", "'zx'")
        j, k = ("xyz".index(c) for c in name)
        return self.alpha[:, j, k]

    @door
    def to_atoms(self) -> Atoms:
        """`ase.Atoms` of the resolved atoms with the array `nye` (m, 9), 1/A: xx xy ... zz."""
        return self.zone.atoms(nye=self.alpha.reshape(-1, 9))

    @door
    def plot(
        self,
        path: str | Path | None = None,
        component: str = "zx",
        width: float | None = None,
        dpi: int = 200,
        *,
        ax: Axes | None = None,
    ) -> Any:
        """Draw a component on the atoms; arguments and errors as of `CommonNeighbours.plot`."""
        return super().plot(path, component, width, ax=ax, dpi=dpi)

    @door
    def draw(self, axis: Axes, component: str = "zx", width: float | None = None) -> None:
        """The same into a Matplotlib axis."""
        pictures().fill(self, axis, component, width)

    def __repr__(self) -> str:
        problem = self.zone.solution.system.problem
        if problem.jumps or self.zone.lattice.dim == 3:  # no circuit closes across it, or is one
            return f"NyeTensor({len(self.zone)} atoms)"
        b = ", ".join(f"{value:.4f}" for value in self.burgers())
        return f"NyeTensor({len(self.zone)} atoms, Burgers vector [{b}] A)"


@door
def nye_tensor(solution: Solution, angle: float | None = None) -> NyeTensor:
    """Nye tensor at every resolved atom of a solution.

    Parameters
    ----------
    solution : of any problem in an fcc or bcc crystal
    angle : largest angle between a neighbour and its lattice vector, degrees (default: bcc 27, fcc
        16.8; see `ANGLES`)

    Raises InputError for another crystal, a solution without atoms, an angle outside (0, 45).
    """
    zone = resolved(solution)
    lattice = zone.lattice
    default = ANGLES[lattice.structure]
    expected, given = "degrees between 0 and 45", default if angle is None else angle
    widest = number("angle", given, expected, str(default), above=0.0, below=45.0)
    reach = between_shells(lattice)
    near = surroundings(zone.y_l, zone.period, reach)
    G, known = correspondence(near, both(lattice.shell(reach)), widest)
    alpha, found = nye_of(near, G, known)
    return NyeTensor(zone, alpha[zone.site], G[zone.site], found[zone.site])
