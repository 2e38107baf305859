"""The identity of a problem, as a digest of its numbers.

It covers the potential, the lattice, the missing sites and the values of the predictor (not its
inner representation, in which eigenvectors have arbitrary phases), all to nine digits, so that
another machine finds the same.
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.digest import digest
from qcmethod.base.types import Array
from qcmethod.problems.problem import Problem


def identity(problem: Problem) -> str:
    """Digest (16 hex digits) of crystal, defect and load; not of extent, rim, metric and name."""
    crystal, lattice = problem.crystal, problem.crystal.lattice
    removed = np.zeros((0, lattice.dim)) if problem.removed is None else problem.removed
    parts = [
        *crystal.potential.numbers,
        lattice.structure,
        lattice.basis,
        problem.origin,
        removed[np.lexsort(removed.T)],
        problem.jumps,
        problem.predictor.F,
        *_samples(problem),
    ]
    if problem.ends:
        parts += ["surface", *([] if problem.external else [None])]
    parts += [one.numbers for one in problem.external]
    if problem.start is not None:
        parts += ["start", problem.start.ij, problem.start.v]
    return digest(parts)


def _samples(problem: Problem) -> tuple[Array, Array]:
    """Displacement and gradient of the predictor at 24 points, none on the x axis."""
    n = np.arange(1, 25)
    angle, r = 2.399963 * n, problem.crystal.lattice.constant * np.sqrt(n)
    x = np.stack([r * np.cos(angle), r * np.sin(angle), np.zeros(len(n))], axis=1)
    side = np.zeros(len(n), dtype=np.int8)
    return problem.predictor.displacement(x, side), problem.predictor.gradient(x, side)
