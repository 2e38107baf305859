"""Voigt's numbering of the components of a symmetric tensor.

    xx, yy, zz, yz, xz, xy -> 0 ... 5

No component carries a factor of two. Nye 1957, Physical Properties of Crystals.
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.types import Array

ROW, COLUMN = np.array([0, 1, 2, 1, 0, 0]), np.array([0, 1, 2, 2, 2, 1])
"""The component (ROW[v], COLUMN[v]) has the number v."""
NUMBER = np.array([[0, 5, 4], [5, 1, 3], [4, 3, 2]])
"""The number of the component (a, b); a constant of kernels too."""


def components(E: Array) -> Array:
    """xx yy zz yz xz xy (n, 6) of symmetric tensors E (n, 3, 3)."""
    return E[:, ROW, COLUMN]


def mandel(C: Array) -> Array:
    """(6, 6) in an orthonormal basis of symmetric tensors, from `matrix`: its spectrum is C's."""
    weight = np.sqrt([1.0, 1.0, 1.0, 2.0, 2.0, 2.0])
    return C * np.outer(weight, weight)


def matrix(C: Array) -> Array:
    """(6, 6) of C_ijkl (3, 3, 3, 3)."""
    return C[ROW[:, None], COLUMN[:, None], ROW[None], COLUMN[None]]
