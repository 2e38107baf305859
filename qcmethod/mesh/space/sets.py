r"""Finer, coarser and common meshes in space: operations on their sets of nodes.

    finer:  K <- closed(K + middles of the cells that are marked)        coarser:  K <- K - m
    both:   K <- K1 + K2

Sets that are closed under parents (`bricks`) are meshes, and so is their union. A node may go when
it is the one that was born last in every cell about it: then no other needs it as a parent, and all
cells about it lose the bisection that made it (Chen and Zhang 2010, J. Comput. Math. 28, 767).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from qcmethod.base.types import Index
from qcmethod.errors import MeshError
from qcmethod.mesh.bisection import refine
from qcmethod.mesh.coarsening import coarsen
from qcmethod.mesh.core import cell_mask
from qcmethod.mesh.space.bricks import halves, key_of
from qcmethod.mesh.space.core import Tetrahedra
from qcmethod.mesh.space.descent import cut_edge, middle
from qcmethod.mesh.space.nodes import Wish, closed, wanted

_NEWEST = np.array([cut_edge(level) for level in range(3)])
"""The vertex that was born with the children of a cell, by its generation modulo 3."""


@refine.register
def refined(mesh: Tetrahedra, marked_cells: ArrayLike) -> Tetrahedra:
    """The mesh with the marked cells bisected once, and what conformity asks for.

    marked_cells : mask (n_c,) or indices of cells; cells at the finest level stay as they are.
    Nodes and cells are numbered anew. Raises MeshError: marks that do not fit the mesh.
    """
    marked = cell_mask(mesh, marked_cells) & ~mesh.is_finest
    keys = [mesh.keys]
    for level in np.unique(mesh.level[marked]):
        X = halves(mesh.corners(mesh.cells[marked & (mesh.level == level)]))
        keys.append(key_of(mesh.grid.wrapped(middle(X, int(level)))))
    return _of(mesh, np.concatenate(keys)) if len(keys) > 1 else mesh


@coarsen.register
def coarsened(mesh: Tetrahedra, marked_cells: ArrayLike) -> Tetrahedra:
    """The mesh without the last bisection wherever all cells around its middle are marked.

    marked_cells : mask (n_c,) or indices of cells; macro cells stay as they are. One generation
    goes at a call. Raises MeshError: marks that do not fit the mesh.
    """
    marked = cell_mask(mesh, marked_cells) & (mesh.level > 0)
    newest = mesh.cells[np.arange(mesh.n_cells), _NEWEST[(mesh.level - 1) % 3]]
    around = np.bincount(mesh.cells.ravel(), minlength=mesh.n_nodes)
    gone = (around == np.bincount(newest[marked], minlength=mesh.n_nodes)) & (around > 0)
    return _of(mesh, mesh.keys[~gone]) if gone.any() else mesh


def united(mesh: Tetrahedra, other: Tetrahedra) -> Tetrahedra:
    """The coarsest mesh that is a refinement of both; MeshError: of different macro cells."""
    if not (mesh.grid == other.grid and np.allclose(mesh.basis, other.basis, rtol=1e-12, atol=0.0)):
        given = f"macro cubes {other.grid}"
        raise MeshError("other", given, f"a mesh of the same lattice and cubes, {mesh.grid}")
    return _of(mesh, np.concatenate([mesh.keys, other.keys]))


def refined_to(mesh: Tetrahedra, wish: Wish, max_nodes: float = 5e6) -> Tetrahedra:
    """The mesh with no cell longer than wished (`nodes.Wish`); coarser than that is never an error.

    Raises MeshError: more than `max_nodes` nodes.
    """
    return _of(mesh, np.concatenate([mesh.keys, wanted(mesh.grid, mesh.half, wish, max_nodes)]))


def _of(mesh: Tetrahedra, keys: Index) -> Tetrahedra:
    """The mesh of some nodes and their parents in the same macro cells."""
    return Tetrahedra.of(closed(np.unique(keys), mesh.grid), mesh.basis, mesh.grid)
