"""The blending field of a method on lattice sites: beta as a function of the integers ij alone.

Nodes and listed sites that coincide get one value, whether a site is missing and on whichever side
of a crack flank a node lies. A field of least second difference is solved once and kept: the same
system at other gradients, its frozen copies and its twins ask for it again and again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from qcmethod.base.ramps import blending
from qcmethod.base.types import Array, Index
from qcmethod.coupling.blend import MIN_HESSIAN, SiteField, min_hessian
from qcmethod.coupling.partition import Partition
from qcmethod.potentials.contract import Potential
from qcmethod.problems.problem import Problem


@dataclass(frozen=True)
class _Zone:
    """Two zones are one when the numbers that their distances depend on are.

    `along` is the first integer coordinate that matters: a strip is the same all along A1.
    """

    core: float
    width: float
    along: int
    numbers: tuple[object, ...]
    problem: Problem = field(compare=False)


def beta_at(problem: Problem, partition: Partition, ij: Index) -> Array:
    """beta (n,) of a coupling at the sites ij (n, dim)."""
    method, core, width = partition.method, partition.core, partition.blend
    if not method.core or not method.continuum:
        return np.full(len(ij), 0.0 if method.core else 1.0)
    if method.blended and partition.blending == MIN_HESSIAN:
        arrays = (problem.centres, problem.crystal.lattice.plane_basis, problem.origin)
        numbers = (problem.metric, problem.zone is None, *(a.tobytes() for a in arrays))
        along = int(problem.metric == "strip" and ij.shape[1] == 2)
        return _least_hessian(_Zone(core, width, along, numbers, problem)).at(ij[:, along:])
    distance = problem.distance(problem.position(ij))
    if not method.blended:
        return (distance > core).astype(np.float64)
    return blending(distance, core, width, partition.blending)


@lru_cache(maxsize=16)
def _least_hessian(zone: _Zone) -> SiteField:
    problem, first = zone.problem, zone.along
    whole = problem.crystal.lattice.plane_basis
    basis = whole[first:, first:]
    dual = np.linalg.inv(basis)
    centres = (problem.centres[:, : len(whole)] - problem.origin[: len(whole)])[:, first:] @ dual
    reach = (zone.core + zone.width) * problem.stretch * np.linalg.norm(dual, axis=0)

    def distance(ij: NDArray[np.int64]) -> Array:
        full = np.zeros((len(ij), len(whole)), dtype=np.int64)
        full[:, first:] = ij
        return problem.distance(problem.position(full))

    low = np.floor(centres.min(axis=0) - reach).astype(np.int64)
    high = np.ceil(centres.max(axis=0) + reach).astype(np.int64)
    return min_hessian(distance, low, high, basis, zone.core, zone.width)


PADDING = 2.5
"""Sites are listed at least this many cut-offs beyond the blending zone (an EAM force sees two)."""


def padding_of(potential: Potential) -> float:
    """How far beyond the blending zone sites are listed, in cut-offs: as far as a force sees."""
    return max(PADDING, potential.reach + 0.5)


def site_reach(problem: Problem, partition: Partition) -> float:
    """Distance from the defect up to which sites are listed, A."""
    potential, method = problem.crystal.potential, partition.method
    padding = padding_of(potential) * potential.cutoff
    if method.all_atoms:
        return np.inf
    if method.sampled:  # from every cluster
        return padding
    return partition.outer * problem.stretch + padding
