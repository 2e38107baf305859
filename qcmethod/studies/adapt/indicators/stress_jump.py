"""Jumps of the traction across the edges of cells, in space across their faces.

stress-jump     sum over edges  h_e^2 |[P n]|^2,     over faces  h_f^3 |[P n]|^2,  h_f = area^(1/2)
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.types import Array
from qcmethod.coupling.system import System
from qcmethod.studies.adapt.indicator import gradients, indicator


@indicator("stress-jump")
def stress_jump(system: System, u: Array) -> Array:
    """Jumps of the traction over the edges, or faces, of each cell, (n_c,)."""
    cells, crystal = system.body.cells, system.problem.crystal
    G, dim = gradients(system, u)[0], cells.gradients.shape[2]
    A = crystal.tangent(system.problem.predictor.F)[:, :, :, :dim]
    P = np.einsum("aibj,cbj->cai", A, G[:, :, :dim], optimize=True)[:, :, :dim]
    v = dim + 1
    sides = [[w for w in range(v) if w != opposite] for opposite in range(v)]
    ends = np.sort(cells.vertices[:, sides], axis=2).reshape(-1, dim)
    order = np.lexsort(ends.T[::-1])
    first = np.flatnonzero((ends[order[:-1]] == ends[order[1:]]).all(axis=1))
    one, other = order[first] // v, order[first + 1] // v
    normal = _normals(system.problem.across(system.body.x_k)[ends[order[first]]])
    jump2 = (np.einsum("eai,ei->ea", P[one] - P[other], normal) ** 2).sum(axis=1)
    if dim == 3:
        jump2 = jump2 / np.sqrt(np.linalg.norm(normal, axis=1))
    result = np.zeros(len(P))
    np.add.at(result, one, 0.5 * jump2)
    np.add.at(result, other, 0.5 * jump2)
    return result


def _normals(corners: Array) -> Array:
    """Normals (n, dim) of edges (n, 2, 2) or faces (n, 3, 3), as long as these are large, A^(dim -
    1)."""
    a = corners[:, 1] - corners[:, 0]
    if corners.shape[1] == 2:
        return np.asarray(a[:, ::-1] * np.array([1.0, -1.0]))
    return 0.5 * np.cross(a, corners[:, 2] - corners[:, 0])
