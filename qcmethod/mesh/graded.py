r"""Graded meshes: every cell is refined until its longest edge is at most size(x).

The size is sampled at the vertices, edge midpoints and centroid of each cell. No point of a cell is
further than 0.29 of its longest edge h from a sample, so an accepted cell with a hidden site x has
h <= size(x) + 0.29 L h, L the Lipschitz constant of the size function. Hence every lattice site
with size <= 0 becomes a node if L < 3.4, and every one with size <= the shortest lattice vector
(an unrefined h is at least twice that) if L < 1.7. The P1 grading h = a (r/R)^(3/2) qualifies near
its core. A discontinuous size, or a core that no sample would meet, is made safe by `seeds`: points
whose cell is always tested there. The origin is a macro vertex and needs none.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from qcmethod.base.types import Array, Index
from qcmethod.errors import MeshError
from qcmethod.mesh.bisection import bisected
from qcmethod.mesh.core import EDGES, Mesh, require_unsplit
from qcmethod.mesh.descent import finest_cell
from qcmethod.mesh.macro import macro_mesh

SizeFunction = Callable[[Array], Array]


def graded(
    basis: ArrayLike,
    extent: float,
    size: SizeFunction,
    seeds: ArrayLike | None = None,
    divisions: int = 1,
    max_nodes: int = 5_000_000,
) -> Mesh:
    """Mesh of a disc about the origin with cells no longer than `size`, or at the finest level.

    Parameters
    ----------
    basis : (dim, dim) rows are lattice vectors in the plane, Angstrom
    extent : radius that the domain covers, Angstrom
    size : maps (n, dim) positions in Angstrom to (n,) edge lengths in Angstrom; 0 or less means
        fully resolved, inf means no wish
    seeds : (m, dim) positions in Angstrom where the size is tested as well
    divisions : see `macro_mesh`
    max_nodes : refuse to go beyond

    Raises
    ------
    MeshError : bad basis or extent, size of the wrong shape or nan, seeds outside the domain,
        more than `max_nodes` nodes.
    """
    return refine_to_size(macro_mesh(basis, extent, divisions), size, seeds, max_nodes)


def refine_to_size(
    mesh: Mesh, size: SizeFunction, seeds: ArrayLike | None = None, max_nodes: int = 5_000_000
) -> Mesh:
    """Refine an existing mesh as `graded` does; coarser than `size` is never an error."""
    require_unsplit(mesh)
    at, wish = _seeds(mesh, size, seeds)
    coarse = np.ones(mesh.n_cells, dtype=bool)  # cells whose size has not been accepted yet
    while True:
        target = np.full(mesh.n_cells, np.inf)
        longest = _longest_edge(mesh)
        test = np.flatnonzero(coarse & ~mesh.is_finest)
        target[test] = _sampled(mesh, test, size)
        np.minimum.at(target, np.searchsorted(mesh.first, at, side="right") - 1, wish)
        marked = (longest > target) & ~mesh.is_finest
        if not marked.any():
            return mesh
        mesh, coarse = bisected(mesh, marked)
        if mesh.n_nodes > max_nodes:
            raise MeshError(
                "size",
                f"a mesh of more than {max_nodes} nodes",
                "a size function that grows away from the core",
                "a steeper grading, a smaller extent, or a larger max_nodes",
            )


def _longest_edge(mesh: Mesh) -> Array:
    x = mesh.x[mesh.cells]
    lengths = [np.linalg.norm(x[:, a] - x[:, b], axis=1) for a, b in EDGES[mesh.dim]]
    return np.asarray(np.max(lengths, axis=0))


def _sampled(mesh: Mesh, cell: Index, size: SizeFunction) -> Array:
    """Smallest size over vertices, edge midpoints and centroid of the given cells."""
    x = mesh.x[mesh.cells[cell]]
    middle = [0.5 * (x[:, a] + x[:, b]) for a, b in EDGES[mesh.dim]]
    samples = [*np.moveaxis(x, 1, 0), *middle, x.mean(axis=1)]
    sizes = _call(size, np.concatenate(samples)).reshape(len(samples), -1)
    return np.asarray(sizes.min(axis=0))


def _seeds(mesh: Mesh, size: SizeFunction, seeds: ArrayLike | None) -> tuple[Index, Array]:
    if seeds is None:
        return np.zeros(0, dtype=np.int64), np.zeros(0)
    x = np.atleast_2d(np.asarray(seeds, dtype=float))
    if x.shape[1] != mesh.dim or not np.isfinite(x).all():
        raise MeshError("seeds", f"shape {x.shape}", f"finite positions of shape (m, {mesh.dim})")
    return finest_cell(mesh, x @ np.linalg.inv(mesh.basis)), _call(size, x)


def _call(size: SizeFunction, x: Array) -> Array:
    h = np.asarray(size(x), dtype=float)
    if h.shape != (len(x),) or np.isnan(h).any():
        raise MeshError(
            "size", f"shape {h.shape}, {int(np.isnan(h).sum())} nan", f"({len(x)},) without nan"
        )
    return h
