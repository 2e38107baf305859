"""A small problem of each kind, for the checks that each goes through (`testing.check_problem`).

    @example("crack")
    def _small() -> Problem: ...

in the file of a problem: it enters the matrix of all problems, methods and elements by itself.
"""

from __future__ import annotations

from collections.abc import Callable

from qcmethod.base.registry import Registry
from qcmethod.crystal.crystal import Crystal
from qcmethod.lattice.oriented import Triplet
from qcmethod.potentials.library import load_potential
from qcmethod.problems.problem import Problem

Make = Callable[[], Problem]
EXAMPLES: Registry[Make] = Registry("example", "qcmethod.problems")
"""Functions that make a small problem each, by name."""
CUTOFFS = 9.0
"""Their radius, in cut-offs."""
IN_SPACE = 7.5
"""The same in space."""
SHEARED = ((1.004, 0.006), (-0.003, 1.008))
"""A gradient without symmetry, for problems that have no load of their own."""
CUBE = ((1, 0, 0), (0, 1, 0), (0, 0, 1))


def example(name: str) -> Callable[[Make], Make]:
    """Register a function that makes a small problem."""
    return EXAMPLES.under(name)


def metal(axes: tuple[Triplet, Triplet, Triplet] = CUBE) -> tuple[Crystal, float]:
    """A crystal of short range with three displacement components, and an extent, A."""
    potential = load_potential("W-Ackland-1987")
    return Crystal.bcc(potential, *axes), CUTOFFS * potential.cutoff


def space(axes: tuple[Triplet, Triplet, Triplet] = CUBE) -> tuple[Crystal, float]:
    """A crystal in space, of short range, and an extent, A: some thousand atoms."""
    potential = load_potential("W-Ackland-1987")
    return Crystal.bcc(potential, *axes, dimensions=3), IN_SPACE * potential.cutoff


def plane() -> tuple[Crystal, float]:
    """A plane crystal, and an extent, A."""
    potential = load_potential("toy2d-c10")
    return Crystal.hex2d(potential), CUTOFFS * potential.cutoff
