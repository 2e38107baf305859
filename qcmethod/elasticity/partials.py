"""How far two partial dislocations stand apart: their repulsion against the fault between them.

    b1 . L b2/(2 pi d) = gamma                          (Hirth and Lothe 1982, ch. 10 and 13)

Lines without width in a linear medium: good where d is large against the width of a partial's core,
an estimate where the two overlap.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from qcmethod.base.arguments import number
from qcmethod.elasticity import matrix_function as mf
from qcmethod.elasticity.stroh import Stroh, require_stroh
from qcmethod.errors import InputError


def partial_separation(stroh: Stroh, b1: ArrayLike, b2: ArrayLike, gamma: float) -> float:
    """d, A, of two parallel partials in the glide plane y.

    Parameters
    ----------
    stroh : elastic solution of the medium, the line along z
    b1, b2 : (3,) Burgers vectors of the partials, A
    gamma : energy of the fault between them, eV/A^2 (1 J/m^2 = units.J_PER_M2)

    Raises InputError (stroh, b1, b2, gamma; partials that attract).
    """
    require_stroh(stroh)
    first = mf.three_finite("b1", b1, "a finite Burgers vector (bx, by, bz) in A")
    second = mf.three_finite("b2", b2, "a finite Burgers vector (bx, by, bz) in A")
    hint = "0.1 * qcmethod.units.J_PER_M2"
    energy = number("gamma", gamma, "a positive fault energy in eV/A^2", hint, above=0.0)
    repulsion = float(first @ stroh.L @ second) / (2.0 * np.pi)
    if not repulsion > 0.0:
        raise InputError("b1, b2", (first.tolist(), second.tolist()), "partials that repel")
    return repulsion / energy
