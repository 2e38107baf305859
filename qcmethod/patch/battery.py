"""The battery of a patch test: homogeneous gradients F = G F_ref about the problem's own F_ref.

With magnitude m and unit vectors e_x, e_y, e_z the factors G are

    reference              1
    stretch x              1 + m e_x e_x
    stretch y              1 + m e_y e_y
    shear                  1 + m e_x e_y
    rotation x stretch     R_z(m) (1 + m e_x e_x - m/2 e_y e_y)
    out-of-plane shear     1 + m e_z (e_x + e_y)/sqrt 2        three displacement components only

and for a chain stretches by 1 +- m and 1 + m/2. One gradient is not enough: with nearest
neighbours the ghost forces of QCE vanish at the stress-free state (Dobson, Luskin 2009), so a test
at equilibrium alone says nothing. None of the G changes the period along z.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qcmethod.errors import InputError

Array = NDArray[np.float64]
REFERENCE = "reference"


def battery(F_ref: Array, n_components: int, magnitude: float) -> dict[str, Array]:
    """Named gradients (3, 3) about F_ref for 1, 2 or 3 displacement components.

    Raises InputError for a magnitude outside (0, 0.2].
    """
    m = float(magnitude)
    if not 0.0 < m <= 0.2:
        raise InputError("magnitude", magnitude, "a strain above 0 and at most 0.2", "0.02")
    if n_components == 1:
        stretches = {REFERENCE: 0.0, "stretch": m, "half stretch": 0.5 * m, "compression": -m}
        return {name: _plus((0, 0, s)) @ F_ref for name, s in stretches.items()}
    c, s = math.cos(m), math.sin(m)
    turn = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
    factors = {
        REFERENCE: np.eye(3),
        "stretch x": _plus((0, 0, m)),
        "stretch y": _plus((1, 1, m)),
        "shear": _plus((0, 1, m)),
        "rotation x stretch": turn @ _plus((0, 0, m), (1, 1, -0.5 * m)),
    }
    if n_components == 3:
        half = m / math.sqrt(2.0)
        factors["out-of-plane shear"] = _plus((2, 0, half), (2, 1, half))
    return {name: G @ F_ref for name, G in factors.items()}


def named(gradients: Mapping[str, ArrayLike] | Iterable[ArrayLike]) -> dict[str, Array]:
    """A user's gradients with names; InputError unless each is a finite (3, 3) matrix."""
    if isinstance(gradients, Mapping):
        pairs = [(str(name), F) for name, F in gradients.items()]
    else:
        pairs = [(f"F{i}", F) for i, F in enumerate(gradients)]
    out = {name: np.asarray(F, dtype=np.float64) for name, F in pairs}
    for name, F in out.items():
        if F.shape != (3, 3) or not np.isfinite(F).all():
            raise InputError(f"gradients[{name!r}]", F.tolist(), "a finite (3, 3) gradient")
        if F[0, 2] or F[1, 2] or F[2, 2] != 1.0:
            hint = "a third column (0, 0, 1): the period along z is part of the lattice"
            raise InputError(f"gradients[{name!r}]", F.tolist(), "a gradient that keeps e_z", hint)
    if not out:
        raise InputError("gradients", gradients, "at least one gradient")
    return out


def _plus(*entries: tuple[int, int, float]) -> Array:
    """1 + the sum of value e_i e_j over (i, j, value)."""
    G = np.eye(3)
    for i, j, value in entries:
        G[i, j] += value
    return G
