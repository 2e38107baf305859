"""The singular field of a crack tip in an anisotropic medium, cut along x < 0, growth along +x.

    u = sqrt(2/pi) Re A (x + T y)^(1/2) B^-1 k,   k = (K_II, K_I, K_III)

gives sigma_i2 = k_i / sqrt(2 pi r) ahead of the tip, no traction on the flanks, the opening
u(+) - u(-) = 2 sqrt(2 r/pi) L^-1 k and the energy release rate

    G = 1/2 k . L^-1 k,     Griffith (mode I): G = 2 gamma,  K = sqrt(4 gamma / (L^-1)_22)

Sih, Paris and Irwin 1965, Int. J. Fract. Mech. 1, 189; Ting 1996, ch. 11; Rice 1992, J. Mech.
Phys. Solids 40, 239. K in eV/A^(5/2).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from qcmethod.base.arguments import number
from qcmethod.base.stored import stored
from qcmethod.base.types import Array
from qcmethod.elasticity import matrix_function as mf
from qcmethod.elasticity.stroh import Complex, Stroh, require_stroh


@stored
@dataclass(frozen=True, eq=False)
class CrackField:
    """K-field of a straight crack.

    Attributes
    ----------
    stroh : elastic solution of the medium in the laboratory frame
    K : (K_I, K_II, K_III), eV/A^(5/2)
    tip : (x, y) of the crack tip, A; the flanks are y = tip y, x < tip x

    The methods take positions x (n, 2) or (n, 3), A, and `lower`: None (the sign of y decides,
    y = tip y is above), booleans (n,) (True: the point belongs to the lower flank even if it lies
    on or above the cut), or integers (n,) (-1 below, +1 above, 0 by position). The field of a
    forced point is the analytic continuation from its side; it matters behind the tip only.
    InputError for a point at the tip.
    """

    stroh: Stroh
    K: tuple[float, float, float]
    tip: tuple[float, float] = (0.0, 0.0)

    def __post_init__(self) -> None:
        require_stroh(self.stroh)
        K = mf.three_finite("K", self.K, "finite (K_I, K_II, K_III) in eV/A^(5/2)")
        tip = mf.two_finite("tip", self.tip, "the finite (x, y) of the tip in A")
        object.__setattr__(self, "K", tuple(K.tolist()))
        object.__setattr__(self, "tip", tip)

    def displacement(self, x: ArrayLike, lower: ArrayLike | None = None) -> Array:
        """u (n, 3), A; the tip itself does not move."""
        return mf.displacement(self.stroh, self._amplitude(), self._roots(x, lower)[0])

    def gradient(self, x: ArrayLike, lower: ArrayLike | None = None) -> Array:
        """du_a/dx_j (n, 3, 3); the column j = z is zero."""
        return mf.gradient(self.stroh, self._amplitude(), self._roots(x, lower)[1])

    def stress(self, x: ArrayLike, lower: ArrayLike | None = None) -> Array:
        """sigma_ij (n, 3, 3), eV/A^3, plane strain along z."""
        return mf.stress(self.stroh, self.gradient(x, lower))

    def _amplitude(self) -> Array:
        return np.sqrt(2.0 / np.pi) * _traction_order(self.K)

    def _roots(self, x: ArrayLike, lower: ArrayLike | None) -> tuple[Complex, Complex]:
        dx, dy, crossing = mf.relative_positions(x, self.tip, lower)
        z = dx[:, None] + self.stroh.p * dy[:, None]
        s = np.sqrt(z) * np.where(crossing == 0, 1.0, -1.0)[:, None]
        return _root_differences(s, dy)


def _root_differences(s: Complex, y: Array) -> tuple[Complex, Complex]:
    """Divided differences in p of z^(1/2) and z^(-1/2)/2, s = (x + p y)^(1/2) (n, 3).

    From s_i - s_j = y (p_i - p_j) / (s_i + s_j) no difference is ever formed; the sums cannot
    vanish because all roots of a point lie in one quadrant.
    """
    s0, s1, s2 = s.T
    sums = (s0 + s1) * (s1 + s2) * (s0 + s2)
    f = np.column_stack([s0, y / (s0 + s1), -(y**2) / sums])
    product = s0 * s1 * s2
    df = np.column_stack(
        [0.5 / s0, -0.5 * y / (s0 * s1 * (s0 + s1)), 0.5 * y**2 * (s0 + s1 + s2) / (product * sums)]
    )
    return f, df


def energy_release_rate(stroh: Stroh, K: ArrayLike) -> float:
    """G = 1/2 k . L^-1 k, eV/A^2, for K = (K_I, K_II, K_III) in eV/A^(5/2).

    Raises InputError (stroh, K).
    """
    require_stroh(stroh)
    k = _traction_order(K)
    return float(0.5 * k @ np.linalg.solve(stroh.L, k))


def griffith_K(stroh: Stroh, surface_energy: float) -> float:
    """Mode I K_G, eV/A^(5/2), at which G = 2 gamma; surface energy gamma > 0 in eV/A^2.

    Raises InputError (stroh, surface_energy).
    """
    require_stroh(stroh)
    gamma = number("surface_energy", surface_energy, "a positive energy in eV/A^2", above=0.0)
    return float(np.sqrt(4.0 * gamma / np.linalg.inv(stroh.L)[1, 1]))


def _traction_order(K: ArrayLike) -> Array:
    """(K_I, K_II, K_III) -> the traction components (x, y, z) ahead of the tip."""
    return mf.three_finite("K", K, "finite (K_I, K_II, K_III) in eV/A^(5/2)")[[1, 0, 2]]
