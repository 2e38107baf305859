"""Linear systems on a mesh: solvers of the elastic stiffness and of Jacobians.

    M x = b

What solves is a `Linear` (`base.linear`). The unknowns are put into an order that the mesh gives
(`ordering`), components of displacement that M does not couple are solved apart, and the elastic
stiffness is assembled in that order, group by group, on the free directions only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csc_array, csr_array
from scipy.sparse.linalg import SuperLU, splu

from qcmethod.base.linear import SOLVERS, Apart, Linear, apart, coupled_components
from qcmethod.base.solvers.superlu import eliminated
from qcmethod.base.types import Index
from qcmethod.coupling.system import System
from qcmethod.solve.conjugate import Conjugate
from qcmethod.solve.in_space import elastic_in_space
from qcmethod.solve.ordering import nested_dissection

__all__ = [
    "Factors",
    "Linear",
    "block",
    "elastic",
    "elimination_order",
    "exactly",
    "factorised",
    "on_mesh",
]


@dataclass(frozen=True, eq=False)
class Factors(Apart):
    """LU factors of a matrix: one for each group of components that it does not couple."""

    parts: list[tuple[Index, SuperLU]]


def factorised(M: csr_array, order: Index, component: Index, symmetric: bool = True) -> Factors:
    """Factors of a sparse matrix M (n, n).

    order : (n,) in which rows are eliminated; component : (n,) of displacement, 0, 1 or 2, that a
    row belongs to; symmetric : no rows are exchanged
    """
    parts = []
    for group in apart(coupled_components(M, component)):
        rows = order[np.isin(component[order], group)]
        if len(rows):
            parts.append((rows, eliminated(csc_array(M[rows][:, rows]), symmetric)))
    return Factors(parts)


def block(M: csr_array, index: Index) -> Linear:
    """A solver of rows and columns of a sparse matrix that are no mesh: SuperLU finds an order."""
    solver: Linear = splu(csc_array(M[index][:, index]))
    return solver


def on_mesh(system: System, K: csr_array, index: Index) -> Linear:
    """A solver of a stiffness K (3 n_k, 3 n_k) on the system's mesh in the directions `index`; in
    space all that are free, and of a K that the elastic stiffness is near to."""
    if system.problem.crystal.lattice.dim == 3:
        return Conjugate(csr_array(K[index][:, index]), elastic_in_space(system))
    return factorised(K[index][:, index], elimination_order(system, index), index % 3)


def elastic(system: System) -> Linear:
    """A solver of the elastic stiffness in the free directions of a system: the preconditioner.

    To six digits; `on_mesh` solves to all.
    """
    if system.problem.crystal.lattice.dim == 3:
        return elastic_in_space(system)
    nodes = dissected(system)
    nodes = nodes[system.free[nodes].any(axis=1)]
    unknown = np.cumsum(system.free.ravel()).reshape(system.free.shape) - 1
    solver, parts = SOLVERS.find(system.solver), []
    for group, K in system.elastic.groups(nodes):
        on = system.free[nodes][:, group].ravel()
        rows = unknown[nodes][:, group].ravel()[on]
        if len(rows):
            parts.append((rows, solver.factors(K if on.all() else K[on][:, on])))
    return Apart(parts)


def exactly(system: System) -> Linear:
    """A solver of the elastic stiffness in the free directions to all digits that eigenvalues
    against it need."""
    if system.problem.crystal.lattice.dim == 3:
        return on_mesh(system, system.elastic.stiffness, np.flatnonzero(system.free.ravel()))
    return elastic(system)


def elimination_order(system: System, index: Index) -> Index:
    """Order (n,) in which to eliminate the directions `index`: nested dissection of the nodes."""
    rank = np.argsort(dissected(system))
    return np.lexsort((index % 3, rank[index // 3]))


def dissected(system: System) -> Index:
    """Order (n_k,) in which to eliminate the nodes."""
    return nested_dissection(system.problem.across(system.body.x_k), system.body.cells.nodes)
