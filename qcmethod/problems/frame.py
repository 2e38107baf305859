"""Where a dislocation lies: its Burgers vector, glide plane and line as a turned crystal.

    x = plane x line,   y = plane normal,   z = line;      b in the plane, a lattice vector

Miller indices are whole numbers; nothing is rounded, and what does not fit is refused by name.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from qcmethod.base.arguments import as_numbers
from qcmethod.base.types import Array
from qcmethod.crystal.crystal import Crystal, require_cubic
from qcmethod.errors import InputError, OrientationError
from qcmethod.lattice.bricked import bricked
from qcmethod.lattice.lattice import cubic
from qcmethod.lattice.miller import cross, dot, lowest, miller
from qcmethod.lattice.oriented import Triplet

ASIDE = 1e-4
"""Columns by which a line is moved off a point where the predictor is singular for a cell."""


def oriented(
    crystal: Crystal, burgers: ArrayLike, plane: Triplet | None, line: Triplet | None
) -> tuple[Crystal, Array]:
    """The crystal with y along the plane normal and z along the line; b (3,) in that frame, A."""
    lattice = require_cubic(crystal).lattice
    if (plane is None) != (line is None):
        raise InputError("plane, line", (plane, line), "both of them, or none")
    if plane is not None and line is not None:
        y, z = miller("plane", plane), miller("line", line)
        if dot(y, z):
            expected = "a line in the plane: h u + k v + l w = 0"
            hint = "plane=(1, 1, 1), line=(1, -1, 0)"
            raise OrientationError("plane, line", (y, z), expected, hint)
        kind = cubic if lattice.dim == 2 else bricked
        turned = kind(lattice.structure, lattice.constant, lowest(cross(y, z)), y, z)
        crystal = Crystal(crystal.potential, turned)
    return crystal, _burgers(crystal, burgers)


def _burgers(crystal: Crystal, burgers: ArrayLike) -> Array:
    """b in the laboratory frame, A; a lattice vector of the glide plane (InputError)."""
    expected = "three numbers in lattice constants, not all 0"
    b = as_numbers("burgers", burgers, expected)
    hint = "half of <110> in fcc, e.g. (0.5, -0.5, 0); half of <111> in bcc"
    if b.shape != (3,) or not np.isfinite(b).all() or not b.any():
        raise InputError("burgers", burgers, expected, hint)
    laboratory = crystal.lattice.axes @ b * crystal.lattice.constant
    steps = np.linalg.solve(crystal.lattice.basis.T, laboratory)
    if np.abs(steps - np.round(steps)).max() > 1e-6:
        raise InputError("burgers", burgers, "a lattice vector: partials form by themselves", hint)
    if abs(laboratory[1]) > 1e-9 * crystal.lattice.constant:
        expected = "a vector of the glide plane (a line with b out of it cannot glide)"
        raise InputError("burgers", burgers, expected, "another plane=")
    return np.where(np.abs(laboratory) < 1e-9, 0.0, laboratory)


def off_cells(at: Array, crystal: Crystal) -> Array:
    """A place (2,) in columns and rows from a site; amid three columns it is moved by `ASIDE`
    columns: cells are evaluated there."""
    basis = crystal.lattice.plane_basis
    thirds = 3.0 * np.array([at[0] * basis[0, 0], at[1] * basis[1, 1]]) @ np.linalg.inv(basis)
    amid = np.abs(thirds - np.round(thirds)).max() < 1e-6
    return at + np.array([ASIDE, 0.0]) if amid else at.copy()
