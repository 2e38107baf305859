"""Jumps of the traction across the edges of cells.

stress-jump     sum over edges  h_e^2 |[P n]|^2
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.types import Array
from qcmethod.coupling.system import System
from qcmethod.lattice.plane import in_plane
from qcmethod.studies.adapt.indicator import gradients, indicator


@indicator("stress-jump")
def stress_jump(system: System, u: Array) -> Array:
    """Jumps of the traction over the edges of each cell, (n_c,)."""
    cells, crystal = system.body.cells, system.problem.crystal
    G, dim = gradients(system, u)[0], cells.gradients.shape[2]
    A = crystal.tangent(system.problem.predictor.F)[:, :, :, :dim]
    P = np.einsum("aibj,cbj->cai", A, G[:, :, :dim], optimize=True)[:, :, :dim]
    ends = np.sort(cells.vertices[:, [[1, 2], [2, 0], [0, 1]]], axis=2)
    key = (ends[..., 0] * np.int64(system.body.n_nodes) + ends[..., 1]).ravel()
    order = np.argsort(key, kind="stable")
    first = np.flatnonzero(key[order][:-1] == key[order][1:])
    one, other = order[first] // 3, order[first + 1] // 3
    a, b = (in_plane(system.body.x_k[ends.reshape(-1, 2)[order[first], i]]) for i in (0, 1))
    normal = (b - a)[:, ::-1] * np.array([1.0, -1.0])  # times the length of the edge
    jump2 = (np.einsum("eai,ei->ea", P[one] - P[other], normal) ** 2).sum(axis=1)
    result = np.zeros(len(P))
    np.add.at(result, one, 0.5 * jump2)
    np.add.at(result, other, 0.5 * jump2)
    return result
