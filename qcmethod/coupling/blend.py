"""Blending: beta from 0 (atomistic) to 1 (continuum) across the blending zone.

    beta(x) = b((d(x) - core)/width)

with b one of the ramps of `base.ramps`. The ghost forces of a blended energy fall as width^-2 only
if the second derivative of b is bounded, which a linear ramp does not satisfy (Van Koten and Luskin
2011, SIAM J. Numer. Anal. 49, 2182).

"min-hessian" is no function of the distance but a field on the lattice sites, the solution of

    minimise  sum_l sum_a [(beta(l + a) - 2 beta(l) + beta(l - a))/|a|^2]^2
    beta = 0 where d <= core,   beta = 1 where d >= core + width

over the shortest lattice lines a (Luskin, Ortner and Van Koten 2013, Comput. Methods Appl. Mech.
Eng. 253, 160): one sparse biharmonic system. In one dimension it is a cubic polynomial; in two it
does not see the corners of a hexagonal core, where every function of the distance has a kink.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack
from scipy.sparse.linalg import splu

from qcmethod.base.ramps import SHAPES
from qcmethod.base.types import Array, Index
from qcmethod.lattice.lines import lattice_lines
from qcmethod.lattice.sites import Sites, between

MIN_HESSIAN = "min-hessian"
BLENDINGS = (*SHAPES, MIN_HESSIAN)


@dataclass(frozen=True, eq=False)
class SiteField:
    """beta (n,) on a list of lattice sites, 1 elsewhere."""

    sites: Sites
    beta: Array

    def at(self, ij: Index) -> Array:
        """beta (n,) at the sites ij (n, dim)."""
        at = self.sites.find(ij)
        return np.where(at >= 0, self.beta[at], 1.0)


def min_hessian(
    distance: Callable[[Index], Array],
    low: Index,
    high: Index,
    basis: Array,
    core: float,
    width: float,
) -> SiteField:
    """The field of least second difference.

    Parameters
    ----------
    distance : from sites ij (n, dim) to their distance from the defect (n,), A
    low, high : (dim,) corners of a box that holds all sites with a distance below core + width
    basis : (dim, dim) rows are lattice vectors in the plane, A
    core, width : A

    In every case that was tried the minimiser lies between 0 and 1; clipping keeps rounding in.
    """
    margin = 3  # two steps beyond the zone, one of them diagonal
    sites = between(low - margin, high + margin)
    d = distance(sites.ij)
    slack = 1e-9 * (core + width)  # sites at a whole number of hops
    beta = (d >= core + width - slack).astype(np.float64)
    free = (d > core + slack) & (beta == 0.0)
    if free.any():
        D = _second_differences(sites, free, basis)
        A = D[:, free]
        lu = splu((A.T @ A).tocsc(), permc_spec="MMD_AT_PLUS_A", options={"SymmetricMode": True})
        beta[free] = np.clip(lu.solve(-(A.T @ (D @ beta))), 0.0, 1.0)
    return SiteField(sites, beta)


def _second_differences(sites: Sites, free: NDArray[np.bool_], basis: Array) -> csr_array:
    """(rows, sites) second differences, over |a|^2, that involve a free site (n,) of a list that
    goes on for two steps around these."""
    blocks = []
    for a in lattice_lines(basis):
        before, after = sites.find(sites.ij - a), sites.find(sites.ij + a)
        centre = np.flatnonzero((before >= 0) & (after >= 0))
        centre = centre[free[centre] | free[before[centre]] | free[after[centre]]]
        columns = np.stack([before[centre], centre, after[centre]], axis=1)
        values = np.tile([1.0, -2.0, 1.0], (len(centre), 1)) / float(np.sum((a @ basis) ** 2))
        rows = np.repeat(np.arange(len(centre)), 3)
        matrix = csr_array((values.ravel(), (rows, columns.ravel())), (len(centre), len(free)))
        blocks.append(matrix)
    return vstack(blocks, format="csr")
