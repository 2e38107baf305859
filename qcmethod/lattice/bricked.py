r"""Cubic lattices on body-centred bricks, which carry a mesh of tetrahedra (`mesh.space`).

    x(i, j, k) = i e1 + j e2 + k (e1 + e2 + e3)/2

Of bcc the edges e are those of the cube; of fcc e3 is an edge of the cube too, and e1, e2 are half
the diagonals of the face that it stands on: <110>/2. Which of the three cube's axes e3 is makes no
difference to the lattice, but to the mesh, whose planes are those of the bricks' faces and of their
diagonals: the edges follow the laboratory, so that its y plane is one of them, and its z axis is an
edge, if that can be.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from qcmethod.base.types import Array
from qcmethod.errors import InputError
from qcmethod.lattice.lattice import Lattice, cubic
from qcmethod.lattice.miller import Miller, dot
from qcmethod.lattice.oriented import Triplet, orientation, rotation

_AXES: tuple[Miller, ...] = ((0, 1, 0), (0, 0, 1), (1, 0, 0))


def bricked(structure: str, constant: float, x: Triplet, y: Triplet, z: Triplet) -> Lattice:
    """fcc or bcc lattice for problems in space, the laboratory along the directions x, y, z.

    Raises OrientationError as `lattice.cubic`, InputError for another structure.
    """
    if structure not in ("fcc", "bcc"):
        raise InputError("structure", structure, "'fcc' or 'bcc'")
    triad = orientation(x, y, z)
    edges = [_edges(structure, axis) for axis in _AXES]
    fits = [_fits(e, triad) for e in edges]
    e = np.array(edges[int(np.argmax(fits))], dtype=np.float64) * (0.5 * constant)
    basis = np.array([e[0], e[1], 0.5 * e.sum(axis=0)]) @ rotation(triad).T
    basis = np.where(np.abs(basis) < 1e-9 * constant, 0.0, basis)
    return Lattice(structure, constant, basis, rotation(triad), 3, 3)


def build(
    structure: str, x: Triplet, y: Triplet, z: Triplet, dimensions: int
) -> Callable[[float], Lattice]:
    """The lattice by its constant, A, for problems in two or three dimensions (InputError)."""
    if isinstance(dimensions, bool) or dimensions not in (2, 3):
        expected = "2 (columns of atoms along z) or 3 (every atom a site)"
        raise InputError("dimensions", dimensions, expected)
    kind = cubic if dimensions == 2 else bricked
    return lambda constant: kind(structure, constant, x, y, z)


def _edges(structure: str, axis: Miller) -> tuple[Miller, Miller, Miller]:
    """Edges of the bricks that stand on a cube's axis, in halves of the constant."""
    third = (2 * axis[0], 2 * axis[1], 2 * axis[2])
    one = (axis[2], axis[0], axis[1])
    two = (axis[1], axis[2], axis[0])
    if structure == "bcc":
        return tuple(2 * n for n in one), tuple(2 * n for n in two), third  # type: ignore[return-value]
    plus = (one[0] + two[0], one[1] + two[1], one[2] + two[2])
    minus = (two[0] - one[0], two[1] - one[1], two[2] - one[2])
    return plus, minus, third


def _fits(edges: tuple[Miller, Miller, Miller], triad: tuple[Miller, Miller, Miller]) -> int:
    """2 for an edge along z, 1 for a plane of the mesh across y (its diagonals, best, cut no octahedron)."""
    _, y, z = triad
    along = sum(1 for e in edges if dot(e, z) ** 2 == dot(e, e) * dot(z, z))
    components = sorted(abs(dot(e, y)) for e in edges)
    diagonal = components[0] == 0 and components[1] == components[2]
    face = components[1] == 0
    return 4 * along + 2 * diagonal + face
