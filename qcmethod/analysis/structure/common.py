"""Common-neighbour analysis: which atoms are fcc, hcp, bcc or icosahedral, and which are none.

In an fcc crystal the stacking fault between two partials is two planes of hcp atoms, and a core
shows as atoms of no structure. See `cna_kernel` for the definition and its references.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qcmethod.analysis.structure.cna_kernel import label
from qcmethod.analysis.structure.resolved import Zone, between_shells, resolved, shells
from qcmethod.analysis.structure.surroundings import surroundings
from qcmethod.base.arguments import number, word
from qcmethod.base.door import door
from qcmethod.base.result import Drawn, pictures
from qcmethod.base.types import Array, Index
from qcmethod.lattice.lattice import Lattice
from qcmethod.solve.solution import Solution

if TYPE_CHECKING:
    from ase import Atoms
    from matplotlib.axes import Axes

KINDS = ("other", "fcc", "hcp", "bcc", "icosahedral")
"""Names of the labels 0 to 4; the numbers are those of OVITO's "Structure Type"."""
REACH = 1.7
"""Nearest-neighbour distances within which the 12 or 14 nearest of an atom are looked for."""


@dataclass(frozen=True, eq=False, repr=False)
class CommonNeighbours(Drawn):
    """Labels of the resolved atoms.

    Attributes
    ----------
    zone : the atoms: `.x`, `.y` (m, 3) reference positions and positions, A
    label : (m,) int8, the index into `KINDS`
    cutoff : A, None where each atom has its own
    """

    zone: Zone
    label: NDArray[np.int8]
    cutoff: float | None

    @property
    def counts(self) -> dict[str, int]:
        """Number of atoms of each kind: one for each column and period, in space all of them."""
        return dict(zip(KINDS, np.bincount(self.label, minlength=5).tolist(), strict=True))

    @cached_property
    def coordination(self) -> Index:
        """Neighbours (m,) of each atom: 12 in fcc, 14 in bcc; 11 or 13 next to a vacancy."""
        return coordination(self.zone.y_l, self.zone.site, self.zone.lattice)

    @door
    def of(self, kind: str) -> NDArray[np.bool_]:
        """Which atoms (m,) are of a kind (InputError: no such kind)."""
        mask: NDArray[np.bool_] = self.label == KINDS.index(word("kind", kind, KINDS))
        return mask

    @door
    def to_atoms(self) -> Atoms:
        """`ase.Atoms` of the resolved atoms with the arrays `structure` and `coordination` (m,)."""
        return self.zone.atoms(structure=self.label, coordination=self.coordination)

    @door
    def plot(
        self,
        path: str | Path | None = None,
        width: float | None = None,
        dpi: int = 200,
        *,
        ax: Axes | None = None,
    ) -> Any:
        """Draw the atoms, coloured by kind: a file, an axis or a Matplotlib figure (`Drawn`).

        width : half-width of the picture, A (default: all atoms, at most 25 A)

        Raises InputError (suffix, folder, width, dpi) before anything is written.
        """
        return super().plot(path, width, ax=ax, dpi=dpi)

    @door
    def draw(self, axis: Axes, width: float | None = None) -> None:
        """The same into a Matplotlib axis."""
        pictures().fill(self, axis, width)

    def __repr__(self) -> str:
        found = ", ".join(f"{n} {kind}" for kind, n in self.counts.items() if n)
        return f"CommonNeighbours({found})"


def classify(y: Array, period: float, reach: float, cutoff: float | None = None) -> Array:
    """Labels (n,) of atoms at y (n, 3), A, periodic along z.

    reach : how far the 12 or 14 nearest neighbours are looked for where `cutoff` is None, A
    cutoff : one for all atoms, A; None: each atom's own
    """
    near = surroundings(y, period, reach if cutoff is None else cutoff)
    kind: Array = label(near.start, near.d, cutoff or 0.0)
    return kind


@door
def common_neighbours(solution: Solution, cutoff: float | None = None) -> CommonNeighbours:
    """Structure of every resolved atom of a solution.

    Parameters
    ----------
    solution : of any problem in an fcc or bcc crystal: a dislocation, a crack, a step of a ramp
    cutoff : None: each atom's own (adaptive). Or one for all, A, between the neighbours that the
        analysis needs (fcc: 12, bcc: 14) and the next

    Raises InputError for another crystal, a solution without atoms, a cut-off out of that range.
    """
    zone = resolved(solution)
    fixed = None if cutoff is None else _between(cutoff, zone.lattice)
    return CommonNeighbours(zone, kinds(zone.y_l, zone.site, zone.lattice, fixed), fixed)


def kinds(y: Array, site: Index, lattice: Lattice, cutoff: float | None = None) -> NDArray[np.int8]:
    """Labels (m,) of some atoms, site (m,), of those at y (n, 3), A."""
    active = np.zeros(len(y), dtype=bool)
    active[site] = True
    reach = REACH * lattice.neighbour if cutoff is None else cutoff
    near = surroundings(y, lattice.period, reach, active)
    found: NDArray[np.int8] = label(near.start, near.d, cutoff or 0.0)[site]
    return found


def coordination(y: Array, site: Index, lattice: Lattice) -> Index:
    """Number (m,) of neighbours of some atoms, site (m,), of those at y (n, 3), A: 12 in fcc, 14 in
    bcc, where one more or less is not there."""
    active = np.zeros(len(y), dtype=bool)
    active[site] = True
    near = surroundings(y, lattice.period, between_shells(lattice), active)
    return np.diff(near.start)[site]


def _between(cutoff: float, lattice: Lattice) -> float:
    first, behind = shells(lattice)
    expected = f"a cut-off between the shells at {first:.4f} and {behind:.4f} A, or None"
    hint = f"{between_shells(lattice):.4f}"
    return number("cutoff", cutoff, expected, hint, above=first, below=behind)
