"""A crystal turned so that y is normal to a fault plane and x the direction of slip.

Miller indices are in crystal axes; z = x cross y. Nothing is rounded: what is no lattice plane or
no direction in it is refused by name.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from qcmethod.crystal.crystal import Crystal, require_cubic
from qcmethod.errors import InputError, OrientationError
from qcmethod.lattice.lattice import cubic
from qcmethod.lattice.miller import Miller, cross, dot, lowest, miller

USUAL: dict[str, tuple[Miller, Miller]] = {
    "fcc": ((1, 1, 1), (1, 1, -2)),
    "bcc": ((1, -1, 0), (1, 1, 1)),
}
"""Plane and direction of a structure where none are given."""


def turned(
    crystal: Crystal, plane: ArrayLike | None, direction: ArrayLike | None
) -> tuple[Crystal, Miller, Miller]:
    """The crystal with x along `direction` and y normal to `plane`, and both in lowest terms.

    Raises InputError (not cubic, one of the two missing) and OrientationError (no Miller indices, a
    direction that does not lie in the plane, indices too large).
    """
    lattice = require_cubic(crystal).lattice
    if (plane is None) != (direction is None):
        raise InputError("plane, direction", (plane, direction), "both of them, or none")
    usual = USUAL[lattice.structure]
    y = miller("plane", usual[0] if plane is None else plane)
    x = miller("direction", usual[1] if direction is None else direction)
    if dot(x, y) != 0:
        hint = f"h u + k v + l w is {dot(x, y)}, 0 for a direction in the plane"
        raise OrientationError("direction", x, f"a direction in the plane {y}", hint)
    z = lowest(cross(x, y))
    frame = cubic(lattice.structure, lattice.constant, x, y, z)
    return Crystal(crystal.potential, frame), y, x


def repeat(structure: str, direction: Miller) -> float:
    """Shortest lattice vector along a direction in lowest terms, in lattice constants."""
    odd = [n % 2 for n in direction]
    half = sum(odd) % 2 == 0 if structure == "fcc" else len(set(odd)) == 1
    return float(np.linalg.norm(direction)) * (0.5 if half else 1.0)


def is_fault_vector(plane: Miller, direction: Miller) -> bool:
    """Whether a/6 of a <112> takes the crystal above an fcc {111} into a stacking fault.

    It does where an atom of that plane then sits over the third kind of hollow; the opposite
    displacement puts it on top of an atom. So a/6 d + a/3 p must be a lattice vector.
    """
    kinds = sorted(map(abs, plane)), sorted(map(abs, direction))
    if kinds != ([1, 1, 1], [1, 1, 2]) or dot(plane, direction) != 0:
        return False
    return all((d + 2 * p) % 3 == 0 for d, p in zip(direction, plane, strict=True))


def name(plane: Miller, direction: Miller) -> str:
    """E.g. `(1 1 1)[1 1 -2]`."""
    return "({} {} {})[{} {} {}]".format(*plane, *direction)
