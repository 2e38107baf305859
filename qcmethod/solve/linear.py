"""Linear systems on a mesh: solvers of the elastic stiffness and of Jacobians.

    M x = b

A solver is what has `solve`. The one there is factorises M with SuperLU, without pivoting for size
where M is symmetric, in an order that the mesh gives (`ordering`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.sparse import csc_array, csr_array
from scipy.sparse.linalg import SuperLU, splu

from qcmethod.base.types import Array, Index
from qcmethod.coupling.system import System
from qcmethod.lattice.plane import in_plane
from qcmethod.solve.ordering import nested_dissection


class Linear(Protocol):
    """A linear system that can be solved for many right-hand sides."""

    def solve(self, b: Array) -> Array:
        """The solution (n,) of M x = b."""


@dataclass(frozen=True, eq=False)
class Factors:
    """LU factors of a matrix whose rows and columns were put into the order `order` first."""

    lu: SuperLU
    order: Index

    def solve(self, b: Array) -> Array:
        """The solution (n,) of M x = b."""
        x = np.empty_like(b)
        x[self.order] = self.lu.solve(b[self.order])
        return x


def factorised(
    M: csr_array, order: Index, index: Index | None = None, symmetric: bool = True
) -> Factors:
    """Factors of a sparse matrix M (m, m), or of its rows and columns `index` (n,).

    order : (n,) in which they are eliminated; symmetric : no rows are exchanged
    """
    rows = order if index is None else index[order]
    lu = splu(
        M.tocsc()[:, rows][rows, :],
        permc_spec="NATURAL",
        diag_pivot_thresh=0.0 if symmetric else 1.0,
        options={"SymmetricMode": symmetric},
    )
    return Factors(lu, order)


def block(M: csr_array, index: Index) -> Linear:
    """A solver of rows and columns of a sparse matrix that are no mesh: SuperLU finds an order."""
    solver: Linear = splu(csc_array(M[index][:, index]))
    return solver


def on_mesh(system: System, K: csr_array, index: Index) -> Linear:
    """A solver of a stiffness K (3 n_k, 3 n_k) on the system's mesh in the directions `index`."""
    return factorised(K, elimination_order(system, index), index)


def elastic(system: System) -> Linear:
    """A solver of the elastic stiffness in the free directions of a system: the preconditioner."""
    return on_mesh(system, system.elastic_stiffness, np.flatnonzero(system.free.ravel()))


def elimination_order(system: System, index: Index) -> Index:
    """Order (n,) in which to eliminate the directions `index`: nested dissection of the nodes."""
    rank = np.argsort(nested_dissection(in_plane(system.body.x_k), system.body.cells.nodes))
    return np.lexsort((index % 3, rank[index // 3]))
