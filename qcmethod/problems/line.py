"""Where a dislocation is: where the slip across its glide plane passes b/4 and 3b/4.

    delta(x) = u(x, row above) - u(x, row below),      s = delta . b/|b|

between the lattice rows next to y = 0 on its two sides (Peierls 1940; Vitek 1968); the picture of
it is `analysis.dislocation.disregistry`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from qcmethod.base.stored import stored
from qcmethod.base.types import Array, Index
from qcmethod.problems.coupled import Coupled, Discrete
from qcmethod.problems.shear import burgers_vector
from qcmethod.problems.watch import Watch


@stored
@dataclass(frozen=True)
class LineWatch(Watch):
    """Of a straight dislocation, of the right one of a dipole; see `Watch`."""

    def reading(self, system: Coupled, u: Array) -> Mapping[str, Any]:
        """x of the middle, "place", and "separation" of the partials, or width, A.

        Both are None where the slip does not pass b/4 and 3b/4, and where no atoms show it.
        """
        found = {"place": None, "separation": None}
        if not len(system.body.ij_l):
            return found
        x, delta, _ = slip_between_rows(system, u)
        s = along(delta, burgers_vector(system.problem))
        first, last = (passed(x, s, fraction) for fraction in (0.25, 0.75))
        if not (len(first) and len(last)):
            return found
        right, left = float(first[-1]), float(last[-1])
        return {"place": 0.5 * (right + left), "separation": abs(right - left)}


def slip_between_rows(system: Coupled, u: Array) -> tuple[Array, Array, Index]:
    """Slip across the glide plane at the corrector u (n_k, 3), on the listed sites.

    Returns x (n,), A, increasing, delta (n, 3), A, and the sites (n,) of the row above.
    """
    body, problem = system.body, system.problem
    moved = body.positions(u) - body.x_l
    first = int(np.ceil(-problem.origin[1] / problem.crystal.lattice.basis[1, 1] - 1e-9))
    above, below = (_row(body, j) for j in (first, first - 1))  # a row on y = 0 is above it
    x = body.x_l[above, 0]
    x_below = body.x_l[below, 0]
    inside = (x >= x_below[0]) & (x <= x_below[-1])
    x, above = x[inside], above[inside]
    lower = np.stack([np.interp(x, x_below, moved[below, a]) for a in range(3)], axis=1)
    return x, moved[above] - lower, above


def along(delta: Array, b: Array) -> Array:
    """s/|b| (n,): the component of a slip delta (n, 3) along b (3,), in |b|."""
    return np.asarray(delta @ b / float(np.linalg.norm(b)) / float(np.linalg.norm(b)))


def passed(x: Array, s: Array, fraction: float) -> Array:
    """x (m,) at which s (n,) passes a fraction, linear between the columns, A, increasing."""
    s = s - fraction
    i = np.flatnonzero(np.signbit(s[:-1]) != np.signbit(s[1:]))
    return np.asarray(x[i] + (x[i + 1] - x[i]) * s[i] / (s[i] - s[i + 1]))


def _row(body: Discrete, j: int) -> Index:
    """Sites of the lattice row j, by increasing x."""
    row = np.flatnonzero(body.ij_l[:, 1] == j)
    return row[np.argsort(body.x_l[row, 0])]
