r"""A slit: the nodes of the row j = 0 behind its tip are doubled, a node for each flank.

The field may jump across it, u(x, 0+) - u(x, 0-). Points on the row belong to the upper
side, so the upper node keeps its number and the lower copy serves the cells below only.
"""

from __future__ import annotations

from dataclasses import replace
from functools import singledispatch

import numpy as np

from qcmethod.base.types import Index
from qcmethod.errors import MeshError
from qcmethod.mesh.core import Mesh, cell_edges, require_unsplit
from qcmethod.mesh.locate import find_nodes


def split_flank(mesh: Mesh, i_tip: int = 0) -> Mesh:
    """Double the nodes with j = 0 and i < `i_tip`.

    Parameters
    ----------
    i_tip : first integer coordinate of the tip, the last node that is not doubled

    Returns
    -------
    Mesh : lower copies follow the old nodes; `lower_of` names their upper twins. It can not be
        refined or coarsened: `join_flank` gives the mesh back.

    Raises
    ------
    MeshError : a 1-D or already split mesh, no node at the tip, nothing behind it.
    """
    if mesh.dim != 2:
        raise MeshError("mesh", f"a {mesh.dim}-D mesh", "a 2-D mesh")
    require_unsplit(mesh)
    if find_nodes(mesh, [[i_tip, 0]])[0] < 0:
        raise MeshError("i_tip", i_tip, "a node on the row j = 0", "resolve the tip in the mesh")
    below = mesh.ij[mesh.cells, 1].min(axis=1) < 0  # j = 0 is a mesh line: no cell straddles it
    has_upper, has_lower = np.zeros((2, mesh.n_nodes), dtype=bool)
    has_upper[mesh.cells[~below]], has_lower[mesh.cells[below]] = True, True
    flank = (mesh.ij[:, 1] == 0) & (mesh.ij[:, 0] < i_tip) & has_upper & has_lower
    twins = np.flatnonzero(flank)
    if len(twins) == 0:
        raise MeshError("i_tip", i_tip, "a tip with nodes of the row j = 0 behind it")
    copy = np.arange(mesh.n_nodes)
    copy[twins] = mesh.n_nodes + np.arange(len(twins))
    cells = mesh.cells.copy()
    cells[below] = copy[cells[below]]
    return replace(
        mesh,
        ij=np.concatenate([mesh.ij, mesh.ij[twins]]),
        cells=cells,
        lower_of=np.concatenate([mesh.lower_of, twins]),
    )


@singledispatch
def join_flank(mesh: Mesh) -> Mesh:
    """The mesh before `split_flank`: lower copies are dropped, upper nodes keep their numbers.

    One in space that ends at a plane has, beyond it, nodes for those below, and others' numbers.
    """
    copies = mesh.lower_of >= 0
    if not copies.any():
        return mesh
    one = np.where(copies, mesh.lower_of, np.arange(mesh.n_nodes))
    return replace(
        mesh, ij=mesh.ij[~copies], cells=one[mesh.cells], lower_of=mesh.lower_of[~copies]
    )


def boundary_nodes(mesh: Mesh) -> Index:
    """Nodes on the outer boundary, ascending.

    Both copies of a doubled node at the outer end of the flank are among them.
    """
    copies = mesh.lower_of >= 0
    one = np.where(copies, mesh.lower_of, np.arange(mesh.n_nodes))  # close the flank first
    on = np.zeros(mesh.n_nodes, dtype=bool)
    if mesh.dim == 1:
        on[np.bincount(mesh.cells.ravel(), minlength=mesh.n_nodes) == 1] = True
    else:
        edges, edge_of = cell_edges(one[mesh.cells], mesh.n_nodes)
        on[edges[np.bincount(edge_of.ravel()) == 1]] = True
    on[copies] = on[mesh.lower_of[copies]]
    return np.flatnonzero(on)
