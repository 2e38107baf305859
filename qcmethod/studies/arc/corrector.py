"""Newton's method with an arclength constraint: from a prediction back to the branch.

    f(u, K) = 0,     t . (u - u0, K - K0) = ds              (Keller 1977)

The bordered matrix is regular at folds, where H = -df/du is not. The factors of H are kept from
one iteration to the next, and from the last point of the branch to this one, as long as the
residual falls tenfold each time (a chord method); else they are made anew.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qcmethod.base.types import Array
from qcmethod.coupling.energy import State
from qcmethod.errors import InvertedCellError, OffTableError
from qcmethod.studies.arc.branch import Branch, Linearised, Tangent

ITERATIONS = 8
FALLS = 0.1
"""The residual falls by this factor in an iteration, or the factors are made anew."""
REVERSED = -0.9
"""A tangent that makes this cosine with the last one is the same line, followed backwards."""
GROWS = 1e3
"""A residual that has grown by this factor is given up."""


@dataclass(frozen=True)
class Point:
    """An equilibrium on the branch with its tangent and the linearisation there."""

    state: State
    K: float
    tangent: Tangent
    linear: Linearised
    sense: float
    iterations: int

    @property
    def unstable(self) -> int:
        """Negative eigenvalues of H; for a force field 0 or 1, from the sign of det H."""
        n = self.linear.factors.negative
        return n if self.state.energy is not None else n % 2

    @property
    def u(self) -> Array:
        """Corrector (n_k, 3), A."""
        return self.state.u


def first_point(branch: Branch, u: Array, K: float, fmax: float, rising: bool) -> Point | None:
    """The equilibrium at a fixed load next to the corrector u (n_k, 3); None if there is none."""
    state, iteration = branch.state(u, K), 0
    while state is not None and branch.largest(state) > fmax:
        if iteration == ITERATIONS:
            return None
        step = branch.linearised(state.u, K).factors.solve(branch.force(state))
        state, iteration = branch.state(branch.moved(state.u, step), K), iteration + 1
    if state is None:
        return None
    linear = branch.linearised(state.u, K)
    sense = (1.0 if rising else -1.0) * (-1.0) ** linear.factors.negative
    return Point(state, K, linear.tangent(sense), linear, sense, iteration)


def point_again(branch: Branch, u: Array, K: float, sense: float) -> Point:
    """A point of the branch that was found before, from its corrector u (n_k, 3) and its load.

    Raises OffTableError, InvertedCellError for what is none.
    """
    linear = branch.linearised(u, K)
    return Point(branch.loads.model(K).at(u), K, linear.tangent(sense), linear, sense, 0)


def next_point(
    branch: Branch, start: Point, along: Tangent, ds: float, fmax: float
) -> Point | None:
    """The equilibrium at the length ds, A, along a direction from a point; None if not found."""
    linear = start.linear
    u, K = branch.moved(start.u, ds * along.u), start.K + ds * along.K
    before = smallest = np.inf
    for iteration in range(ITERATIONS + 1):
        state = branch.state(u, K)
        if state is None:
            return None
        largest = branch.largest(state)
        if largest <= fmax:
            return _arrived(branch, start, state, K, iteration, along is start.tangent)
        if largest > GROWS * smallest or iteration == ITERATIONS:
            return None
        smallest = min(smallest, largest)
        if largest > FALLS * before:
            try:
                linear = branch.linearised(u, K)
            except (OffTableError, InvertedCellError):
                return None
        gone = along.dot((u - start.u).ravel()[branch.index], K - start.K, branch.scale)
        step, dK = linear.bordered(branch.force(state), ds - gone, along)
        u, K, before = branch.moved(u, step), K + dK, largest
    return None


def around_corner(branch: Branch, start: Point, ahead: float) -> Tangent | None:
    """The tangent of the piece that begins a length `ahead`, A, in front of a point.

    Where a bond reaches the cut-off of a potential whose second derivative jumps there, so does H,
    and the branch has a corner.
    """
    t = start.tangent
    try:
        there = branch.linearised(branch.moved(start.u, ahead * t.u), start.K + ahead * t.K)
    except (OffTableError, InvertedCellError):
        return None
    return there.tangent(start.sense)


def _arrived(
    branch: Branch, start: Point, state: State, K: float, iteration: int, ahead: bool
) -> Point | None:
    """The point at an equilibrium, `ahead` of the start along its tangent or around a corner."""
    try:
        linear = branch.linearised(state.u, K)
    except (OffTableError, InvertedCellError):
        return None
    tangent, sense = linear.tangent(start.sense), start.sense
    if ahead and tangent.cosine(start.tangent, branch.scale) < REVERSED:
        # the same line: an eigenvalue has passed zero at no fold, where a symmetry breaks
        sense = -sense
        tangent = linear.tangent(sense)
    return Point(state, K, tangent, linear, sense, iteration)
