"""The field of a straight dislocation along z in an anisotropic medium, cut along x < 0.

    u = 1/(2 pi) Re A log(x + T y) B^-1 L b,     E(R)/length = b . L b/(4 pi) log(R/r0)

The displacement jumps by u(y = 0+) - u(y = 0-) = b across the cut, its elastic gradient does not
jump, and the stress function is single valued: no net force acts on the line. Stroh 1958, Phil.
Mag. 3, 625; Ting 1996, sec. 8.4; Hirth and Lothe 1982, ch. 13.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from qcmethod.base.stored import stored
from qcmethod.base.types import Array
from qcmethod.elasticity import matrix_function as mf
from qcmethod.elasticity.stroh import Complex, Stroh, require_stroh


@stored
@dataclass(frozen=True, eq=False)
class DislocationField:
    """Straight dislocation along z.

    Attributes
    ----------
    stroh : elastic solution of the medium in the laboratory frame
    b : (bx, by, bz), A: the displacement above the cut minus that below
    centre : (x, y) of the line, A; the cut runs along -x from it

    The methods take positions and `lower` as those of `CrackField`; the gradient and the stress
    are the same on both sides of the cut. InputError for a point on the line. An additive constant
    is fixed by the formula above; only differences of u have meaning.
    """

    stroh: Stroh
    b: tuple[float, float, float]
    centre: tuple[float, float] = (0.0, 0.0)

    def __post_init__(self) -> None:
        require_stroh(self.stroh)
        b = mf.three_finite("b", self.b, "a finite Burgers vector (bx, by, bz) in A")
        centre = mf.two_finite("centre", self.centre, "the finite (x, y) of the line in A")
        object.__setattr__(self, "b", tuple(b.tolist()))
        object.__setattr__(self, "centre", centre)

    def displacement(self, x: ArrayLike, lower: ArrayLike | None = None) -> Array:
        """u (n, 3), A."""
        dx, dy, crossing = mf.relative_positions(x, self.centre, lower)
        f = _log_differences(self.stroh.p, dx, dy)
        f[:, 0] += 2j * np.pi * crossing
        return mf.displacement(self.stroh, self._amplitude(), f)

    def gradient(self, x: ArrayLike, lower: ArrayLike | None = None) -> Array:
        """Elastic du_a/dx_j (n, 3, 3) without the delta function on the cut; column z is zero."""
        dx, dy, _ = mf.relative_positions(x, self.centre, None)
        z0, z1, z2 = (dx[:, None] + self.stroh.p * dy[:, None]).T
        df = np.column_stack([1.0 / z0, -dy / (z0 * z1), dy**2 / (z0 * z1 * z2)])
        return mf.gradient(self.stroh, self._amplitude(), df)

    def stress(self, x: ArrayLike) -> Array:
        """sigma_ij (n, 3, 3), eV/A^3."""
        return mf.stress(self.stroh, self.gradient(x))

    def _amplitude(self) -> Array:
        return self.stroh.L @ np.asarray(self.b) / (2.0 * np.pi)


def prelogarithmic_energy(stroh: Stroh, b: ArrayLike) -> float:
    """b . L b/(4 pi), eV/A: energy a length and a unit of log(R/r0); b (3,) in A.

    Raises InputError (stroh, b).
    """
    require_stroh(stroh)
    b = mf.three_finite("b", b, "a finite Burgers vector (bx, by, bz) in A")
    return float(b @ stroh.L @ b / (4.0 * np.pi))


def _log_differences(p: Complex, x: Array, y: Array) -> Complex:
    """Divided differences (n, 3) in p of log(x + p y), at most 1e-12 off when the p coincide."""
    z = x[:, None] + p * y[:, None]
    d01 = _first_difference(p[0], p[1], z[:, 0], z[:, 1], y)
    spread = abs(p[2] - p[0])
    if spread > 1e-3 * p.imag.min():
        d12 = _first_difference(p[1], p[2], z[:, 1], z[:, 2], y)
        d012 = (d12 - d01) / (p[2] - p[0])
    else:
        # Taylor series about the mean root m: f''/2 + h2 f''''/4! + h3 f'''''/5!, with the complete
        # symmetric polynomials h of p - m (h1 = 0); what is left out is of order spread^4.
        m = p.mean()
        d, w = p - m, y / (x + m * y)
        h2, h3 = 0.5 * np.sum(d**2), np.prod(d)
        d012 = w**2 * (-0.5 - 0.25 * h2 * w**2 + 0.2 * h3 * w**3)
    return np.column_stack([np.log(z[:, 0]), d01, d012])


def _first_difference(p0: complex, p1: complex, z0: Complex, z1: Complex, y: Array) -> Complex:
    """(log z0 - log z1)/(p0 - p1) = y/(z0 + z1) 2 atanh(v)/v, v = (z0 - z1)/(z0 + z1)."""
    w = y / (z0 + z1)
    v = (p0 - p1) * w
    safe = np.where(v == 0.0, 0.5, v)
    return 2.0 * w * np.where(v == 0.0, 1.0, np.arctanh(safe) / safe)
