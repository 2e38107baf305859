"""The relaxed layers of free surfaces as a part of the predictor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qcmethod.base.types import Array, Index
from qcmethod.problems.problem import Problem


@dataclass(frozen=True, eq=False)
class Relaxation:
    """Relaxation of the surface layers as a part of the predictor.

    The sites of layer m under a flank move by s(r/radius) R w_m, with R the local rotation of the
    flank and w_m the relaxation of a free surface; the lower flank, its image under the inversion
    of the lattice, by -R w_m. The taper s vanishes at the tip and is 1 beyond `radius`, which lies
    in the atomistic core: there the corrector is free on every site. Where the crystal ends in a
    plane surface there is no tip, and s = 1. So the corrector, a P1 field on a coarse mesh, need
    not represent what only a few layers do, and atoms in the blending zone carry the same film
    tension as the continuum next to them.
    """

    layers: Array
    radius: float

    def displacement(self, problem: Problem, ij: Index, x: Array) -> Array:
        """Displacements (n, 3) of the sites ij (n, 2) at x (n, 3), A."""
        out = np.zeros((len(x), 3))
        for cut in problem.cuts:
            out += cut.relaxed(self.layers, self.radius, problem.predictor, ij, x)
        return out
