"""The force on a rigid sphere pressed into the flat surface of an anisotropic half-space.

    F = 4/3 M sqrt(R) depth^(3/2)                                   (Hertz 1882)

In an isotropic medium M = E/(1 - nu^2). In general a unit force along the normal n lowers points
of the surface in the direction t by l(t)/(2 pi r), l = n . L^-1(t) n with the Barnett-Lothe tensor
of a line along t (Barnett and Lothe 1975, Phys. Norv. 8, 13). The pressure
p0 sqrt(1 - x . S^-1 x) on an ellipse, S = diag(a1^2, a2^2) in its axes, then makes

    w(x) = p0 a1 a2/8 int_0^2pi l(k) [1/g - (k . x)^2/g^3] dphi,    g^2 = k . S k,  t normal to k

(from the pressure integrated along the lines k . x = s). It fits the sphere w = depth - x^2/(2 R)
where the ellipse makes int l k k/g^3 dphi = nu I; with det S = 1 and D = int l/g dphi this gives

    M = 4 pi sqrt(2 nu/D^3)

Willis 1966, J. Mech. Phys. Solids 14, 163; Vlassak and Nix 1993, Phil. Mag. A 67, 1045, who took
the ellipse for a circle: M = 2/<l>, which is exact on (100) and (111) of cubic crystals.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import root

from qcmethod.base.arguments import number
from qcmethod.base.types import Array
from qcmethod.elasticity.great_circle import positive_stiffness
from qcmethod.elasticity.matrix_function import three_finite
from qcmethod.elasticity.stiffness import rotate_stiffness
from qcmethod.elasticity.stroh import stroh
from qcmethod.errors import InputError

POINTS = 96
"""Directions on half of the surface's circle: l and the ellipse are smooth and have its period."""


def indentation_modulus(C: ArrayLike, normal: ArrayLike) -> float:
    """M, eV/A^3, of a sphere on the surface with a normal (3,) of the medium C, eV/A^3.

    Raises InputError (C, normal) and UnstableCrystalError.
    """
    k, compliance = _waves(C, normal)
    S = contact_shape(C, normal)
    g = _widths(S, k)
    nu = 0.5 * np.trace(_curvatures(S, k, compliance))
    D = 2.0 * np.pi * np.mean(compliance / g)
    return float(4.0 * np.pi * np.sqrt(2.0 * nu / D**3))


def contact_shape(C: ArrayLike, normal: ArrayLike) -> Array:
    """S (2, 2) of determinant 1: the contact is x . S^-1 x < a^2, in the axes of `surface_frame`.

    Raises as `indentation_modulus`.
    """
    k, compliance = _waves(C, normal)

    def mismatch(shape: Array) -> Array:
        c = _curvatures(_ellipse(shape), k, compliance / compliance.mean())
        return np.array([c[0, 0] - c[1, 1], c[0, 1]])

    return _ellipse(root(mismatch, np.zeros(2), tol=1e-13).x)


def _waves(C: ArrayLike, normal: ArrayLike) -> tuple[Array, Array]:
    """Directions k (n, 2) over half a turn, and l (n,) of the lines normal to them."""
    phi = np.pi * np.arange(POINTS) / POINTS
    k = np.column_stack([np.cos(phi), np.sin(phi)])
    return k, surface_compliance(C, normal, phi + 0.5 * np.pi)


def _curvatures(S: Array, k: Array, compliance: Array) -> Array:
    """int_0^2pi l k k/g^3 dphi (2, 2)."""
    weights = 2.0 * np.pi / len(k) * compliance / _widths(S, k) ** 3
    return np.einsum("n,na,nb->ab", weights, k, k)


def _widths(S: Array, k: Array) -> Array:
    """g (n,)."""
    return np.sqrt(np.einsum("na,ab,nb->n", k, S, k))


def _ellipse(shape: Array) -> Array:
    """S (2, 2) of determinant 1 from the coordinates of its logarithm."""
    a, b = shape
    q = np.hypot(a, b)
    ratio = np.sinh(q) / q if q > 0.0 else 1.0
    return np.cosh(q) * np.eye(2) + ratio * np.array([[a, b], [b, -a]])


def surface_compliance(C: ArrayLike, normal: ArrayLike, angles: ArrayLike) -> Array:
    """l (n,), A^3/eV, in directions at angles (n,) from an axis in the surface.

    A force f along the normal displaces the surface at the distance r by f l/(2 pi r). The axis is
    the row x of `surface_frame`, y is a quarter turn on. Raises as `indentation_modulus`.
    """
    local = rotate_stiffness(positive_stiffness(C), surface_frame(normal))
    found = []
    for angle in np.atleast_1d(np.asarray(angles, dtype=float)):
        c, s = np.cos(angle), np.sin(angle)
        # Stroh's line along t = (c, s, 0), its y axis along the normal
        line = stroh(rotate_stiffness(local, np.array([[-s, c, 0], [0, 0, 1], [c, s, 0]])))
        found.append(np.linalg.inv(line.L)[1, 1])
    return np.array(found)


def surface_frame(normal: ArrayLike) -> Array:
    """Rows x, y in the surface and z along its normal (3,): a right-handed frame."""
    n = three_finite("normal", normal, "a finite direction (3,)")
    length = float(np.linalg.norm(n))
    if length == 0.0:
        raise InputError("normal", normal, "a direction that is not zero")
    n = n / length
    x = np.eye(3)[np.argmin(np.abs(n))]
    x = x - (x @ n) * n
    x /= np.linalg.norm(x)
    return np.array([x, np.cross(n, x), n])


def hertz(M: float, radius: float, depth: float) -> float:
    """F = 4/3 M sqrt(radius) depth^(3/2), eV/A: M in eV/A^3, lengths in A.

    No force above the surface (depth < 0). Raises InputError (M, radius, depth).
    """
    M = number("M", M, "a modulus in eV/A^3, above 0", above=0.0)
    radius = number("radius", radius, "a radius in A, above 0", above=0.0)
    depth = number("depth", depth, "a depth in A")
    return 4.0 / 3.0 * M * radius**0.5 * max(depth, 0.0) ** 1.5
