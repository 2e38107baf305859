r"""The mesh value: nodes are lattice sites, cells come from bisection only.

Positions are exact: x_k = ij_k . B with integer ij, the rows of B lattice vectors in the plane.
Cells are the leaves of binary trees rooted at macro cells of 2^k lattice steps; a cell of
generation g holds 2^(D - g) finest cells, D = dim k, and the finest cells of the domain are
numbered along the depth-first order of the trees (a Sierpinski curve). A cell is therefore an
*interval* [first, first + 2^(D-g)) of that numbering, siblings are adjacent, and point location
is a sorted search.

Reference: Mitchell, ACM Trans. Math. Software 15 (1989) 326 (newest-vertex bisection);
Maubach, SIAM J. Sci. Comput. 16 (1995) 210.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qcmethod.base.stored import stored
from qcmethod.base.types import Array, Bools, Index
from qcmethod.errors import MeshError

#: local edges of a cell; in the plane the first one is the refinement edge, edge e is opposite
#: vertex e
EDGES = {
    1: ((0, 1),),
    2: ((1, 2), (2, 0), (0, 1)),
    3: ((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)),
}


@stored
@dataclass(frozen=True, eq=False)
class Mesh:
    """Simplicial mesh on lattice sites: intervals or triangles (tetrahedra: `space.core`). Treat it
    as a value.

    Attributes
    ----------
    ij : (n_k, dim) integer lattice coordinates of the nodes
    cells : (n_c, dim+1) bisection cells, positively oriented in the plane of `basis`, in tree
        order; in 2-D vertex 0 is the newest and (1, 2) is the refinement edge, in 1-D (0, 1)
    basis : (dim, dim) rows are lattice vectors in the plane, Angstrom
    lower_of : (n_k,) -1, or for the lower copy of a doubled flank node the index of its upper twin
    first : (n_c,) number of the first finest cell inside each cell
    level : (n_c,) generation: bisections that separate the cell from its macro cell
    step : edge of the macro squares in lattice steps, 2^k
    macro : (n_m, dim+1, dim) integer vertices of the macro cells
    """

    ij: Index
    cells: Index
    basis: Array
    lower_of: Index
    first: Index
    level: Index
    step: int
    macro: Index

    @property
    def dim(self) -> int:
        """Dimension of the mesh, 1, 2 or 3."""
        return int(self.ij.shape[1])

    @property
    def n_nodes(self) -> int:
        """Number of nodes, both copies of doubled ones counted."""
        return len(self.ij)

    @property
    def n_cells(self) -> int:
        """Number of cells; `cells` and `canonical(mesh)` have the same number."""
        return len(self.cells)

    @cached_property
    def x(self) -> Array:
        """(n_k, dim) positions of the nodes in the plane, Angstrom."""
        return self.ij @ self.basis

    @property
    def depth(self) -> int:
        """Generation of the finest cells, dim * log2(step)."""
        return self.dim * (self.step.bit_length() - 1)

    @property
    def reach(self) -> int:
        """Largest absolute integer coordinate in the domain."""
        return int(np.abs(self.macro).max())

    @property
    def is_finest(self) -> Bools:
        """(n_c,) true where a cell is half a unit square (2-D) or a unit interval (1-D)."""
        return np.asarray(self.level == self.depth)

    @property
    def is_split(self) -> bool:
        """True when a crack flank has been opened with `split_flank`."""
        return bool((self.lower_of >= 0).any())

    def corners(self, cells: Index) -> Index:
        """Lattice coordinates (n, v, dim) of the vertices of cells (n, v)."""
        return self.ij[cells]

    def beside(self, points: NDArray[np.number], corners: Index) -> NDArray[np.number]:
        """Points (n, dim) where the cells with these corners (n, v, dim) are; of a mesh that
        repeats itself they may be a period away."""
        return points

    @property
    def n_sites(self) -> float:
        """Volume of the domain in lattice sites."""
        return len(self.macro) * float(self.step) ** self.dim / self.dim


def lattice_key(ij: Index, reach: int) -> Index:
    """One int64 a lattice point, unique while all |coordinates| <= `reach` (n, dim) -> (n,)."""
    key = ij[:, 0] + reach
    for column in ij.T[1:]:
        key = key * (2 * reach + 1) + column + reach
    return key


def cell_edges(cells: Index, n_nodes: int) -> tuple[Index, Index]:
    """Distinct edges of the cells.

    Returns
    -------
    edges : (n_e, 2) node pairs, smaller index first
    edge_of : (n_c, n_local) index of each local edge, in the order of `EDGES`
    """
    pairs = cells[:, np.array(EDGES[cells.shape[1] - 1])]
    key, inverse = np.unique(
        pairs.min(axis=2) * np.int64(n_nodes) + pairs.max(axis=2), return_inverse=True
    )
    edges = np.stack([key // n_nodes, key % n_nodes], axis=1)
    return edges, inverse.reshape(pairs.shape[:2]).astype(np.int64)


def cell_mask(mesh: Mesh, marked_cells: ArrayLike) -> Bools:
    """Boolean mask (n_c,) from a mask or from cell indices; refuses anything else (MeshError)."""
    marked = np.asarray(marked_cells)
    if marked.dtype == bool and marked.shape == (mesh.n_cells,):
        return marked
    if marked.size == 0 and marked.ndim == 1 and marked.dtype != bool:
        return np.zeros(mesh.n_cells, dtype=bool)
    if marked.ndim == 1 and marked.dtype.kind in "iu":
        if marked.min() >= 0 and marked.max() < mesh.n_cells:
            mask = np.zeros(mesh.n_cells, dtype=bool)
            mask[marked] = True
            return mask
        given = f"indices from {marked.min()} to {marked.max()}"
    else:
        given = f"{marked.dtype} array of shape {marked.shape}"
    raise MeshError(
        "marked_cells",
        given,
        f"a boolean mask of shape ({mesh.n_cells},) or cell indices below {mesh.n_cells}",
    )


def require_unsplit(mesh: Mesh) -> None:
    """Bisection works on the mesh without doubled nodes (MeshError otherwise)."""
    if mesh.is_split:
        raise MeshError(
            "mesh",
            f"a split mesh ({int((mesh.lower_of >= 0).sum())} doubled nodes)",
            "a mesh without doubled nodes",
            "join_flank(mesh), refine or coarsen, then split_flank again",
        )
