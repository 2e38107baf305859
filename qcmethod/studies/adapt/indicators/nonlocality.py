"""Is the deformation uniform over the reach of an atom? The test of the QC code (Tadmor, Ortiz and
Phillips 1996).

    nonlocality     vol_c max_i |lambda_i(F_c) - lambda_i(F_c')|^2,    c' within RANGE cut-offs of c
"""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from qcmethod.base.types import Array
from qcmethod.coupling.system import System
from qcmethod.studies.adapt.indicator import gradients, indicator

RANGE, NEAREST = 2.0, 24
"""Cells within RANGE cut-offs are compared, NEAREST of them at most."""


@indicator("nonlocality")
def nonlocality(system: System, u: Array) -> Array:
    """Largest difference of principal stretches among cells within reach of an atom, (n_c,)."""
    cells, F = system.body.cells, gradients(system, u)[1]
    centre = system.problem.across(system.body.x_k[cells.vertices].mean(axis=1))
    stretch = np.linalg.svd(F, compute_uv=False)
    reach = RANGE * system.problem.crystal.potential.cutoff
    near = min(NEAREST, len(centre))
    distance, other = cKDTree(centre).query(centre, near)
    # in cells larger than the reach the neighbours across an edge, or a face, are asked
    touching = np.arange(near)[None] < cells.vertices.shape[1] + 1
    difference = np.abs(stretch[other] - stretch[:, None]).max(axis=2)
    difference[(distance > reach) & ~touching] = 0.0
    return np.asarray(cells.volume * difference.max(axis=1) ** 2)
