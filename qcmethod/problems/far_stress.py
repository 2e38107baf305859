"""The homogeneous gradient under which a crystal carries a given Cauchy stress.

    sigma(F) = sigma(1) + tau,     F = [[1 + a, b, 0], [0, 1 + c, 0], [d, e, 1 + f]]

In all of space the six components can be had. The period along a line is that of the crystal,
F e_z = e_z, f = 0: five of them, and sigma_zz follows (elasticity under a plane constraint). The
plane y keeps its normal, F_yx = 0, which leaves no rotation free. Newton's method with the
potential's own law:

    d sigma = A : dF F^T / J + P dF^T / J - sigma tr(F^-1 dF),      P = J sigma F^-T

sigma(1) is what the lattice constant brings, 0 in a relaxed crystal. (Hirth and Lothe 1982, ch. 3,
for what a stress does to a line; Groger and Vitek 2008, for why it must be the one that is meant.)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from qcmethod.base.arguments import as_numbers
from qcmethod.base.types import Array, Index
from qcmethod.base.voigt import NUMBER, components
from qcmethod.crystal.crystal import Crystal
from qcmethod.errors import InputError, InvertedCellError, OffTableError, UnstableCrystalError

EXPECTED = (
    "a symmetric Cauchy stress in eV/A^3, (6,) xx yy zz yz xz xy or (3, 3), in the axes x, y, z of "
    "the problem"
)
FREE = np.array([[0, 0], [0, 1], [1, 1], [2, 0], [2, 1], [2, 2]])
"""Components of F that are looked for: a, b, c, d, e, in space f."""
MET = np.array([0, 1, 3, 4, 5, 2])
"""Components of sigma that are met, in Voigt's order: in space zz as well."""
STEP, ENOUGH, MOST = 0.02, 1e-14, 60
"""Longest step; the stress that is left, eV/A^3; iterations."""


def checked_stress(stress: ArrayLike | None, in_space: bool = False) -> Array:
    """A stress (3, 3), eV/A^3; None: 0.

    Raises InputError for what is none, and, but in space, for a stress along the period, which
    nobody can choose.
    """
    if stress is None:
        return np.zeros((3, 3))
    given = as_numbers("stress", stress, EXPECTED)
    if given.shape == (6,):
        given = given[NUMBER]
    if given.shape != (3, 3) or not np.isfinite(given).all() or (given != given.T).any():
        raise InputError("stress", stress, EXPECTED, "100 * qcmethod.units.MPA is 100 MPa")
    if given[2, 2] != 0.0 and not in_space:
        expected = "0 for zz: the period along z is the crystal's, and its stress follows from it"
        raise InputError("stress", stress, expected, "a crystal with another lattice constant a=")
    return given


def strained(crystal: Crystal, stress: Array) -> Array | None:
    """F (3, 3) that adds a stress (3, 3), eV/A^3, zz aside unless in space; None where no stable
    crystal bears it.

    No stress leaves F = 1.
    """
    F, n = np.eye(3), 6 if crystal.lattice.is_space else 5
    met, free = MET[:n], FREE[:n]
    try:
        start = _cauchy(crystal, F)
        for _ in range(MOST):
            miss = components((start + stress - _cauchy(crystal, F))[None])[0][met]
            if np.abs(miss).max() < ENOUGH or not stress.any():
                crystal.require_stable(F)
                return F
            step = np.linalg.solve(_slope(crystal, F, free)[met], miss)
            F[free[:, 0], free[:, 1]] += step * min(1.0, STEP / np.abs(step).max())
    except (UnstableCrystalError, InvertedCellError, OffTableError, np.linalg.LinAlgError):
        return None
    return None


def _cauchy(crystal: Crystal, F: Array) -> Array:
    return np.asarray(crystal.stress(F) @ F.T / np.linalg.det(F))


def _slope(crystal: Crystal, F: Array, free: Index) -> Array:
    """d sigma (6, n) over what is looked for, components (n, 2) of F."""
    J, A, P, inverse = np.linalg.det(F), crystal.tangent(F), crystal.stress(F), np.linalg.inv(F)
    sigma, columns = P @ F.T / J, []
    for a, i in free:
        d_sigma = A[:, :, a, i] @ F.T / J - sigma * inverse[i, a]
        d_sigma[:, a] += P[:, i] / J
        columns.append(components(d_sigma[None])[0])
    return np.stack(columns, axis=1)
