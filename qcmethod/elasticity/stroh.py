"""The Stroh sextic formalism for fields that do not depend on z.

With Q_ik = C_i1k1, R_ik = C_i1k2, T_ik = C_i2k2 (T is `T22` below) the equilibrium of
u = a f(x + p y) with the stress function phi = b f(x + p y), sigma_i1 = -phi_i,2 and
sigma_i2 = phi_i,1, is the real 6 x 6 eigenvalue problem

    N (a, b) = p (a, b),   N = [[-T^-1 R^t, T^-1], [R T^-1 R^t - Q, -T^-1 R]]

whose roots are three conjugate pairs (Stroh 1958, Phil. Mag. 3, 625; Ting 1996, Anisotropic
Elasticity, ch. 5). For an isotropic medium p = i three times and one eigenvector is missing, and
near it the eigenvectors are almost parallel. We therefore do not use eigenvectors but an
orthonormal basis (A, B) of the invariant subspace with Im p > 0, from the ordered Schur form

    N (A, B) = (A, B) T,   T upper triangular,   u = Re A f(x + T y) q,   phi = Re B f(x + T y) q

This is Stroh's formula with a matrix function in place of diag f(x + p y). The subspace is
well separated from its conjugate, hence well conditioned, whether or not the p coincide.

The Barnett-Lothe tensors do not depend on the basis (Ting, sec. 6.6 and 6.10):

    i A B^-1 = L^-1 - i S L^-1,      H = (1 + S S) L^-1
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import schur

from qcmethod.base.stored import stored
from qcmethod.base.types import Array
from qcmethod.elasticity.stiffness import checked_stiffness, stiffness_to_mandel
from qcmethod.errors import InputError, UnstableCrystalError

Complex = NDArray[np.complex128]


@stored
@dataclass(frozen=True, eq=False)
class Stroh:
    """Solution of the sextic problem of one stiffness; made by `stroh`.

    Attributes
    ----------
    C : (3, 3, 3, 3), eV/A^3, laboratory frame
    p : (3,) complex, Im p > 0, ordered so that p[0] and p[2] are farthest apart
    A : (3, 3) complex, displacement rows of the invariant basis (columns = basis vectors)
    B : (3, 3) complex, eV/A^3, stress-function rows of the same basis
    T : (3, 3) complex upper triangular, eigenvalues p: N (A, B) = (A, B) T
    S, H, L : (3, 3) real Barnett-Lothe tensors; units 1, A^3/eV, eV/A^3
    """

    C: Array
    p: Complex
    A: Complex
    B: Complex
    T: Complex
    S: Array
    H: Array
    L: Array


def stroh(C: ArrayLike) -> Stroh:
    """Solve the sextic problem for C_ijkl (3, 3, 3, 3), eV/A^3, in the laboratory frame.

    Raises
    ------
    InputError : wrong shape, nan, or missing elastic symmetries
    UnstableCrystalError : C is not positive definite
    """
    C = checked_stiffness(C)
    stiffness = np.linalg.eigvalsh(stiffness_to_mandel(C))
    scale = float(stiffness[-1])
    if stiffness[0] <= 1e-12 * abs(scale):
        raise UnstableCrystalError(
            f"C: its eigenvalues run from {stiffness[0]:.6g} to {scale:.6g} eV/A^3, expected a "
            "positive definite stiffness. Try: the moduli at the relaxed lattice constant; for a "
            "crystal confined to a plane add any positive C_3333, C_3131 and C_3232"
        )
    # Dimensionless moduli make both halves of N, and of its eigenvectors, of order one.
    A, B, T = _upper_invariant_basis(sextic_matrix(C / scale))
    B = B * scale
    impedance_inv = 1j * A @ np.linalg.inv(B)
    L_inv = _symmetric(impedance_inv.real)
    L = _symmetric(np.linalg.inv(L_inv))
    S = -impedance_inv.imag @ L
    H = _symmetric((np.eye(3) + S @ S) @ L_inv)
    fields = (C.copy(), _farthest_first_and_last(np.diag(T)), A, B, T, S, H, L)
    for array in fields:
        array.setflags(write=False)
    return Stroh(*fields)


def sextic_matrix(C: Array) -> Array:
    """The real (6, 6) matrix N of the module docstring; same units as C up to blocks."""
    Q, R, T22 = C[:, 0, :, 0], C[:, 0, :, 1], C[:, 1, :, 1]
    T_inv = np.linalg.inv(T22)
    return np.block([[-T_inv @ R.T, T_inv], [R @ T_inv @ R.T - Q, -R @ T_inv]])


def _upper_invariant_basis(N: Array) -> tuple[Complex, Complex, Complex]:
    """A, B, T of the eigenvalues with Im p > 0."""
    T, Z, count = schur(N, output="complex", sort=lambda p: p.imag > 0.0)
    if count != 3:
        raise UnstableCrystalError(
            f"the sextic matrix has {count} eigenvalues above the real axis, expected 3: the "
            "crystal is at the limit of strong ellipticity. Try: a smaller strain or other moduli"
        )
    return Z[:3, :3].copy(), Z[3:, :3].copy(), T[:3, :3].copy()


def _farthest_first_and_last(p: Complex) -> Complex:
    """Reorder so that the second divided difference divides by the largest distance."""
    first, last = max(((0, 1), (0, 2), (1, 2)), key=lambda ij: abs(p[ij[0]] - p[ij[1]]))
    return p[[first, 3 - first - last, last]]


def _symmetric(M: NDArray[np.floating]) -> Array:
    return np.asarray(0.5 * (M + M.T), dtype=np.float64)


def require_stroh(solid: object) -> Stroh:
    """Raise InputError unless the argument `stroh` is a Stroh."""
    if not isinstance(solid, Stroh):
        raise InputError("stroh", type(solid).__name__, "a Stroh", "qcmethod.elasticity.stroh(C)")
    return solid
