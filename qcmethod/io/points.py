"""The points of a written mesh: its used nodes, and their images where it repeats.

    x_p = x_k + s period e_z,    s such that a cell has its points next to each other

A mesh that repeats along z (`mesh.space`) has cells across the end of its period; a file knows no
period, so such a cell gets points of its own at the images of its nodes.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from qcmethod.base.types import Array, Index
from qcmethod.discretisation.body import Body
from qcmethod.mesh.core import EDGES


class Points(NamedTuple):
    """Points p of a file.

    node : (n_p,) whose nodes or middles of edges they are
    x : (n_p, 3) where, A: as in the reference configuration; of a plane mesh at z = 0
    cells : (n_c, m) points of the nodes of each cell
    """

    node: Index
    x: Array
    cells: Index


def points_of(body: Body) -> Points:
    """Points of the used nodes of a mesh, then those of images."""
    node, nodes = np.flatnonzero(body.used), body.cells.nodes
    number = np.full(body.n_nodes, -1)
    number[node] = np.arange(len(node))
    if body.mesh.dim < 3:
        return Points(node, body.x_k[node] * (1.0, 1.0, 0.0), number[nodes])
    image = _images(body)
    away = np.stack([nodes[image != 0], image[image != 0]], axis=1)
    new, which = np.unique(away, axis=0, return_inverse=True)
    cells = number[nodes]
    cells[image != 0] = len(node) + which.ravel()
    x = body.x_k[np.concatenate([node, new[:, 0]])]
    if len(new):
        x[len(node) :, 2] += 0.5 * new[:, 1] * body.problem.crystal.lattice.period
    return Points(np.concatenate([node, new[:, 0]]), x, cells)


def _images(body: Body) -> Index:
    """Halves of the period (n_c, m) from the nodes of each cell to where they are next to its first
    one. The middle of an edge is stored as that of its ends, wherever these are."""
    cells, period = body.cells, body.problem.crystal.lattice.period
    image = np.zeros(cells.nodes.shape, dtype=np.int64)
    if np.isfinite(period):
        z, v = body.x_k[cells.vertices, 2], cells.vertices.shape[1]
        periods = np.round((z[:, :1] - z) / period).astype(np.int64)
        image[:, :v] = 2 * periods
        ends = periods[:, np.array(EDGES[body.mesh.dim])].sum(axis=2)
        middle = cells.nodes[:, v:] >= body.mesh.n_nodes
        image[:, v:] = np.where(middle, ends[:, : middle.shape[1]], 0)
    return image
