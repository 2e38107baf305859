r"""The macro mesh: squares of 2^k lattice steps around the origin, each cut along one diagonal.

A disc of real radius R reaches |i_a| <= R |b^a| in integer coordinates, b^a the reciprocal vectors
(columns of B^-1). All diagonals are refinement edges shared by both triangles of a square, so the
start is compatible and the closure of every later refinement is finite (Mitchell 1989).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from qcmethod.base.arguments import is_number
from qcmethod.base.types import Array, Index
from qcmethod.errors import MeshError
from qcmethod.mesh.core import Mesh

#: int64 keys of nodes and of cell centres stay exact below this reach (lattice steps)
MAX_REACH = 2**28
#: more squares than MAX_DIVISIONS^2 in a quadrant are no coarse mesh
MAX_DIVISIONS = 512


def macro_mesh(basis: ArrayLike, extent: float, divisions: int = 1) -> Mesh:
    """Coarsest mesh that covers a disc (an interval in 1-D) about the origin.

    Parameters
    ----------
    basis : (dim, dim) rows are lattice vectors in the plane, Angstrom
    extent : radius to cover, Angstrom
    divisions : macro squares between the origin and the edge. 1: the 2 x 2 squares [-2^k, 2^k]^2,
        k the smallest that covers the disc (up to twice too far). Larger: the domain follows the
        disc more closely. Macro cells outside the disc are left out (at 1 too: where a short
        diagonal cuts off corners, the domain is a hexagon).

    Raises
    ------
    MeshError : singular basis, extent not positive or beyond 2^28 steps, divisions below 1 or above
        512.
    """
    b = _checked_basis(basis)
    if not (np.isfinite(extent) and extent > 0):
        raise MeshError("extent", extent, "a positive length in Angstrom")
    if not (is_number(divisions) and divisions in range(1, MAX_DIVISIONS + 1)):
        raise MeshError("divisions", divisions, f"an integer of at least 1, up to {MAX_DIVISIONS}")
    need = extent * np.linalg.norm(np.linalg.inv(b), axis=0)  # largest |i_a| on the disc
    if need.max() > MAX_REACH:
        raise MeshError(
            "extent", extent, f"at most {MAX_REACH} lattice steps, not {need.max():.3g}"
        )
    # the slack keeps a disc that touches a macro line from doubling the domain by rounding
    step = 1 << max(0, int(np.ceil(np.log2(need.max() * (1 - 1e-12) / divisions))))
    half = np.maximum(1, np.ceil(need * (1 - 1e-12) / step)).astype(np.int64)
    macro = _intervals(half) if len(b) == 1 else _triangles(half, b)
    if np.linalg.det(b) < 0:  # keep cells positive in the plane; the refinement edge is symmetric
        macro = macro[:, [1, 0]] if len(b) == 1 else macro[:, [0, 2, 1]]
    macro = macro * step
    if len(b) == 2:
        macro = macro[_distance_to_origin(macro @ b) <= extent]
    ij, cells = np.unique(macro.reshape(-1, len(b)), axis=0, return_inverse=True)
    depth = len(b) * (step.bit_length() - 1)
    return Mesh(
        ij=ij,
        cells=cells.reshape(macro.shape[:2]).astype(np.int64),
        basis=b,
        lower_of=np.full(len(ij), -1, dtype=np.int64),
        first=np.arange(len(macro), dtype=np.int64) << depth,
        level=np.zeros(len(macro), dtype=np.int64),
        step=step,
        macro=macro,
    )


def short_diagonal(basis: Array) -> int:
    """+1 when a1 + a2 is the shorter diagonal of the unit cell (and on a tie), -1 when a1 - a2."""
    a1, a2 = basis
    return -1 if a1 @ a2 > 1e-9 * np.linalg.norm(a1) * np.linalg.norm(a2) else 1


def _checked_basis(basis: ArrayLike) -> Array:
    b = np.array(basis, dtype=float)
    if b.shape not in ((1, 1), (2, 2)):
        raise MeshError("basis", f"shape {b.shape}", "shape (1, 1) or (2, 2)")
    size = np.prod(np.linalg.norm(b, axis=1))
    if not np.isfinite(b).all() or abs(np.linalg.det(b)) <= 1e-6 * size or size == 0:
        raise MeshError("basis", b.tolist(), "linearly independent rows", "a reduced lattice basis")
    return b


def _intervals(half: Index) -> Index:
    left = np.arange(-half[0], half[0])
    return np.stack([left, left + 1], axis=1)[:, :, None]


def _triangles(half: Index, basis: Array) -> Index:
    """Two triangles a unit square, (corner; diagonal), anticlockwise in integer coordinates."""
    i, j = np.meshgrid(np.arange(-half[0], half[0]), np.arange(-half[1], half[1]), indexing="ij")
    corner = np.stack([i.ravel(), j.ravel()], axis=1)[:, None, None, :]
    if short_diagonal(basis) > 0:
        pair = [[[1, 0], [1, 1], [0, 0]], [[0, 1], [0, 0], [1, 1]]]
    else:
        pair = [[[0, 0], [1, 0], [0, 1]], [[1, 1], [0, 1], [1, 0]]]
    return (corner + np.array(pair, dtype=np.int64)).reshape(-1, 3, 2)


def _distance_to_origin(x: Array) -> Array:
    """Distance of the triangles (n, 3, 2) from the origin, which is inside none of them."""
    a, b = x, np.roll(x, -1, axis=1)
    t = np.clip(-np.sum(a * (b - a), axis=2) / np.sum((b - a) ** 2, axis=2), 0, 1)
    nearest = a + t[:, :, None] * (b - a)
    return np.asarray(np.linalg.norm(nearest, axis=2).min(axis=1))
