"""The field of a line force at the tip of a crack, without traction on its flanks.

    u = -Re A i log(x + T y) B^-1 f/(2 pi)       (flanks along x < 0)

The stress function jumps by f from one flank to the other and is constant on each: what is inside
of a circle is pushed by f a length of the tip. Its gradient falls as 1/r; by reciprocity it reads
the stress along the flanks off any other field (`interaction`). Stroh 1958; Ting 1996, ch. 8.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qcmethod.base.types import Array
from qcmethod.elasticity import matrix_function as mf
from qcmethod.elasticity.stroh import Stroh


@dataclass(frozen=True, eq=False)
class LineForce:
    """A force f (3,), eV/A^2, on the tip of a crack in a medium; `tip` (x, y), A."""

    stroh: Stroh
    f: tuple[float, float, float]
    tip: tuple[float, float] = (0.0, 0.0)

    def gradient(self, x: Array) -> Array:
        """du_a/dx_j (n, 3, 3); the column j = z is zero."""
        dx, dy, _ = mf.relative_positions(x, self.tip, None)
        z0, z1, z2 = (dx[:, None] + self.stroh.p * dy[:, None]).T
        df = np.column_stack([1.0 / z0, -dy / (z0 * z1), dy**2 / (z0 * z1 * z2)])
        return mf.gradient(self.stroh, np.asarray(self.f) / (-2.0 * np.pi), 1j * df)
