"""A lattice under homogeneous gradients: F checked, the neighbours that F brings into range.

A shell of radius cutoff / min(1, smallest stretch of F) holds every bond of the deformed lattice.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from qcmethod.base.arguments import as_numbers
from qcmethod.base.types import Array
from qcmethod.crystal import cauchy_born
from qcmethod.errors import InputError
from qcmethod.lattice.lattice import Lattice
from qcmethod.potentials.range import check


class Deformed(NamedTuple):
    """W (n,) and P (n, 3, 3) in eV per site, density (n,), and the shell (m, 3) in A."""

    W: Array
    P: Array
    density: Array
    shell: Array


def in_space(F: Array) -> Array:
    """A plane gradient (2, 2) completed with F_zz = 1 to (3, 3)."""
    return np.block([[F, np.zeros((2, 1))], [np.zeros((1, 2)), np.eye(1)]])


def one_gradient(F: ArrayLike, lattice: Lattice) -> Array:
    """F as (1, 3, 3); InputError unless it is a finite (3, 3), or (2, 2) of a plane crystal."""
    expected = "a finite (3, 3) deformation gradient"
    F_q = as_numbers("F", F, expected)
    if F_q.shape == (2, 2) and lattice.n_components == 2:
        F_q = in_space(F_q)
    if F_q.shape != (3, 3) or not np.isfinite(F_q).all():
        raise InputError("F", F, expected)
    return F_q[None]


def many_gradients(F_q: ArrayLike) -> Array:
    """F_q as (n, 3, 3), contiguous; InputError unless it is finite and of that shape."""
    expected = "finite deformation gradients (n, 3, 3)"
    array = np.ascontiguousarray(as_numbers("F_q", F_q, expected))
    if array.ndim != 3 or array.shape[1:] != (3, 3) or not np.isfinite(array).all():
        given = f"array of shape {array.shape}"
        raise InputError("F_q", given, expected, "F[None] for one")
    return array


def evaluate(p: Any, lattice: Lattice, F_q: Array) -> Deformed:
    """Energy, stress and density at F_q (n, 3, 3). Raises InvertedCellError, OffTableError."""
    radius = cauchy_born.covering_radius(p.cutoff, F_q)
    shell = lattice.shell(radius)
    W, P, density, shortest = cauchy_born.energy_stress(p, F_q, shell)
    check(p, radius, F_q, density, shortest)
    return Deformed(W, P, density, shell)
