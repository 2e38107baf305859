r"""Edge bubbles, which complete P1 cells to hierarchical P2 cells (`elements.p2`).

    u_h = sum_k N_k u_k + sum_e B_e b_e,        u_h(midpoint of e) = (u_a + u_b)/2 + b_e

An edge carries a bubble when every cell around it may carry one, so a P2 field is continuous across
the border of a P1 zone (Zienkiewicz, Gago and Kelly 1983, Comput. Struct. 16, 53). The two sides of
an opened flank have a bubble each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from qcmethod.base.types import Array, Bools, Index
from qcmethod.mesh.core import EDGES, Mesh, cell_edges
from qcmethod.mesh.element import ELEMENTS, Element
from qcmethod.mesh.shape import canonical


@dataclass(frozen=True, eq=False)
class Bubbles:
    """Bubbles of a mesh; bubble e is degree of freedom n_nodes + e.

    Attributes
    ----------
    edges : (n_b, 2) nodes at the ends of the edge of each bubble
    of_cell : (n_c, n_local) bubble on each local edge (`EDGES`) of the canonical cells, -1: none
    element : that has them
    """

    edges: Index
    of_cell: Index
    element: Element

    def __len__(self) -> int:
        return len(self.edges)

    @classmethod
    def none(cls, mesh: Mesh, element: Element | None = None) -> Bubbles:
        """No bubbles, of an element without (default: P1)."""
        n_local = len(EDGES[mesh.dim])
        none = np.full((mesh.n_cells, n_local), -1, dtype=np.int64)
        return cls(np.zeros((0, 2), dtype=np.int64), none, element or ELEMENTS["P1"])

    def middle(self, values: Array) -> Array:
        """Means (n_b, ...) over the ends of the edges of nodal values (n_k, ...)."""
        mean: Array = 0.5 * (values[self.edges[:, 0]] + values[self.edges[:, 1]])
        return mean


def edge_bubbles(
    mesh: Mesh,
    may: Bools,
    inside: Callable[[Array], Bools],
    element: Element,
) -> Bubbles:
    """Bubbles on the edges between cells that may carry them.

    Parameters
    ----------
    may : (n_c,) cells that may carry bubbles
    inside : maps midpoints (n, dim), lattice coordinates, to a mask: where a bubble is wanted
    element : that has unknowns on edges
    """
    cells, n = canonical(mesh), mesh.n_nodes
    one = np.where(mesh.lower_of >= 0, mesh.lower_of, np.arange(n))  # the flank closed
    edges, edge_of = cell_edges(one[cells], n)
    whole = np.ones(len(edges), dtype=bool)
    whole[edge_of[~may]] = False
    if mesh.dim == 2:  # no bubble on the outer boundary; in space `inside` sees to that
        whole &= np.bincount(edge_of.ravel(), minlength=len(edges)) == 2
    whole &= inside(np.asarray(0.5 * (mesh.ij[edges[:, 0]] + mesh.ij[edges[:, 1]])))
    cell, local = np.nonzero(whole[edge_of])
    pairs = cells[cell][np.arange(len(cell))[:, None], np.array(EDGES[mesh.dim])[local]]
    key, bubble = np.unique(
        pairs.min(axis=1) * np.int64(n) + pairs.max(axis=1), return_inverse=True
    )
    of_cell = np.full(edge_of.shape, -1, dtype=np.int64)
    of_cell[cell, local] = bubble
    return Bubbles(np.stack([key // n, key % n], axis=1), of_cell, element)
