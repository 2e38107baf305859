r"""A rigid, frictionless indenter in space: a body of revolution about y.

    phi(y) = k/3 <g(r, y_2)>^3,    r = |(y_1, y_3)|

with the g of `indenter` in the half plane of r and y_2: a circle turns into a sphere, the potential
of LAMMPS' `fix indent`, a flat profile into the flat end of a punch. The profile has no slope on
the axis, so that g is C2 there too, and off it

    grad g = g_r e_r + g_2 e_2,    e_t . grad grad g . e_t = g_r/r -> g_rr on the axis
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qcmethod.base.stored import stored
from qcmethod.base.types import Array
from qcmethod.problems.indenter import Indenter

AXIS = 1e-6
"""Nearer to the axis, A, its limits are exact."""


@stored
@dataclass(frozen=True)
class RoundIndenter(Indenter):
    """A sphere, or a punch with a flat, round end; `size` is its radius. See `Indenter`.

    shape : "sphere" or "flat"
    """

    def overlap(self, y: Array) -> Array:
        """g (n,) of points y (n, 3): how far they are inside, A; negative outside."""
        return super().overlap(_meridian(y))

    def slopes(self, y: Array) -> tuple[Array, Array]:
        """dg/dy (n, 3) and d^2 g/dy^2 (n, 3, 3) at y (n, 3)."""
        flat = _meridian(y)
        r = flat[:, 0]
        g, h = super().slopes(flat)
        near = r < AXIS
        e = y * [1.0, 0.0, 1.0] / np.where(near, 1.0, r)[:, None]
        e[near] = [1.0, 0.0, 0.0]
        up, across = np.array([0.0, 1.0, 0.0]), np.stack([-e[:, 2], 0.0 * r, e[:, 0]], axis=1)
        ring = np.where(near, h[:, 0, 0], g[:, 0] / np.where(near, 1.0, r))
        first = g[:, :1] * e + g[:, 1:2] * up
        axes = np.stack([e, np.broadcast_to(up, e.shape), across], axis=1)  # rows
        local = np.zeros((len(y), 3, 3))
        local[:, :2, :2], local[:, 2, 2] = h[:, :2, :2], ring
        return first, axes.transpose(0, 2, 1) @ local @ axes


def _meridian(y: Array) -> Array:
    """(r, y_2, 0) of points y (n, 3)."""
    return np.stack([np.hypot(y[:, 0], y[:, 2]), y[:, 1], np.zeros(len(y))], axis=1)
