"""The zone: the set of lattice sites that must be atomistic, of any shape.

    beta(x) = b((d(x) - pad)/blend),    d(x) = min over zone sites z of |x - z|

The zone takes the place of the row from which a fixed core is measured (`Problem.zone`); `pad` is
the core radius about each of its sites, one cut-off at least. It grows and shrinks site by site;
the blending zone follows it and is fully resolved by construction.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from qcmethod.base.types import Array
from qcmethod.lattice.plane import in_plane
from qcmethod.lattice.region import Region
from qcmethod.lattice.shapes import Points
from qcmethod.problems.problem import Problem

OPEN = 1.05
"""The zone of a crack ends where its flanks are this many cut-offs apart."""


def first_zone(problem: Problem, pad: float) -> Array:
    """The smallest sensible zone (m, 2), A: the row of the defect, of a crack the flank behind
    its tip to where the flanks are out of each other's reach, of an indenter the surface below."""
    points = np.unique(problem.centres, axis=0)
    if problem.flank == "crack":
        start = max(_closed_flank(problem) - pad, 0.0)
        step = problem.crystal.lattice.basis[0, 0]
        behind = -np.arange(0.0, start + step, step)
        points = np.stack([behind, np.zeros(len(behind))], axis=1)
    if problem.indenter is not None:
        step = problem.crystal.lattice.basis[0, 0]
        n = int(np.ceil(problem.indenter.chord / step))
        points = np.stack([step * np.arange(-n, n + 1), np.zeros(2 * n + 1)], axis=1)
    return points


def _closed_flank(problem: Problem) -> float:
    """Distance behind the tip up to which the flanks interact at the predictor, A."""
    a1, cutoff = problem.crystal.lattice.basis[0, 0], problem.crystal.potential.cutoff
    i = -np.arange(1, int(problem.extent / a1))
    gap = []
    for j in (0, -1):
        ij = np.stack([i, np.full(len(i), j)], axis=1)
        x = problem.position(ij)
        gap.append(x + problem.predictor.displacement(x, np.zeros(len(i), dtype=np.int8)))
    opening = np.linalg.norm(in_plane(gap[0] - gap[1]), axis=1)
    closed = np.flatnonzero(opening < OPEN * cutoff)
    return float(-i[closed[-1]] * a1) if len(closed) else 0.0


def with_zone(problem: Problem, zone: Array) -> Problem:
    """The problem with distances measured from these sites (m, 2), A."""
    return replace(problem, zone=zone, metric="euclid")


def grown(problem: Problem, at: Array, radius: float, limit: float) -> Array:
    """The zone (m, 2) with the sites within `radius` of the points `at` (n, 2), A.

    No further from the zone than `limit`, A: a zone grows from where it is.
    """
    return _with_points_of(problem, problem.focus.grown(limit) & Points(at).grown(radius))


def inflated(problem: Problem, distance: float) -> Array:
    """The zone (m, 2) with all sites within a distance, A."""
    return _with_points_of(problem, problem.focus.grown(distance))


def _with_points_of(problem: Problem, region: Region) -> Array:
    """The zone (m, 2) with the lattice points of a region, missing ones included, A."""
    x = in_plane(problem.position(problem.points(region)))
    return np.unique(np.round(np.concatenate([problem.centres, x]), 9), axis=0)
