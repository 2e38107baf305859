"""Homogeneous deformation gradients as they are given, checked: one, many, or one of a plane."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from qcmethod.base.arguments import as_numbers
from qcmethod.base.types import Array
from qcmethod.errors import InputError
from qcmethod.lattice.lattice import Lattice


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
