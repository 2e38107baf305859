"""How far from the defect sites are listed: as far as the forces of weighted sites see."""

from __future__ import annotations

import numpy as np

from qcmethod.coupling.methods import Method
from qcmethod.problem import Problem

PADDING = 2.5
"""Sites are listed this many cut-offs beyond the blending zone (an EAM force sees two)."""


def site_reach(problem: Problem, row: Method, core: float, blend: float) -> float:
    """Distance from the defect up to which sites are listed, A."""
    if row.beta == "zero":
        return np.inf
    if row.beta == "cluster":  # from every cluster
        return PADDING * problem.crystal.potential.cutoff
    return (core + blend) * problem.stretch + PADDING * problem.crystal.potential.cutoff
