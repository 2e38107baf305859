"""The elastic stiffness of a mesh in space, solved by multigrid: the preconditioner of `relax`.

    M = K_CB(reference crystal)

on the nodes that are free, and on those of missing sites: a void is filled for the coarse levels,
whose edges know nothing of it. Bubbles of P2 elements are hierarchical: the nodes are coarser.
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.multigrid import Births, Blocks, Multigrid, multigrid
from qcmethod.base.types import Bools, Index
from qcmethod.coupling.system import System
from qcmethod.mesh.assembly import Pattern, elastic_blocks, products
from qcmethod.mesh.space.births import births
from qcmethod.mesh.space.core import Tetrahedra


def elastic_in_space(system: System) -> Multigrid:
    """A solver of the elastic stiffness in the free directions of a system: a V cycle."""
    body, elastic = system.body, system.elastic
    free: Bools = np.any(system.free, axis=1)
    nodes = np.flatnonzero(free | (body.is_removed & body.used))
    number = np.full(body.n_nodes, -1)
    number[nodes] = np.arange(len(nodes))
    cells = elastic.cells
    pattern = Pattern.of(cells.shapes, number)
    L = products(cells.shapes, pattern, cells.row_volume(elastic.volume))
    K = elastic_blocks(L, elastic.tangent, np.arange(3))
    A = Blocks(pattern.indptr.astype(np.int64), pattern.indices.astype(np.int64), K)
    at = np.flatnonzero(np.repeat(free[nodes], 3))
    return multigrid(A, births_of(system, nodes, ~body.is_bubble[nodes]), at)


def births_of(system: System, nodes: Index, of_mesh: Bools) -> Births:
    """Of unknown nodes (n,), ascending: some are nodes of the mesh, the rest bubbles."""
    mesh = system.body.mesh
    assert isinstance(mesh, Tetrahedra)
    known = births(mesh, nodes[of_mesh])
    n_bubbles = int((~of_mesh).sum())
    return Births(
        np.concatenate([known.parents, np.full((n_bubbles, 2), -1)]),
        np.concatenate([known.generation, np.full(n_bubbles, -1)]),
        np.concatenate([known.root, np.zeros(n_bubbles, dtype=bool)]),
    )
