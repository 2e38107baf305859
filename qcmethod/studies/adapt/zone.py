"""The zone: the set of lattice sites that must be atomistic, of any shape.

    beta(x) = b((d(x) - pad)/blend),    d(x) = min over zone sites z of |x - z|

The zone takes the place of the row from which a fixed core is measured (`Problem.zone`); `pad` is
the core radius about each of its sites, one cut-off at least. It grows and shrinks site by site;
the blending zone follows it and is fully resolved by construction.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from qcmethod.base.types import Array
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
    opening = np.linalg.norm((gap[0] - gap[1])[:, :2], axis=1)
    closed = np.flatnonzero(opening < OPEN * cutoff)
    return float(-i[closed[-1]] * a1) if len(closed) else 0.0


def with_zone(problem: Problem, zone: Array) -> Problem:
    """The problem with distances measured from these sites (m, 2), A."""
    return replace(problem, zone=zone, metric="euclid")


def sites_within(problem: Problem, distance: float) -> NDArray[np.int64]:
    """Lattice points ij (n, 2) within a distance (A) of the zone, missing ones included."""
    basis = problem.crystal.lattice.plane_basis
    reach = distance + float(np.linalg.norm(basis, axis=1).max())
    points = problem.centres - problem.origin[:2]
    low, high = points.min(axis=0) - reach, points.max(axis=0) + reach
    corners = np.array([[x, y] for x in (low[0], high[0]) for y in (low[1], high[1])])
    index = corners @ np.linalg.inv(basis)
    axes = [np.arange(np.floor(a), np.ceil(b) + 1, dtype=np.int64) for a, b in _bounds(index)]
    ij = np.stack([g.ravel() for g in np.meshgrid(*axes, indexing="ij")], axis=1)
    return ij[problem.euclidean(problem.position(ij)) <= distance]


def grown(problem: Problem, at: Array, radius: float, limit: float) -> Array:
    """The zone (m, 2) with the sites within `radius` of the points `at` (n, 2), A.

    No further from the zone than `limit`, A: a zone grows from where it is.
    """
    ij = sites_within(problem, limit)
    x = problem.position(ij)[:, :2]
    near = x[cKDTree(at).query(x)[0] <= radius]
    return _distinct(np.concatenate([problem.centres, near]))


def inflated(problem: Problem, distance: float) -> Array:
    """The zone (m, 2) with all sites within a distance, A."""
    x = problem.position(sites_within(problem, distance))[:, :2]
    return _distinct(np.concatenate([problem.centres, x]))


def _distinct(points: Array) -> Array:
    return np.unique(np.round(points, 9), axis=0)


def _bounds(index: Array) -> Array:
    """(2, 2) rows: smallest and largest of each column."""
    return np.stack([index.min(axis=0), index.max(axis=0)], axis=1)
