"""The mesh of tetrahedra, a value like the meshes of a plane (`mesh.core`)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from qcmethod.base.stored import stored
from qcmethod.base.types import Array, Bools, Index
from qcmethod.errors import MeshError
from qcmethod.mesh.core import Mesh
from qcmethod.mesh.space.bricks import half_edges, halves, key_of, point_of, sites_at
from qcmethod.mesh.space.descent import depth_of
from qcmethod.mesh.space.grid import Grid
from qcmethod.mesh.space.nodes import Wish, cells_of, closed, wanted

MAX_REACH = 1 << 19
"""Numbers of cells and keys of nodes are exact up to this many halves of a brick's edge."""
MAX_CUBES = 40_000
"""More macro cubes are no coarse mesh: two million cells."""


@stored
@dataclass(frozen=True, eq=False)
class Tetrahedra(Mesh):
    """Tetrahedra on the bricks of a lattice: the cells of a set of nodes closed under parents.

    ij are coordinates along two edges of a brick and to its centre; `step` is half the edge of a
    macro cube, in halves of the bricks' edges. The other fields are those of `Mesh`.

    Attributes
    ----------
    span : (3,) macro cubes along each edge of the bricks
    repeats : bricks along the third edge after which the mesh repeats, 0: it does not
    end : (3,) matter ends at the plane ij . end = 0, which canonical cells do not cross
        (`space.surface`); None: it does not end
    """

    span: Index
    repeats: int
    end: tuple[int, int, int] | None = None

    @classmethod
    def of(cls, keys: Index, basis: Array, grid: Grid) -> Tetrahedra:
        """The mesh of a closed set of nodes: sorted keys (n_k,) of `bricks`."""
        X, first, level = cells_of(keys, grid)
        return cls(
            ij=sites_at(point_of(keys)),
            cells=np.searchsorted(keys, key_of(grid.wrapped(X))).astype(np.int64),
            basis=basis,
            lower_of=np.full(len(keys), -1, dtype=np.int64),
            first=first,
            level=level,
            step=grid.reach,
            macro=sites_at(grid.macro),
            span=np.array(grid.span),
            repeats=grid.reach * grid.span[2] if grid.periodic else 0,
        )

    @cached_property
    def grid(self) -> Grid:
        """The macro cubes."""
        return Grid(self.step, tuple(self.span.tolist()), self.repeats > 0)

    @property
    def half(self) -> Array:
        """(3, 3) rows: halves of the bricks' edges, A."""
        return half_edges(self.basis)

    @property
    def depth(self) -> int:
        """Generation of the finest cells."""
        return depth_of(self.step)

    @property
    def is_finest(self) -> Bools:
        """(n_c,) true where a cell is a quarter of the octahedron about a face of one brick."""
        return np.asarray(self.level == self.depth)

    @property
    def n_sites(self) -> float:
        """Volume of the domain in lattice sites."""
        return 2.0 * float(self.step) ** 3 * float(np.prod(self.span))

    @property
    def keys(self) -> Index:
        """Sorted keys (n_k,) of the nodes."""
        return key_of(halves(self.ij))

    def corners(self, cells: Index) -> Index:
        """Lattice coordinates (n, 4, 3) of the vertices of cells (n, 4), next to each other across
        the end of a period."""
        ij = self.ij[cells]
        if not self.repeats:
            return ij
        h = halves(ij)
        period = 2 * self.repeats
        apart = h[:, :, 2] - h[:, :1, 2]
        h[:, :, 2] -= period * np.round(apart / period).astype(np.int64)
        return sites_at(h)

    def beside(self, points: NDArray[np.number], corners: Index) -> NDArray[np.number]:
        """Points (n, 3) shifted by periods next to the first of corners (n, 4, 3) of each."""
        if not self.repeats:
            return points
        periods = np.round((points[:, 2] - corners[:, 0, 2]) / (2 * self.repeats))
        shift = periods.astype(points.dtype)[:, None] * np.array(self.repeat, dtype=points.dtype)
        return np.asarray(points - shift)

    @property
    def repeat(self) -> Index:
        """(3,) lattice coordinates of one period."""
        return sites_at(np.array([0, 0, 2 * self.repeats]))


def graded_in_space(
    basis: Array, extent: float, wish: Wish, repeats: int = 0, max_nodes: float = 5e6
) -> Tetrahedra:
    """Mesh of a cube that holds the ball |x| < extent, A, with cells no longer than wished.

    basis : (3, 3) rows are lattice vectors along two edges of a brick and to its centre, A
    wish : see `nodes.Wish`
    repeats : bricks after which the mesh repeats along the third edge, which is the z axis (default
        0: it does not); then it holds the cylinder of that radius. See `closing`.

    Raises MeshError: an extent beyond 2^19 halves of a brick, or of too many macro cubes of a
    periodic mesh, repeats that it can not close on, more than `max_nodes` nodes.
    """
    half = half_edges(basis)
    dual = np.asarray(np.linalg.inv(half), dtype=np.float64)
    if repeats:
        grid = _plate(dual, extent, repeats)
    else:
        need = extent * _halves_a_length(half)
        reach = 1 << max(2, int(np.ceil(np.log2(need * (1.0 - 1e-12)))))
        if reach > MAX_REACH:
            most = f"at most {longest_extent(basis):.4g} A"
            raise MeshError("extent", extent, most, "a smaller extent")
        grid = Grid(reach)
    keys = closed(wanted(grid, half, wish, max_nodes), grid)
    return Tetrahedra.of(keys, basis, grid)


def longest_extent(basis: Array) -> float:
    """Radius, A, of the largest ball that a cube of cells can hold."""
    return MAX_REACH / _halves_a_length(half_edges(basis))


def _halves_a_length(half: Array) -> float:
    """Most halves of bricks' edges along any direction, 1/A."""
    return float(np.linalg.norm(np.linalg.inv(half), axis=0).max())


def closing(repeats: int) -> int:
    """The number of bricks nearest to a wish after which a mesh can close on itself: 2 or 3 cubes
    of 2^k bricks, so that no cell is half as long as the period."""
    found = [cubes << k for k in range(2, 12) for cubes in (2, 3)]
    return min(found, key=lambda n: (abs(n - repeats), n))


def _plate(dual: Array, extent: float, repeats: int) -> Grid:
    if closing(repeats) != repeats:
        raise MeshError(
            "repeats", repeats, "2 or 3 times a power of two from 4 on", f"{closing(repeats)}"
        )
    reach = repeats & -repeats
    cubes = repeats // reach
    if cubes == 1:
        reach, cubes = reach // 2, 2
    need = extent * np.linalg.norm(dual[:, :2], axis=0) / reach
    across = [2 * int(np.ceil(0.5 * (n - 1.0) - 1e-9)) + 1 for n in need]
    if across[0] * across[1] * cubes > MAX_CUBES:
        found = across[0] * across[1] * cubes
        expected = f"at most {MAX_CUBES} cubes of {reach} bricks, not {found}"
        raise MeshError("extent", extent, expected, "a smaller extent, more repeats")
    return Grid(reach, (max(across[0], 1), max(across[1], 1), cubes), periodic=True)
