"""The relaxed layers of a free surface as a part of the predictor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qcmethod.base.ramps import blending
from qcmethod.base.types import Array
from qcmethod.lattice.plane import in_plane, radius
from qcmethod.problems.problem import Problem


@dataclass(frozen=True)
class Relaxation:
    """Relaxation of the surface layers as a part of the predictor.

    The sites of layer m under a flank move by s(r/radius) R w_m, with R the local rotation of the
    flank and w_m the relaxation of a free surface; the lower flank, its image under the inversion
    of the lattice, by -R w_m. The taper s vanishes at the tip and is 1 beyond `radius`, which lies
    in the atomistic core: there the corrector is free on every site. Where the crystal ends in a
    plane surface there is no tip, and s = 1. So the corrector, a P1 field
    on a coarse mesh, need not represent what only a few layers do, and atoms in the blending zone
    carry the same film tension as the continuum next to them.
    """

    layers: Array
    radius: float

    def displacement(self, problem: Problem, ij: NDArray[np.int64], x: Array) -> Array:
        """Displacements (n, 3) of the sites ij (n, 2) at x (n, 3), A."""
        if problem.flank == "surface":
            out, on = np.zeros((len(x), 3)), np.flatnonzero(-ij[:, 1] < len(self.layers))
            on = on[ij[on, 1] <= 0]
            out[on] = -self.layers[-ij[on, 1]]
            return out
        upper = ij[:, 1] >= 0
        layer = np.where(upper, ij[:, 1], -1 - ij[:, 1])
        moved = np.flatnonzero((layer < len(self.layers)) & (x[:, 0] < 0.0))
        w = np.where(upper[moved, None], 1.0, -1.0) * self.layers[layer[moved]]
        side = np.zeros(len(moved), dtype=np.int8)
        tangent = problem.predictor.gradient(x[moved], side)[:, :, 0]
        c, s = (in_plane(tangent) / radius(tangent)[:, None]).T
        taper = blending(-x[moved, 0], 0.0, self.radius)
        out = np.zeros((len(x), 3))
        out[moved] = taper[:, None] * np.stack(
            [c * w[:, 0] - s * w[:, 1], s * w[:, 0] + c * w[:, 1], w[:, 2]], axis=1
        )
        return out
