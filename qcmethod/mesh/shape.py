r"""Cells for physics: the canonical triangulation, shape functions, volumes in lattice sites.

Bisection leaves unit squares cut along alternating diagonals. Where both triangles of a unit
square are present, `canonical` cuts it along the shorter real diagonal, so the resolved zone is the
uniform lattice triangulation: six triangles of half a site each around a node, so that each node
weighs exactly one site.

    N_v(x) = 1 + grad N_v . (x - x_v),   sum_v grad N_v = 0,   omega_c = |det(edges of ij)| / dim!
"""

from __future__ import annotations

from functools import singledispatch

import numpy as np

from qcmethod.base.kept import kept
from qcmethod.base.types import Array, Index
from qcmethod.mesh.core import Mesh, lattice_key
from qcmethod.mesh.macro import short_diagonal
from qcmethod.mesh.space.bricks import half_edges
from qcmethod.mesh.space.simplex import radius_ratio, tetrahedra_gradients, tetrahedra_volumes


def canonical(mesh: Mesh) -> Index:
    """Cells for energies and interpolation (n_c, dim+1), computed once a mesh.

    Row c covers the area of `mesh.cells[c]`, except that the two halves of a recut unit square
    share their two rows. All are positively oriented in the plane. In 1-D: `mesh.cells`.
    """
    return recut(mesh)[0]


@kept
def recut(mesh: Mesh) -> tuple[Index, Index]:
    """Canonical cells, and for each cell the others (n_c, m) of what was recut there, else -1."""
    return recut_of(mesh)


@singledispatch
def recut_of(mesh: Mesh) -> tuple[Index, Index]:
    """What `recut` keeps, of a kind of mesh."""
    partner = np.full((mesh.n_cells, 1), -1, dtype=np.int64)
    if mesh.dim == 1:
        return mesh.cells, partner
    cells, (c, d) = mesh.cells.copy(), _squares_to_recut(mesh)
    (a, u, v), b = cells[c].T, cells[d, 0]  # (a; u, v) and (b; v, u) share the diagonal u-v
    cells[c], cells[d] = np.stack([u, b, a], axis=1), np.stack([v, a, b], axis=1)
    partner[c, 0], partner[d, 0] = d, c
    return cells, partner


def _squares_to_recut(mesh: Mesh) -> tuple[Index, Index]:
    """Pairs of finest cells that share a long diagonal, found by the centre of their square."""
    u, v = mesh.ij[mesh.cells[:, 1]], mesh.ij[mesh.cells[:, 2]]
    wrong = mesh.is_finest & ((v - u).prod(axis=1) == -short_diagonal(mesh.basis))
    cell = np.flatnonzero(wrong)
    key = lattice_key((u + v)[cell], 2 * mesh.reach)
    order = np.argsort(key, kind="stable")
    cell, key = cell[order], key[order]
    first = np.flatnonzero(key[1:] == key[:-1])
    return cell[first], cell[first + 1]


def gradients(mesh: Mesh) -> tuple[Array, Array]:
    """Shape-function gradients and volumes of the canonical cells.

    Returns
    -------
    grad : (n_c, dim+1, dim) gradients in the plane, 1/Angstrom; grad[c, v, a] = d N_v / d x_a
    volume : (n_c,) cell volumes in lattice sites, exact multiples of 1/6 (3-D), 1/2 (2-D) or 1
        (1-D); times |det basis| it is the volume in Angstrom^dim
    """
    in_lattice, volume = p1_gradients(mesh.corners(canonical(mesh)))
    if mesh.dim == 1:
        return in_lattice / mesh.basis[0, 0], np.abs(volume)
    return in_lattice @ np.linalg.inv(mesh.basis).T, np.abs(volume)


def p1_gradients(corner: Array | Index) -> tuple[Array, Array]:
    """Gradients (n_c, v, dim) of the P1 functions of simplices, and `volumes` (n_c,).

    corner : (n_c, v, dim) their corners, in any frame: lattice coordinates or A
    """
    volume = volumes(corner)
    if corner.shape[2] == 3:
        return tetrahedra_gradients(corner), volume
    if corner.shape[2] == 1:
        return np.stack([-1.0 / volume, 1.0 / volume], axis=1)[:, :, None], volume
    opposite = np.roll(corner, -2, axis=1) - np.roll(corner, -1, axis=1)  # edge opposite a vertex
    turned = np.stack([-opposite[:, :, 1], opposite[:, :, 0]], axis=2)
    return turned / (2.0 * volume)[:, None, None], volume


def volumes(corner: Array | Index) -> Array:
    """Signed lengths, areas or volumes (n_c,) of simplices with these corners (n_c, v, dim)."""
    if corner.shape[2] == 3:
        return tetrahedra_volumes(corner)
    e = corner[:, 1] - corner[:, 0]
    if corner.shape[2] == 1:
        return np.asarray(e[:, 0], dtype=np.float64)
    f = corner[:, 2] - corner[:, 0]
    return np.asarray(0.5 * (e[:, 0] * f[:, 1] - e[:, 1] * f[:, 0]))


def quality(mesh: Mesh) -> Array:
    """4 sqrt(3) area / sum of squared edges of the canonical cells (n_c,); 1 is equilateral.

    In 1-D it is 1 everywhere; of tetrahedra it is the radius ratio, 3 r_in / r_circ.
    """
    if mesh.dim == 1:
        return np.ones(mesh.n_cells)
    p = mesh.corners(canonical(mesh)) @ mesh.basis
    if mesh.dim == 3:
        return radius_ratio(p)
    squares = ((p - np.roll(p, -1, axis=1)) ** 2).sum(axis=(1, 2))
    area = gradients(mesh)[1] * abs(np.linalg.det(mesh.basis))
    return np.asarray(4 * np.sqrt(3.0) * area / squares)


def finest_edge(plane_basis: Array) -> float:
    """Longest edge of a finest bisection cell, A: the long diagonal of the lattice cell; in space
    the longer edge of a brick."""
    if len(plane_basis) == 3:
        return float(np.linalg.norm(half_edges(plane_basis), axis=1).max() * 2.0)
    edges = np.concatenate(
        [plane_basis, [plane_basis.sum(axis=0), plane_basis[0] - plane_basis[-1]]]
    )
    return float(np.linalg.norm(edges, axis=1).max())
