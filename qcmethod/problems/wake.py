"""A crack whose core follows its flanks.

Where the atomistic zone ends, two surfaces end in a continuum that knows their energy and tension
but not how their layers answer to strain (0.4 A per unit strain in aluminium): the largest error
of a coupled crack, and it falls with the strain along the flanks, as distance^(-1/2). A zone of a
few layers on both sides of the flanks moves this end far behind the tip at a few nodes an A, where
a disc as large would cost the square.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from qcmethod.base.amounts import require_few
from qcmethod.base.arguments import number
from qcmethod.base.door import door
from qcmethod.base.types import Array
from qcmethod.errors import InputError
from qcmethod.lattice.plane import in_plane
from qcmethod.lattice.shapes import Tube
from qcmethod.problems.posed import altered
from qcmethod.problems.problem import Problem

MOST_POINTS = 200_000
"""Of the zone; about more the smallest core would have a million nodes."""


@altered
@door
def with_wake(problem: Problem, length: float, radius: float = 0.0) -> Problem:
    """The crack with its core measured from the flanks and a disc about the tip.

    Every site within `core` (of `couple`) of the zone is atomistic: the flanks from the tip to
    `length` behind it, the disc of this `radius` about the tip, and the path of the crack. (`adapt`
    lays a zone of its own.)

    Parameters
    ----------
    problem : from `crack`
    length : of the zone along the flanks behind the tip, A
    radius : of the zone about the tip, A

    Raises InputError for another problem, and for lengths that are negative or do not fit the
    extent.
    """
    if not isinstance(problem, Problem) or not problem.jumps:
        raise InputError("problem", problem, "a crack", "qcmethod.crack(crystal, ...)")
    free = problem.free.radius
    expected = f"a length in A from 0 to {free:.4g} (the clamped rim)"
    length = number("length", length, expected, least=0.0, below=free)
    radius = number("radius", radius, expected, least=0.0, below=free)
    basis = problem.crystal.lattice.plane_basis
    require_few("length", length, length / basis[0, 0], MOST_POINTS, "points", "a shorter wake")
    sites = np.pi * radius**2 / abs(np.linalg.det(basis))
    require_few("radius", radius, sites, MOST_POINTS, "sites", "a smaller disc")
    return replace(problem, zone=_zone(problem, length, radius), metric="euclid")


def _zone(problem: Problem, length: float, radius: float) -> Array:
    """Points (m, 2), A: one a lattice step along the flanks and the path, sites of the disc."""
    step, (first, last) = float(problem.crystal.lattice.plane_basis[0, 0]), problem.row[:, 0]
    along = np.append(np.arange(min(first, 0.0), max(last, 0.0), step), max(last, 0.0))
    x = np.append(-np.arange(0.0, length + 1e-9, step), along)
    flank = np.stack([x, np.zeros(len(x))], axis=1)
    disc = in_plane(problem.position(problem.points(Tube(radius))))
    return np.unique(np.round(np.concatenate([flank, disc]), 9), axis=0)
