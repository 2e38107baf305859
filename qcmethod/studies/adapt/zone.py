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
from qcmethod.lattice.region import Region
from qcmethod.lattice.shapes import Points
from qcmethod.problems.problem import Problem


def with_zone(problem: Problem, zone: Array) -> Problem:
    """The problem with distances measured from these sites (m, 2 or 3), A."""
    return replace(problem, zone=zone, metric="euclid", made=None)


def grown(problem: Problem, at: Array, radius: float, limit: float) -> Array:
    """The zone (m, 2 or 3) with the sites within `radius` of the points `at` (n, 2 or 3), A.

    No further from the zone than `limit`, A: a zone grows from where it is.
    """
    return _with_points_of(problem, problem.focus.grown(limit) & Points(at).grown(radius))


def inflated(problem: Problem, distance: float) -> Array:
    """The zone (m, 2 or 3) with all sites within a distance, A."""
    return _with_points_of(problem, problem.focus.grown(distance))


def _with_points_of(problem: Problem, region: Region) -> Array:
    """The zone (m, 2 or 3) with the lattice points of a region, missing ones included, A."""
    x = problem.across(problem.position(problem.points(region)))
    return np.unique(np.round(np.concatenate([problem.centres, x]), 9), axis=0)
