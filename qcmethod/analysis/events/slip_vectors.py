r"""Slip vectors: by what each atom has moved against the neighbours that it has slipped past.

    s_i = -(1/n_i) sum_j d_ij,     d_ij = (y_j - y_i) - (Y_j - Y_i),   over n_i neighbours

Y is an earlier state, or the reference crystal, j are nearest neighbours whose |d_ij| is no strain.
On the two sides of a slipped plane s is +b and -b, or what of it has slipped so far; everywhere
else it is 0 (Zimmerman et al. 2001, PRL 87, 165507). No plane is supposed; `slip_pieces` finds it.
Sites that are missing have no bonds: what closes a platelet is no slip.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from qcmethod.analysis.corrector import corrector_at
from qcmethod.analysis.events.bonds import Bonds
from qcmethod.analysis.events.slip import PLANES
from qcmethod.analysis.events.slip_pieces import Piece, pieces_of
from qcmethod.analysis.events.state import SLIPPED
from qcmethod.base.arguments import number
from qcmethod.base.door import door
from qcmethod.base.types import Array, Index
from qcmethod.errors import InputError
from qcmethod.lattice.sites import Sites
from qcmethod.solve.solution import Solution

if TYPE_CHECKING:
    from ase import Atoms


@dataclass(frozen=True, eq=False, repr=False)
class SlipVectors:
    """Slip vectors of the resolved atoms.

    Attributes
    ----------
    solution : the later state
    site : (m,) the resolved atoms among the listed sites
    vector : (m, 3) slip vectors, A; 0 where nothing has slipped
    count : (m,) neighbours that each has slipped past
    bonds, change : those between them, and by what they changed (n_b, 3), A
    threshold : of a change, A
    """

    solution: Solution
    site: Index
    vector: Array
    count: Index
    bonds: Bonds
    change: Array
    threshold: float

    def __len__(self) -> int:
        return int((self.count > 0).sum())

    def __repr__(self) -> str:
        return f"SlipVectors({len(self)} of {len(self.site)} atoms, {list(self.pieces)})"

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """What has slipped, the largest piece first."""
        on = np.linalg.norm(self.change, axis=1) > self.threshold
        return pieces_of(self.bonds, self.change, on, self.solution.system.problem.crystal.lattice)

    @door
    def to_atoms(self) -> Atoms:
        """`ase.Atoms` of the resolved atoms with the arrays `slip_vector` (m, 3), A, and
        `slipped_past` (m,)."""
        atoms = self.solution.to_atoms()
        atoms.set_array("slip_vector", self.vector)
        atoms.set_array("slipped_past", self.count)
        return atoms


@door
def slip_vectors(
    solution: Solution, since: Solution | None = None, *, threshold: float | None = None
) -> SlipVectors:
    """Slip vectors of the resolved atoms of a solution.

    Parameters
    ----------
    since : an earlier state of the same crystal, on any mesh (default: the reference crystal)
    threshold : change of a bond, A, that is no strain (default: 0.3 nearest-neighbour distances; a
        Shockley partial changes one by 0.58)

    Raises InputError: a structure without known slip planes, a solution without atoms, a state of
    another crystal.
    """
    system = solution.system
    lattice, weight = system.problem.crystal.lattice, system.weights.w_l
    if lattice.structure not in PLANES:
        raise InputError("solution", lattice.structure, "that of an fcc or bcc crystal")
    if not (weight > 0.0).any():
        raise InputError("solution", system.method.name, "a solution with resolved atoms")
    expected = "a length in A, None: 0.3 nearest-neighbour distances"
    least = SLIPPED * lattice.neighbour
    least = least if threshold is None else number("threshold", threshold, expected, above=0.0)
    bonds = Bonds.of(system)
    before = system.body.x_l if since is None else _positions(since, solution)
    d = bonds.change(before, system.body.positions(solution.u))
    on = np.linalg.norm(d, axis=1) > least
    total, count = np.zeros((len(weight), 3)), np.zeros(len(weight), dtype=np.int64)
    for end, sign in ((bonds.i[on], -1.0), (bonds.j[on], 1.0)):
        np.add.at(total, end, sign * d[on])
        np.add.at(count, end, 1)
    vector = total / np.maximum(count, 1)[:, None]
    site = np.flatnonzero(weight > 0.0)
    return SlipVectors(solution, site, vector[site], count[site], bonds, d, least)


def _positions(since: Solution, now: Solution) -> Array:
    """Where the sites (n_l, 3) of a later state were, A (InputError: other sites)."""
    old, new = since.system, now.system
    one, other = (s.problem.crystal.lattice.basis for s in (old, new))
    if one.shape != other.shape or not np.allclose(one, other):
        raise InputError("since", old.problem.name, "a state of the same crystal")
    if not np.allclose(old.problem.origin, new.problem.origin):
        raise InputError("since", old.problem.name, "a state of a crystal with the same origin")
    ij, y = new.body.ij_l, new.body.x_l.copy()
    at = Sites(old.body.ij_l).find(ij)
    listed = at >= 0
    y[listed] = old.body.positions(since.u)[at[listed]]
    away = ij[~listed]
    side = np.zeros(len(away), dtype=np.int8)
    y[~listed] += old.problem.predictor.displacement(y[~listed], side)
    y[~listed] += corrector_at(old, since.u, away, side < 0)
    return y
