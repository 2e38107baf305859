"""What holds a dislocation in the middle of a cylinder whose rim is clamped at its own field.

Moved by d along its glide plane the line brings u0(x - d e_x), the rim keeps u0(x): the difference
is made up by a field without a singularity,

    v = d u0,1 on |x| = R,     v = d Re A sum_n P_n(x + T y) c_n,     F = sigma(v)_yi b_i = -k d

so k = c(C, b)/R^2. P_n are the Faber polynomials of the ellipses that x + p y makes of the unit
circle (Lekhnitskii 1968), with one Fourier mode and its tail each:

    P_n = e^(i n theta) + t^n e^(-i n theta),   t = (1 + i T) (1 - i T)^-1,   |eigenvalues of t| < 1
    u0,1 = 1/pi Re A (1 - i T)^-1 sum_k (-t)^k e^(-i n theta) B^-1 L b,                n = 2 k + 1

so every c_n follows from three complex equations, A c_n + conj(A t^n c_n) = (mode n of u0,1), and
the sum converges like the squares of the eigenvalues of t; isotropic: after three terms.

For a screw in an isotropic medium the difference is the field of an image of the same sign at
R^2/d, and k = mu b^2/(2 pi R^2) = 2 K/R^2 with the prefactor K of its energy; a free rim would
attract the line with the same k (Hirth and Lothe 1982, ch. 5, for images). For an edge in an
isotropic medium k = 2 K/R^2 (m^2 + 3)/(2 m), m = 3 - 4 nu (complex potentials of Muskhelishvili:
the difference is (m/z - z^3)/2 mu on the unit circle). The stress that moves the line by d in the
absence of the lattice is tau = k d/|b|.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from qcmethod.base.arguments import number
from qcmethod.elasticity import matrix_function as mf
from qcmethod.elasticity.stroh import Complex, Stroh, require_stroh
from qcmethod.errors import UnstableCrystalError

MOST = 10_000
"""Terms: enough for shear moduli whose ratio is ten thousand."""


def clamped_stiffness(stroh: Stroh, b: ArrayLike, radius: float) -> float:
    """k, eV/A^3: force a length, eV/A^2, that drives a line back, over its displacement, A.

    Parameters
    ----------
    stroh : elastic solution of the medium; the glide plane is y, the line z
    b : (3,) Burgers vector, A
    radius : of the clamped rim, A

    Raises InputError (stroh, b, radius), UnstableCrystalError (a medium that all but flows).
    """
    require_stroh(stroh)
    burgers = mf.three_finite("b", b, "a finite Burgers vector (bx, by, bz) in A")
    R = number("radius", radius, "the radius of the rim in A", "100.0", above=1e-3, below=1e12)
    slope = _slope(stroh, np.linalg.inv(stroh.B) @ stroh.L @ burgers / np.pi)
    G = np.zeros((1, 3, 3))
    G[0, :, 0], G[0, :, 1] = (stroh.A @ slope).real, (stroh.A @ stroh.T @ slope).real
    return -float(mf.stress(stroh, G)[0, 1] @ burgers) / R**2


def _slope(stroh: Stroh, q: Complex) -> Complex:
    """sum_n P_n'(0) c_n (3,), where u0,1 = Re A (1 - i T)^-1 sum_k (-t)^k e^(-i n theta) q."""
    one = np.eye(3)
    inverse = np.linalg.inv(one - 1j * stroh.T)
    t = inverse @ (one + 1j * stroh.T)  # both are functions of T
    total, power, start = np.zeros(3, dtype=np.complex128), one.astype(np.complex128), inverse @ q
    for k in range(MOST):  # power: (-t)^k
        n = 2 * k + 1
        mode = (stroh.A @ power @ start).conj()
        c = _conjugated(stroh.A, stroh.A @ power @ power @ t, mode)
        term = 2.0 * n * power @ inverse @ c  # P_n'(0) = 2 n (-t)^k (1 - i T)^-1
        total = total + term
        if k > 2 and np.abs(term).max() <= 1e-15 * np.abs(total).max():
            return total
        power = -power @ t
    raise UnstableCrystalError(
        f"the medium: roots p = {stroh.p.round(4).tolist()}, so the field of a clamped rim has "
        f"more than {MOST} terms. Try: a medium further from the limit of stability"
    )


def _conjugated(A: Complex, M: Complex, w: Complex) -> Complex:
    """c (3,) of A c + conj(M c) = w."""
    rows = np.block([[(A + M).real, -(A + M).imag], [(A - M).imag, (A - M).real]])
    c = np.linalg.solve(rows, np.concatenate([w.real, w.imag]))
    return np.asarray(c[:3] + 1j * c[3:], dtype=np.complex128)
