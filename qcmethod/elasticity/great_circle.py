"""Integrals over the directions normal to a line, of which three-dimensional elasticity is made.

    M_jk(z) = z_i C_ijkl z_l,    z(psi) = cos(psi) e + sin(psi) n,    1/pi int_0^pi f(M(z), z) dpsi

With a period of pi and smooth f the trapezoid rule errs by exp(-2 m w) with m points, w the width
of the strip in which M can be inverted: it is w = infinity in an isotropic medium and about 0.5 in
copper. Barnett 1972, Phys. Status Solidi B 49, 741; Trefethen and Weideman 2014, SIAM Rev. 56, 385.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from qcmethod.base.jit import entry
from qcmethod.base.types import Array
from qcmethod.elasticity.stroh import stroh
from qcmethod.errors import UnstableCrystalError

MOST = 1024
"""Points on half a circle, beyond which a medium counts as one at its limit of stability."""


def positive_stiffness(C: ArrayLike) -> Array:
    """C (3, 3, 3, 3) of a medium that has a Green's function (InputError, UnstableCrystalError)."""
    return stroh(C).C


def circle_points(C: Array) -> int:
    """How many points on half a circle integrate to rounding, whatever its plane."""
    rng = np.random.default_rng(0)
    poles = np.vstack([_symmetric_directions(), rng.normal(size=(24, 3))])
    unit = C / np.abs(C).max()
    m = 8
    while m <= MOST:
        # Twice the points square the error, and derivatives ask for a little more.
        coarse, fine = (mean_inverse(unit, poles, k) for k in (m, 2 * m))
        if np.abs(coarse - fine).max() < 1e-7 * np.abs(fine).max():
            return 2 * m
        m = 3 * m // 2 if m % 3 else 4 * m // 3
    raise UnstableCrystalError(
        f"C: {MOST} points on a half circle do not integrate its Green's function: the crystal is "
        "at the limit of strong ellipticity. Try: a smaller strain or other moduli"
    )


def _symmetric_directions() -> Array:
    """The 13 axes [100], [110] and [111] of a cube."""
    grid = np.array(np.meshgrid(*[[-1.0, 0.0, 1.0]] * 3)).reshape(3, -1).T
    return grid[:13]


@entry
def mean_inverse(C, poles, m):
    """The mean of M^-1 (n, 3, 3) over the circle normal to each pole (n, 3)."""
    mean = np.zeros((len(poles), 3, 3))
    frame, P = np.zeros((3, 3)), np.zeros((6, 3, 3))
    M, inverse = np.zeros((3, 3)), np.zeros((3, 3))
    for a in range(len(poles)):
        set_frame(poles[a], frame)
        set_products(C, frame, P)
        for q in range(m):
            psi = np.pi * (q + 0.5) / m
            set_acoustic(P, np.cos(psi), np.sin(psi), M)
            invert(M, inverse)
            add(mean[a], 1.0 / m, inverse)
    return mean


@entry
def set_frame(direction, frame):
    """Rows e, n, t of a right-handed frame, t along a direction of any length."""
    length = norm(direction)
    e, n, t = frame[0], frame[1], frame[2]
    k = 0
    for j in range(3):
        t[j] = direction[j] / length
        if abs(t[j]) < abs(t[k]):
            k = j
    for j in range(3):
        e[j] = ((1.0 if j == k else 0.0) - t[k] * t[j]) / np.sqrt(1.0 - t[k] * t[k])
    set_cross(t, e, n)


@entry
def norm(a):
    """Length of a vector (3,)."""
    return np.sqrt(a[0] * a[0] + a[1] * a[1] + a[2] * a[2])


@entry
def set_cross(a, b, out):
    """out = a x b (3,)."""
    out[0] = a[1] * b[2] - a[2] * b[1]
    out[1] = a[2] * b[0] - a[0] * b[2]
    out[2] = a[0] * b[1] - a[1] * b[0]


@entry
def add(out, factor, a):
    """out += factor a (3, 3)."""
    for i in range(3):
        for j in range(3):
            out[i, j] += factor * a[i, j]


@entry
def set_products(C, frame, P):
    """P = (ee), (nn), (tt), (en) + (ne), (et) + (te), (nt) + (tn); (ab)_jk = a_i C_ijkl b_l."""
    for j in range(3):
        for k in range(j, 3):
            ee, nn, tt, en, et, nt = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
            for i in range(3):
                for m in range(3):
                    c = C[i, j, k, m]
                    ei, ni, ti = frame[0, i], frame[1, i], frame[2, i]
                    em, nm, tm = frame[0, m], frame[1, m], frame[2, m]
                    ee += ei * c * em
                    nn += ni * c * nm
                    tt += ti * c * tm
                    en += (ei * nm + ni * em) * c
                    et += (ei * tm + ti * em) * c
                    nt += (ni * tm + ti * nm) * c
            P[0, j, k] = P[0, k, j] = ee
            P[1, j, k] = P[1, k, j] = nn
            P[2, j, k] = P[2, k, j] = tt
            P[3, j, k] = P[3, k, j] = en
            P[4, j, k] = P[4, k, j] = et
            P[5, j, k] = P[5, k, j] = nt


@entry
def set_acoustic(P, c, s, M):
    """M of z = c e + s n."""
    for j in range(3):
        for k in range(3):
            M[j, k] = c * c * P[0, j, k] + c * s * P[3, j, k] + s * s * P[1, j, k]


@entry
def invert(M, inverse):
    """The inverse of a symmetric matrix (3, 3)."""
    a, b, c = M[0, 0], M[0, 1], M[0, 2]
    d, e, f = M[1, 1], M[1, 2], M[2, 2]
    aa, ab, ac = d * f - e * e, c * e - b * f, b * e - c * d
    scale = 1.0 / (a * aa + b * ab + c * ac)
    inverse[0, 0] = aa * scale
    inverse[0, 1] = inverse[1, 0] = ab * scale
    inverse[0, 2] = inverse[2, 0] = ac * scale
    inverse[1, 1] = (a * f - c * c) * scale
    inverse[1, 2] = inverse[2, 1] = (b * c - a * e) * scale
    inverse[2, 2] = (a * d - b * b) * scale
