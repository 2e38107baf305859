"""Sparse linear systems M x = b: what a solver is, and the parts of M that do not know each other.

A solver is a word for a way to factorise a symmetric, positive definite matrix that stands in a
good order already; the files of `base/solvers` register one each. Iterations are preconditioned by
it, so that six digits are enough. Components of displacement that no entry couples (in-plane and
anti-plane ones, where the plane is a mirror of the crystal) make separate systems, whose factors
hold no zeros for what they do not share.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from qcmethod.base.registry import Registry
from qcmethod.base.types import Array, Bools, Index
from qcmethod.errors import CouplingError

NOISE = 1e-12
"""Entries below this part of the largest are rounding: they couple nothing."""


class Linear(Protocol):
    """A linear system that can be solved for many right-hand sides."""

    def solve(self, b: Array) -> Array:
        """The solution (n,) of M x = b."""


@dataclass(frozen=True)
class Solver:
    """A way to solve with a symmetric, positive definite matrix, to six digits or more.

    Attributes
    ----------
    name : the word that asks for it
    factors : of a matrix with sorted indices, in an order that keeps its factors small
    package, how : what must be installed, by the name of its import, and how; "": nothing
    """

    name: str
    factors: Callable[[csr_array], Linear]
    package: str = ""
    how: str = ""

    @property
    def is_installed(self) -> bool:
        """Whether what it needs is there."""
        return not self.package or find_spec(self.package) is not None


USUAL = "superlu"
SOLVERS: Registry[Solver] = Registry("solver", "qcmethod.base.solvers", Solver, CouplingError)


def usable(name: object) -> str:
    """The word of a solver that is installed (CouplingError)."""
    solver = SOLVERS.find(name)
    if not solver.is_installed:
        there = sorted(other for other, known in SOLVERS.items() if known.is_installed)
        raise CouplingError("solver", name, f"one that is installed: {there}", solver.how)
    return solver.name


@dataclass(frozen=True, eq=False)
class Apart:
    """Systems that do not know each other: the unknowns (n_i,) of each, and how it is solved."""

    parts: Sequence[tuple[Index, Linear]]

    def solve(self, b: Array) -> Array:
        """The solution (n,) of M x = b."""
        x = np.empty_like(b)
        for rows, part in self.parts:
            x[rows] = part.solve(b[rows])
        return x


def apart(coupled: Bools) -> list[Index]:
    """Groups of the components (c,) that are `coupled` (c, c), directly or through others."""
    from scipy.sparse.csgraph import connected_components

    count, group = connected_components(coupled, directed=False)
    return [np.flatnonzero(group == i) for i in range(count)]


def without_noise(values: Array) -> Array:
    """Values with zeros where they are rounding of the largest."""
    size = np.abs(values)
    return np.where(size > NOISE * size.max(initial=0.0), values, 0.0)


def coupled_components(M: csr_array, component: NDArray[np.int64]) -> Bools:
    """(3, 3) which components of displacement the entries of M couple; component (n,) of a row."""
    row = np.repeat(component, np.diff(M.indptr))
    pair = 3 * row + component[M.indices]
    size = np.zeros(9)
    np.maximum.at(size, pair, np.abs(M.data))
    found: Bools = size.reshape(3, 3) > NOISE * size.max()
    return found
