"""Fronts of finite period: a straight line in space that may bend, n bricks after which it repeats.

    x -> x + n e3,      n = 2^k or 3 2^k

The mesh is one of space and closes on itself along the line (`mesh.space`), the predictor is the
closed-form field of the straight line: kinks, bows and local emission are correctors. A wish for a
period is rounded to what the mesh can close on.
"""

from __future__ import annotations

from dataclasses import replace

from qcmethod.base.arguments import number
from qcmethod.crystal.crystal import Crystal
from qcmethod.errors import InputError
from qcmethod.lattice.bricked import columns, repeated
from qcmethod.lattice.lattice import Lattice
from qcmethod.mesh.space.core import closing

LEAST = 2.0
"""Cut-offs: in a shorter period a kink sees itself."""


def front(crystal: Crystal, period: float | None) -> Crystal:
    """The crystal that repeats along z after a period, A, rounded to what a mesh can close on.

    A crystal of columns comes back as it is. Raises InputError: no period for a crystal in space,
    one for columns, one shorter than two cut-offs; OrientationError for a line that no edge of the
    bricks follows.
    """
    lattice = crystal.lattice
    if lattice.dim < 3:
        if period is not None:
            expected = "None: columns of atoms repeat after one"
            raise InputError("period", period, expected, "a crystal with dimensions=3")
        return crystal
    least = LEAST * crystal.potential.cutoff
    expected = f"a length along the line in A of two cut-offs or more, {least:.4g}"
    if period is None:
        raise InputError("period", period, expected, "a crystal with dimensions=2")
    wish = number("period", period, expected, least=least)
    edge = repeated(lattice, 1).period
    n = closing(round(wish / edge))
    if n * edge < least:
        n = next(m for m in (closing(k) for k in range(n + 1, 4 * n + 4)) if m * edge >= least)
    return Crystal(crystal.potential, repeated(lattice, n))


def plane_of(lattice: Lattice) -> Lattice:
    """The lattice as columns along z, whose rows and columns say where a line lies."""
    return lattice if lattice.dim == 2 else columns(lattice)


def straight(crystal: Crystal) -> Crystal:
    """The same crystal for straight lines: columns of atoms along z."""
    lattice = crystal.lattice
    return crystal if lattice.dim == 2 else replace(crystal, lattice=columns(lattice))
