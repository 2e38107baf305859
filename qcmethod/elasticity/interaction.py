"""Stress intensities and T-stress of a field about a tip: the interaction integral.

For a field u and an auxiliary one v of the same medium, without traction on the flanks, the mixed
part of the J-integral does not depend on the contour (Stern, Becker and Dunham 1976, Int. J.
Fract. 12, 359; Chen and Shield 1977; in any anisotropy: Yau, Wang and Corten 1980),

    M = -contour h_i n_i ds,     h_i = s_ai v_a,1 + t_ai u_a,1 - t_bj u_b,j delta_i1

with the stresses s of u and t of v. Two crack fields have M = k . L^-1 k'; a line force f at the
tip (`line_force`) has M = f . u_,1 of the uniform part of u, whose flanks are free, so that

    sigma_.1 = -N_3 u_,1,     T = sigma_11              (N_3 = R T^-1 R^t - Q of Stroh)

So three crack fields of unit K and two forces read off K_I, K_II, K_III and T. In an elastic
medium beyond Hooke's law s = P(F) is in balance, and h is not free of sources:

    h_i,i = (P - C : grad u)_ai v_a,i1

which `flux` returns beside h . n: what lies outside of a contour is then accounted for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from qcmethod.base.arguments import number
from qcmethod.base.door import door
from qcmethod.base.types import Array
from qcmethod.elasticity import matrix_function as mf
from qcmethod.elasticity.crack_field import CrackField
from qcmethod.elasticity.line_force import LineForce
from qcmethod.elasticity.stroh import Stroh, require_stroh, sextic_matrix

ANGLES = 96
"""Points of Gauss on a circle: fields are analytic from flank to flank."""
H = 1e-3
"""Step of v_,1j over the distance from the tip: fourth order, 1e-12."""


class Intensities(NamedTuple):
    """K_I, K_II, K_III and the T-stress sigma_xx, all in the units of the function."""

    KI: float
    KII: float
    KIII: float
    T: float


def circle(radius: float) -> tuple[Array, Array]:
    """Points (n, 3) of a circle about the tip, A, from flank to flank, and weights (n,), A."""
    t, w = np.polynomial.legendre.leggauss(ANGLES)
    x = radius * np.stack([np.cos(np.pi * t), np.sin(np.pi * t), np.zeros(ANGLES)], axis=1)
    return x, np.pi * radius * w


def flux(stroh: Stroh, radius: float, G: Array, s: Array, beyond: Array) -> tuple[Array, Array]:
    """M (5,) of a circle and the sources a length of radius (5,) on it, for the five fields.

    Parameters
    ----------
    G : (n, 3, 3) gradient of u at the points of `circle`
    s : (n, 3, 3) its stress, eV/A^3 (of Piola and Kirchhoff)
    beyond : (n, 3, 3) what of it is beyond C : grad u
    """
    x, w = circle(radius)
    n, M, source = x / radius, [], []
    for field in _auxiliary(stroh):
        v = field.gradient(x)
        t = mf.stress(stroh, v)
        out = np.einsum("pai,pa,pi->p", s, v[:, :, 0], n) + np.einsum(
            "pai,pa,pi->p", t, G[:, :, 0], n
        )
        M.append(-w @ (out - np.einsum("pai,pai->p", t, G) * n[:, 0]))
        source.append(w @ np.einsum("pai,pai->p", beyond, _along_x(field.gradient, x, radius)))
    return np.array(M), np.array(source)


def read(stroh: Stroh, M: Array) -> Intensities:
    """Intensities, eV/A^(5/2) and eV/A^3, of the M (5,) of the five fields."""
    k = stroh.L @ M[[1, 0, 2]]  # M of unit K_I, K_II, K_III: L^-1 k in the order x, y, z
    N3 = sextic_matrix(stroh.C)[3:, :3]
    T = float(-N3[0] @ np.array([M[3], 0.0, M[4]]))
    return Intensities(float(k[1]), float(k[0]), float(k[2]), T)


@door
def field_intensities(
    stroh: Stroh, gradient: Callable[[Array], Array], radius: float
) -> Intensities:
    """K_I, K_II, K_III, eV/A^(5/2), and T, eV/A^3, of a field of linear elasticity.

    Parameters
    ----------
    stroh : elastic solution of the medium; the flanks are y = 0, x < 0, without traction
    gradient : function of positions (n, 3), A, that returns du_a/dx_j (n, 3, 3)
    radius : of the circle about the tip on which the field is read, A

    Raises InputError (stroh, radius).
    """
    require_stroh(stroh)
    R = number("radius", radius, "a positive radius in A", above=0.0)
    G = np.asarray(gradient(circle(R)[0]), dtype=np.float64)
    s = mf.stress(stroh, G)
    return read(stroh, flux(stroh, R, G, s, np.zeros_like(s))[0])


def _auxiliary(stroh: Stroh) -> tuple[CrackField | LineForce, ...]:
    """Unit K_I, K_II, K_III, and unit forces along x and z."""
    x, y, z = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    modes = (CrackField(stroh, x), CrackField(stroh, y), CrackField(stroh, z))
    return *modes, LineForce(stroh, x), LineForce(stroh, z)


def _along_x(gradient: Callable[..., Array], x: Array, radius: float) -> Array:
    """v_a,i1 (n, 3, 3) by central differences: each point stays on its side of the cut."""
    h = np.array([H * radius, 0.0, 0.0])
    near, far = (gradient(x + m * h) - gradient(x - m * h) for m in (1.0, 2.0))
    return np.asarray((8.0 * near - far) / (12.0 * h[0]))
