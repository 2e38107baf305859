"""A strain invariant against its mean about each cell: the indicator of the classical QC.

strain     vol_c (s - mean of s about c)^2,     s^2 = |E : E - (tr E)^2|/2
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.types import Array
from qcmethod.coupling.system import System
from qcmethod.studies.adapt.indicator import at_nodes, gradients, indicator


@indicator("strain")
def strain_invariant(system: System, u: Array) -> Array:
    """Second invariant of the Green-Lagrange strain against its mean about each cell, (n_c,)."""
    cells, F = system.body.cells, gradients(system, u)[1]
    E = 0.5 * (F.transpose(0, 2, 1) @ F - np.eye(3))
    trace = np.einsum("cii->c", E)
    second = 0.5 * np.abs((E**2).sum(axis=(1, 2)) - trace**2)[:, None]
    around = at_nodes(system, np.sqrt(second))[1][cells.vertices].mean(axis=1)
    return np.asarray(cells.volume * ((np.sqrt(second) - around) ** 2)[:, 0])
