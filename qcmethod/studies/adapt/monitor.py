"""The validity monitor: cells of the continuum whose lattice is unstable, or near it.

    margin(F) < TRUST margin(F_ref)

with the margin of `crystal.stability`, over long and short waves: where a wave of the deformed
lattice is about to go soft the Cauchy-Born rule says nothing about the atoms (see there), and the
cell becomes atomistic.
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.types import Array
from qcmethod.coupling.system import System
from qcmethod.crystal.stability import margin
from qcmethod.errors import InvertedCellError, OffTableError

TRUST = 0.1
"""A cell is atomistic when its margin falls below this fraction of the reference's."""

STRAINED = 0.05
"""Cells strained less than this are as stable as the reference: they are not asked."""


def doubtful(system: System, u: Array) -> Array:
    """Centres (n, 2 or 3) of continuum cells that the Cauchy-Born rule does not hold for, A."""
    body, crystal = system.body, system.problem.crystal
    cells = body.cells
    F_q, F_ref = body.deformation(u), system.problem.predictor.F
    C_q, C_ref = F_q.transpose(0, 2, 1) @ F_q, F_ref.T @ F_ref
    strain = 0.5 * np.sqrt(((C_q - C_ref) ** 2).sum(axis=(1, 2)))  # rotations do not count
    ask = np.flatnonzero(system.is_continuum[cells.point_cell] & (strain > STRAINED))
    if not len(ask):
        return np.asarray(system.problem.across(np.zeros((0, 3))))
    plane = not crystal.lattice.is_space
    least = TRUST * float(margin(crystal, F_ref[None], plane=plane)[0])
    try:
        bad = ask[margin(crystal, F_q[ask], plane=plane) < least]
    except (InvertedCellError, OffTableError):
        bad = ask[strain[ask] > 2.0 * STRAINED]
    cell = np.unique(cells.point_cell[bad])
    return np.asarray(system.problem.across(body.x_k[cells.vertices[cell]].mean(axis=1)))
