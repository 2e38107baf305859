r"""Cubic lattices on body-centred bricks, which carry a mesh of tetrahedra (`mesh.space`).

    x(i, j, k) = i e1 + j e2 + k (e1 + e2 + e3)/2

Of bcc the edges e are those of the cube; of fcc one of them is an edge of the cube, the others are
half the diagonals of the face that it stands on: <110>/2. Which of the cube's axes that is makes no
difference to the lattice, but to the mesh, whose planes are those of the bricks' faces and of their
diagonals: the edges follow the laboratory, so that its z axis is e3, along which a mesh can repeat
itself, and its y plane is a plane of the mesh, if that can be.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from qcmethod.base.types import Index
from qcmethod.errors import InputError, OrientationError
from qcmethod.lattice.lattice import Lattice, cubic
from qcmethod.lattice.miller import Miller, along, dot
from qcmethod.lattice.oriented import Triplet, orientation, rotation

_AXES: tuple[Miller, ...] = ((0, 1, 0), (0, 0, 1), (1, 0, 0))


def bricked(structure: str, constant: float, x: Triplet, y: Triplet, z: Triplet) -> Lattice:
    """fcc or bcc lattice for problems in space, the laboratory along the directions x, y, z.

    Raises OrientationError as `lattice.cubic`, InputError for another structure.
    """
    if structure not in ("fcc", "bcc"):
        raise InputError("structure", structure, "'fcc' or 'bcc'")
    triad = orientation(x, y, z)
    edges = [
        (e[turn % 3], e[(turn + 1) % 3], e[(turn + 2) % 3])
        for e in (_edges(structure, axis) for axis in _AXES)
        for turn in range(3)
    ]
    fits = [_fits(e, triad) for e in edges]
    e = np.array(edges[int(np.argmax(fits))], dtype=np.float64) * (0.5 * constant)
    basis = np.array([e[0], e[1], 0.5 * e.sum(axis=0)]) @ rotation(triad).T
    basis = np.where(np.abs(basis) < 1e-9 * constant, 0.0, basis)
    return Lattice(structure, constant, basis, rotation(triad), 3, 3)


def columns(lattice: Lattice) -> Lattice:
    """The same crystal in the same laboratory as columns of atoms along z (`lattice.cubic`)."""
    x, y, z = (along(axis) for axis in lattice.axes)
    return cubic(lattice.structure, lattice.constant, x, y, z)


def repeated(lattice: Lattice, repeats: int) -> Lattice:
    """A lattice in space that repeats itself along z after some edges of its bricks.

    Raises OrientationError where no edge of the bricks is along z.
    """
    third = 2.0 * lattice.basis[2] - lattice.basis[0] - lattice.basis[1]
    if np.abs(third[:2]).max() > 1e-9 * lattice.constant:
        z = along(lattice.axes[2])
        edges = "<110> or <100>" if lattice.structure == "fcc" else "<100>"
        raise OrientationError("z", z, f"a line along {edges}: a mesh can repeat along no other")
    if third[2] < 0.0:  # turned about y, a mesh is a mesh
        one, two, _ = lattice.basis
        basis = np.array([one, two, lattice.basis[2] - third])
        lattice = replace(lattice, basis=basis)
    return replace(lattice, repeats=repeats)


def in_period(ij: Index, lattice: Lattice) -> Index:
    """The sites ij (n, dim) moved by whole periods to where each site of a problem is listed once:
    up to half a period from the origin. Where nothing repeats they are as they were."""
    if not lattice.repeats:
        return ij
    n = (ij[:, 2] + lattice.repeats) // (2 * lattice.repeats)
    return np.asarray(ij - lattice.repeats * n[:, None] * np.array([-1, -1, 2]))


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
    """8 for the third edge along z; 4 or 2 for a plane of the mesh across y, a diagonal one, which
    leaves the recut whole, before a brick's face."""
    _, y, z = triad
    third = dot(edges[2], z) ** 2 == dot(edges[2], edges[2]) * dot(z, z)
    components = sorted(abs(dot(e, y)) for e in edges)
    diagonal = components[0] == 0 and components[1] == components[2]
    face = components[1] == 0
    return 8 * third + 4 * diagonal + 2 * face
