"""The atoms that are looked at: resolved sites with all of their neighbours listed.

Sites of weight zero, beyond the blending zone, only stand around them. A site whose reference
neighbourhood leaves the list (at the end of a fully atomistic domain) is not looked at; a site at a
free surface, a crack flank or a vacancy is, for nothing of what surrounds it is unknown.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qcmethod.analysis.dislocation.disregistry import require_solution
from qcmethod.base.types import Array, Index
from qcmethod.coupling.system import System
from qcmethod.errors import InputError
from qcmethod.lattice.bricked import in_period
from qcmethod.lattice.lattice import Lattice
from qcmethod.lattice.sites import Sites
from qcmethod.problems.problem import Problem
from qcmethod.solve.solution import Solution

if TYPE_CHECKING:
    from ase import Atoms


@dataclass(frozen=True, eq=False, repr=False)
class Zone:
    """Atoms of a solution, one for each column and period, in space one for each site.

    Attributes
    ----------
    solution : whose atoms
    site : (m,) those looked at, among the listed sites
    y_l : (n_l, 3) positions of all listed sites, A
    period : repeat along z, A
    """

    solution: Solution
    site: Index
    y_l: Array
    period: float

    def __len__(self) -> int:
        return len(self.site)

    @property
    def x(self) -> Array:
        """Reference positions (m, 3), A."""
        return self.solution.system.body.x_l[self.site]

    @property
    def y(self) -> Array:
        """Positions (m, 3), A."""
        return self.y_l[self.site]

    @property
    def lattice(self) -> Lattice:
        """The reference lattice."""
        return self.solution.system.problem.crystal.lattice

    def atoms(self, **arrays: NDArray[Any]) -> Atoms:
        """The atoms as `ase.Atoms` (`Solution.to_atoms`), with further arrays (m, ...)."""
        resolved = np.flatnonzero(self.solution.system.weights.w_l > 0.0)
        atoms = self.solution.to_atoms()[np.searchsorted(resolved, self.site)]
        for name, values in arrays.items():
            atoms.set_array(name, values)
        return atoms


def resolved(solution: Solution) -> Zone:
    """The atoms of a solution. Raises InputError where there are none, or no fcc or bcc crystal."""
    system = require_solution(solution).system
    lattice, site = system.problem.crystal.lattice, resolved_sites(system)
    return Zone(solution, site, system.body.positions(solution.u), lattice.period)


def resolved_sites(system: System) -> Index:
    """Resolved sites (m,) of a system with all of their neighbours listed (InputError)."""
    lattice, body = system.problem.crystal.lattice, system.body
    if lattice.structure not in ("fcc", "bcc"):
        raise InputError("solution", lattice.structure, "that of an fcc or bcc crystal")
    weighted = system.weights.w_l > 0.0
    if not weighted.any():
        hint = "a method with an atomistic core, e.g. 'bgfc'"
        raise InputError("solution", system.method.name, "a solution with resolved atoms", hint)
    # a neighbourhood may slip by a lattice step and must still be listed
    reach = between_shells(lattice) + lattice.neighbour
    site = np.flatnonzero(weighted & surrounded(system.problem, body.ij_l, reach))
    if not len(site):
        given = f"{int(weighted.sum())} atoms, none with all of its neighbours"
        raise InputError("solution", given, "a resolved zone wider than two neighbours", "core=")
    return site


def require_columns(zone: Zone) -> None:
    """Raise InputError for atoms in space: they make no columns."""
    if zone.lattice.dim == 3:
        hint = "Crystal.fcc(..., dimensions=2), or common_neighbours(solution)"
        raise InputError("solution", "atoms in space", "columns of atoms along z", hint)


def surrounded(problem: Problem, ij: Index, reach: float) -> NDArray[np.bool_]:
    """Sites (n,) of ij (n, dim) with every lattice point within reach, A, listed or removed.

    Above a free surface there is nothing to list.
    """
    known = ij if problem.removed is None else np.concatenate([ij, problem.removed])
    sites, whole, lattice = Sites(known), np.ones(len(ij), dtype=bool), problem.crystal.lattice
    for d in lattice.steps(reach):
        at = in_period(ij + d, lattice)
        whole &= (sites.find(at) >= 0) | problem.is_void(at)
    return whole


def between_shells(lattice: Lattice) -> float:
    """Halfway behind the 12 (fcc: first) or 14 (bcc: first and second) neighbours, A."""
    first, behind = shells(lattice)
    return 0.5 * (first + behind)


def shells(lattice: Lattice) -> tuple[float, float]:
    """Distances of the last of the 12 or 14 neighbours and of the next shell, A."""
    a = lattice.constant
    return (math.sqrt(0.5) * a, a) if lattice.structure == "fcc" else (a, math.sqrt(2.0) * a)


def both(half: Array) -> Array:
    """R and -R (2 m, 3) of half a shell (m, 3)."""
    return np.concatenate([half, -half])
