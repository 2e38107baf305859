"""Where a dislocation line that may bend is: x(z), plane of sites by plane of sites.

    delta(x, z) = u(above) - u(below),      s = delta . b/|b|,     x(z): s = |b|/2

on the lattice rows next to the glide plane y = 0 of each plane of sites across the line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from qcmethod.base.stored import stored
from qcmethod.base.types import Array, Index
from qcmethod.problems.coupled import Coupled
from qcmethod.problems.line import along, passed
from qcmethod.problems.shear import burgers_vector
from qcmethod.problems.watch import Watch


@stored
@dataclass(frozen=True)
class FrontWatch(Watch):
    """Of a dislocation in space with a period along its line; see `Watch`."""

    def reading(self, system: Coupled, u: Array) -> Mapping[str, Any]:
        """Mean x of the line, "place", and how far its places are apart, "bow", A; None where the
        slip does not pass b/2 in every plane, and where no atoms show it."""
        _, x = line_shape(system, u)
        if not len(x) or not np.isfinite(x).all():
            return {"place": None, "bow": None}
        return {"place": float(x.mean()), "bow": float(np.ptp(x))}


def line_shape(system: Coupled, u: Array) -> tuple[Array, Array]:
    """Planes z (m,), A, and x (m,) where the slip passes half of b there, nan: nowhere, A."""
    body, problem = system.body, system.problem
    if not len(body.ij_l):
        return np.zeros(0), np.zeros(0)
    b = burgers_vector(problem)
    moved, x = body.positions(u) - body.x_l, body.x_l
    y = np.round(x[:, 1], 6)
    above, below = y[y >= -1e-6].min(), y[y < -1e-6].max()
    z = np.round(x[:, 2], 6)
    heights = np.unique(z[(y == above)])
    found = np.full(len(heights), np.nan)
    low = np.flatnonzero(y == below)
    for n, height in enumerate(heights):
        up = np.flatnonzero((y == above) & (z == height))
        up = up[np.argsort(x[up, 0])]
        beside = _nearest_row(x, low, float(height), float(problem.crystal.lattice.period))
        beside = beside[np.argsort(x[beside, 0])]
        inside = (x[up, 0] >= x[beside[0], 0]) & (x[up, 0] <= x[beside[-1], 0])
        up = up[inside]
        under = [np.interp(x[up, 0], x[beside, 0], moved[beside, a]) for a in range(3)]
        s = along(moved[up] - np.stack(under, axis=1), b)
        at = passed(x[up, 0], s, 0.5)
        if len(at):
            found[n] = at[-1]
    return heights, found


def _nearest_row(x: Array, low: Index, height: float, period: float) -> Index:
    """Of the sites `low` those of the plane of sites nearest to a height, A."""
    dz = x[low, 2] - height
    dz = np.round(np.abs(dz - period * np.round(dz / period)), 6)
    return np.asarray(low[dz == dz.min()])
