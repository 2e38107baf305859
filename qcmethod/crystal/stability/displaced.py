"""Force constants of an engine: one atom of a periodic crystal is displaced, and all forces read.

    K_R = (f_R(h e_b) - f_R(-h e_b))/2h,     D(k) = sum_{R half} 4 sin^2(k.R/2) K_R

(the frozen-phonon method: Kunc and Martin 1982, Phys. Rev. Lett. 48, 406). The box is so large that
no atom feels two images of the one that moves: six evaluations a gradient.
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.types import Array
from qcmethod.errors import EngineError
from qcmethod.lattice.compact import compact
from qcmethod.lattice.lattice import Lattice
from qcmethod.potentials.contract import Potential

STEP = 5e-4
"""Of the displaced atom, A: differences are central, and their error of its square."""
FEWEST = 2
"""Cut-offs that are looked at: what screens a bond may hide its reach where it is measured."""


def between_atoms(
    potential: Potential, lattice: Lattice, F: Array
) -> tuple[Array, Array, Array, float]:
    """T (m, 3), A, of a half shell and K (m, 3, 3), eV/A^2, at F (3, 3); g = 0 (m, 3) and 0.

    Raises EngineError, OffTableError.
    """
    engine = potential.engine
    if engine is None or lattice.n_components != 3:
        raise EngineError(f"{potential.name}: no periodic {lattice.structure} crystal in space")
    short = compact(lattice.basis) @ lattice.basis
    deformed = short @ F.T
    heights = 1.0 / np.linalg.norm(np.linalg.inv(deformed), axis=0)
    sees = max(FEWEST, potential.reach) * potential.cutoff
    n = np.ceil(2.02 * sees / heights).astype(int) + 1
    index = np.stack(np.meshgrid(*map(np.arange, n), indexing="ij"), -1).reshape(-1, 3)
    index = index - n * (index > (n - 1) // 2)
    y = index @ deformed
    box = n[:, None] * deformed
    if np.linalg.det(box) < 0.0:
        box = box[[1, 0, 2]]
    session = engine.session(y, box, (True, True, True), np.zeros(len(y), dtype=np.int64))
    moved = int(np.flatnonzero(~index.any(axis=1))[0])
    K = np.empty((len(y), 3, 3))
    for b in range(3):
        step = np.zeros_like(y)
        step[moved, b] = STEP
        K[:, :, b] = (session.at(y - step)[1] - session.at(y + step)[1]) / (2.0 * STEP)
    session.close()
    return _half(index @ short, np.linalg.norm(y, axis=1), K, sees)


def _half(R: Array, distance: Array, K: Array, sees: float) -> tuple[Array, Array, Array, float]:
    """One of each pair +-R that a force reaches, the mean of both and of their transposes."""
    on = (distance > 0.0) & (distance < sees)
    R, K = R[on], K[on]
    order = np.lexsort((R / np.abs(R).max()).round(9).T[::-1])  # -R in the reverse order of R
    R, K = R[order], K[order]
    m = len(R) // 2
    mean = 0.25 * (K + K[::-1] + (K + K[::-1]).transpose(0, 2, 1))
    return R[m:], mean[m:], np.zeros((m, 3)), 0.0
