"""Where the unknowns of a nested mesh come from: each node in the middle of an edge, of two nodes.

    u(coarser mesh)_k = (u_i + u_j)/2,     (i, j) the ends of the edge that k cut

so coarser meshes are had by leaving out the youngest nodes, and interpolation by the edges.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from qcmethod.base.types import Array, Bools, Index


@dataclass(frozen=True, eq=False)
class Births:
    """Of n unknown nodes.

    Attributes
    ----------
    parents : (n, 2) the two ends of the edge that each cut; -1: an end that is clamped, or none
    generation : (n,) 0 for the youngest; parents are of higher ones
    root : (n,) nodes that cut no edge: they are on all levels
    """

    parents: Index
    generation: Index
    root: Bools


def interpolation(births: Births, among: Index, kept: Bools) -> csr_array:
    """P (m, m_kept) from the kept ones of some nodes (m,) to all of them.

    among : numbers of the nodes, ascending; kept : (m,); parents of the others are kept, or older
    ones of the others, to be followed on to those
    """
    n = len(births.generation)
    column = np.full(n, -1)
    column[among[kept]] = np.arange(int(kept.sum()))
    weights = csr_array(
        (np.ones(int(kept.sum())), (among[kept], column[among[kept]])), (n, int(kept.sum()))
    )
    gone = among[~kept]
    for generation in np.unique(births.generation[gone])[::-1]:
        young = gone[births.generation[gone] == generation]
        weights = weights + _means(births.parents[young], young, n) @ weights
    P = csr_array(weights[among])
    P.eliminate_zeros()
    P.sort_indices()
    return P


def _means(parents: Index, of: Index, n: int) -> csr_array:
    """(n, n) rows of some nodes: half of each parent that there is."""
    rows, columns = np.repeat(of, 2), parents.ravel()
    on = columns >= 0
    half: Array = np.full(int(on.sum()), 0.5)
    return csr_array((half, (rows[on], columns[on])), shape=(n, n))
