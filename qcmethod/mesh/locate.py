r"""Point location: the cell and the barycentric coordinates of lattice points, exact in integers.

    x = sum_v l_v x_v,   l_v = |x - x_u, x - x_w| / |x_u - x_v, x_w - x_v|   (2 x 2 determinants)

The finest cell that holds a point comes from the descent of the bisection trees; a sorted search
gives the leaf around it. No tolerance and no search tree, so strong grading does no harm.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qcmethod.base.kept import kept
from qcmethod.base.types import Array, Bools, Index
from qcmethod.errors import MeshError
from qcmethod.lattice.sites import Sites
from qcmethod.mesh.core import Mesh
from qcmethod.mesh.descent import finest_cell, numerators
from qcmethod.mesh.shape import recut


def locate(mesh: Mesh, points: ArrayLike, lower: ArrayLike | None = None) -> tuple[Index, Array]:
    """Canonical cell and barycentric coordinates of points in lattice coordinates.

    Parameters
    ----------
    points : (n, dim) lattice coordinates, integer or real; integer values are treated exactly
    lower : (n,) mask; points on the row j = 0 belong to the cells above it unless set here

    Returns
    -------
    cell : (n,) rows of `canonical(mesh)`
    barycentric : (n, dim+1)

    Raises
    ------
    MeshError : points outside the domain (says how many), not finite, or of the wrong shape.
    """
    p = as_points(mesh, points)
    number = finest_cell(mesh, p, as_mask(lower, len(p)))
    leaf = np.searchsorted(mesh.first, number, side="right") - 1
    cells, partner = recut(mesh)
    weights = _barycentric(mesh, cells[leaf], p)
    own = leaf.copy()
    for others in partner.T:  # what was recut: the point may lie in another part of it
        other = np.flatnonzero((others[own] >= 0) & (weights.min(axis=1) < 0))
        swap = others[own[other]]
        w = _barycentric(mesh, cells[swap], p[other])
        better = w.min(axis=1) > weights[other].min(axis=1)
        leaf[other[better]], weights[other[better]] = swap[better], w[better]
    return leaf, weights


def find_nodes(mesh: Mesh, ij: ArrayLike, lower: ArrayLike | None = None) -> Index:
    """Node at each integer lattice point (n, dim), or -1; `lower` asks for lower flank copies."""
    p = as_points(mesh, ij)
    if p.dtype.kind != "i":
        raise MeshError("ij", "points between lattice sites", "integer coordinates")
    sites, upper, twin = _nodes(mesh)
    at = sites.find(np.asarray(p, dtype=np.int64))
    node = np.where(at >= 0, upper[at], -1)
    below = as_mask(lower, len(p))
    node[below] = np.where(node[below] >= 0, twin[node[below]], -1)
    return node


@kept
def _nodes(mesh: Mesh) -> tuple[Sites, Index, Index]:
    """Sites with a node, the upper node of each, and of each node (n_k,) its lower twin, or it."""
    upper = np.flatnonzero(mesh.lower_of < 0)
    twin = np.arange(mesh.n_nodes)
    copies = np.flatnonzero(mesh.lower_of >= 0)
    twin[mesh.lower_of[copies]] = copies
    return Sites(mesh.ij[upper]), upper, twin


def _barycentric(mesh: Mesh, cells: Index, p: NDArray[np.number]) -> Array:
    corners = mesh.corners(cells)
    lam = numerators(corners, mesh.beside(p, corners))
    return np.asarray(lam / lam.sum(axis=1, keepdims=True), dtype=float)


def as_points(mesh: Mesh, points: ArrayLike) -> NDArray[np.number]:
    """Points as (n, dim), int64 when all values are integers below 2^62 (MeshError)."""
    p = np.asarray(points)
    if p.ndim != 2 or p.shape[1] != mesh.dim or p.dtype.kind not in "iuf":
        raise MeshError("points", f"{p.dtype} array of shape {p.shape}", f"shape (n, {mesh.dim})")
    if not np.isfinite(p).all():
        raise MeshError("points", "values that are not finite", "finite coordinates")
    real = p.astype(float)
    whole = (real == np.rint(real)) & (np.abs(real) < 2.0**62)
    return p.astype(np.int64) if whole.all() else real


def as_mask(lower: ArrayLike | None, n: int) -> Bools:
    """A mask (n,), False where there is none (MeshError)."""
    mask = np.zeros(n, dtype=bool) if lower is None else np.asarray(lower)
    if mask.shape != (n,) or mask.dtype != bool:
        raise MeshError("lower", f"{mask.dtype} array of shape {mask.shape}", f"mask ({n},)")
    return mask
