"""The far field of a point defect: an elastic dipole in an infinite anisotropic medium.

    u_i = - w(r) P_jk G_ij,k(x - x0),     w = 0 for r <= r0/2,   w = 1 for r >= r0,
    w(r) = s^3 (10 - 15 s + 6 s^2),       s = 2 r/r0 - 1 between

P_jk > 0 pushes outward (an interstitial), the relaxation volume of a cubic crystal is
trace P/(C11 + 2 C12). The ramp w is twice continuously differentiable: within the core radius r0
the field is no solution and only smooth, for there atoms are corrected anyway; from r0 outwards it
is exact. Leibfried and Breuer 1978, Point Defects in Metals I; Clouet, Varvenne and Jourdan 2018,
Comput. Mater. Sci. 147, 49. G: `green`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from qcmethod.base.arguments import finite, number, rows
from qcmethod.base.stored import stored
from qcmethod.base.types import Array, Index
from qcmethod.elasticity.great_circle import positive_stiffness
from qcmethod.elasticity.green import green_gradient, green_hessian
from qcmethod.elasticity.matrix_function import three_finite
from qcmethod.errors import InputError


@stored
@dataclass(frozen=True, eq=False)
class DipoleField:
    """Elastic dipole at a point.

    Attributes
    ----------
    P : (3, 3) symmetric, eV
    C : (3, 3, 3, 3), eV/A^3, laboratory frame
    core : radius r0, A, inside which the field is ramped down to zero
    centre : (x, y, z) of the defect, A

    The methods take positions x (n, 3), A; `lower` is there for the sake of fields with a cut.
    """

    P: Array
    C: Array
    core: float
    centre: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def __post_init__(self) -> None:
        P = finite("P", self.P, (3, 3), "a symmetric dipole (3, 3) in eV").copy()
        if np.abs(P - P.T).max() > 1e-9 * np.abs(P).max():
            raise InputError("P", P, "a symmetric dipole (3, 3) in eV", "(P + P.T)/2")
        centre = three_finite("centre", self.centre, "the finite (x, y, z) of the defect in A")
        core = number("core", self.core, "a radius in A, above 0", above=0.0)
        for name, array in {"P": P, "C": positive_stiffness(self.C).copy()}.items():
            array.setflags(write=False)
            object.__setattr__(self, name, array)
        object.__setattr__(self, "core", core)
        object.__setattr__(self, "centre", tuple(centre.tolist()))

    def displacement(self, x: ArrayLike, lower: ArrayLike | None = None) -> Array:
        """u (n, 3), A."""
        dx, r, out = self._outside(x)
        u = np.zeros_like(dx)
        u[out] = _ramp(r[out], self.core)[0][:, None] * self._bare(dx[out])
        return u

    def gradient(self, x: ArrayLike, lower: ArrayLike | None = None) -> Array:
        """du_a/dx_j (n, 3, 3)."""
        dx, r, out = self._outside(x)
        U = np.zeros((len(dx), 3, 3))
        w, slope = _ramp(r[out], self.core)
        bare = -np.einsum("jk,nijkl->nil", self.P, green_hessian(self.C, dx[out]))
        normal = dx[out] / r[out, None]
        ramped = slope[:, None, None] * self._bare(dx[out])[:, :, None] * normal[:, None, :]
        U[out] = w[:, None, None] * bare + ramped
        return U

    def _bare(self, dx: Array) -> Array:
        return -np.einsum("jk,nijk->ni", self.P, green_gradient(self.C, dx))

    def _outside(self, x: ArrayLike) -> tuple[Array, Array, Index]:
        """Positions from the centre, distances, and which are outside half the core."""
        dx = rows("x", x, (3,), "positions") - np.asarray(self.centre)
        r = np.linalg.norm(dx, axis=1)
        return dx, r, np.flatnonzero(r > 0.5 * self.core)


def _ramp(r: Array, core: float) -> tuple[Array, Array]:
    """w and dw/dr."""
    s = np.clip(2.0 * r / core - 1.0, 0.0, 1.0)
    return s**3 * (10.0 - 15.0 * s + 6.0 * s**2), 60.0 / core * s**2 * (1.0 - s) ** 2
