"""The fourth-rank stiffness: sigma_ij = C_ijkl eps_kl.

    cubic     C_ijkl = C12 d_ij d_kl + C44 (d_ik d_jl + d_il d_jk) + (C11 - C12 - 2 C44) d_ijkl
    rotation  C'_ijkl = R_ia R_jb R_kc R_ld C_abcd,   rows of R = x, y, z in crystal axes
    Voigt     11, 22, 33, 23, 13, 12 -> 1 ... 6

Nye 1957, Physical Properties of Crystals. The helpers are linear in C: any unit of pressure goes
through unchanged (the package works in eV/A^3).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from qcmethod.base.types import Array
from qcmethod.base.voigt import NUMBER, mandel, matrix
from qcmethod.errors import InputError


def cubic_stiffness(C11: float, C12: float, C44: float) -> Array:
    """C_ijkl (3, 3, 3, 3) of a cubic crystal in its cubic axes, unit as given."""
    if not np.all(np.isfinite([C11, C12, C44])):
        raise InputError("C11, C12, C44", (C11, C12, C44), "three finite moduli")
    voigt = np.diag([C11 - C12] * 3 + [C44] * 3).astype(float)
    voigt[:3, :3] += C12
    return stiffness_from_voigt(voigt)


def stiffness_from_voigt(C: ArrayLike) -> Array:
    """C_ijkl (3, 3, 3, 3) from the symmetric Voigt matrix (6, 6); InputError on another shape."""
    voigt = np.asarray(C, dtype=float)
    if voigt.shape != (6, 6):
        raise InputError("C", voigt.shape, "a Voigt matrix of shape (6, 6)")
    _require_close("C", voigt, voigt.T, "a symmetric Voigt matrix")
    return voigt[NUMBER[:, :, None, None], NUMBER[None, None, :, :]]


def stiffness_to_voigt(C: ArrayLike) -> Array:
    """Voigt matrix (6, 6) of C_ijkl (3, 3, 3, 3); InputError without minor and major symmetry."""
    return matrix(checked_stiffness(C))


def stiffness_to_mandel(C: Array) -> Array:
    """The (6, 6) matrix in an orthonormal basis of symmetric tensors: its spectrum is that of C."""
    return mandel(stiffness_to_voigt(C))


def rotate_stiffness(C: ArrayLike, rotation: ArrayLike) -> Array:
    """C_ijkl in the laboratory frame.

    Parameters
    ----------
    C : (3, 3, 3, 3) in crystal axes
    rotation : (3, 3), rows = unit vectors x, y, z of the laboratory frame in crystal axes

    Raises
    ------
    InputError : rows not orthonormal or not right-handed, or C without the elastic symmetries
    """
    R = np.asarray(rotation, dtype=float)
    if R.shape != (3, 3):
        raise InputError("rotation", R.shape, "shape (3, 3)")
    if not np.allclose(R @ R.T, np.eye(3), atol=1e-10):
        raise InputError(
            "rotation", R.tolist(), "orthonormal rows", "normalise the Miller triplets"
        )
    if np.linalg.det(R) < 0.0:
        raise InputError("rotation", R.tolist(), "a right-handed frame", "reverse one row")
    return np.einsum("ia,jb,kc,ld,abcd->ijkl", R, R, R, R, checked_stiffness(C), optimize="optimal")


def checked_stiffness(C: ArrayLike) -> Array:
    """C as (3, 3, 3, 3) doubles with C_ijkl = C_jikl = C_klij, or InputError."""
    C = np.asarray(C, dtype=float)
    if C.shape != (3, 3, 3, 3):
        raise InputError("C", C.shape, "C_ijkl of shape (3, 3, 3, 3)", "stiffness_from_voigt")
    _require_close("C", C, C.transpose(1, 0, 2, 3), "C_ijkl = C_jikl")
    _require_close("C", C, C.transpose(2, 3, 0, 1), "C_ijkl = C_klij")
    return C


def _require_close(argument: str, given: Array, mirror: Array, expected: str) -> None:
    if not np.all(np.isfinite(given)):
        raise InputError(argument, "nan or inf", "finite moduli")
    error = float(np.abs(given - mirror).max())
    # Moduli from finite differences of a potential are symmetric to a few digits only.
    if error > 1e-6 * float(np.abs(given).max()):
        raise InputError(argument, f"an asymmetry of {error:.3g}", expected, "symmetrise it")
