"""Ramps from 0 to 1 across a zone: linear, cubic (C1) and quintic (C2).

    beta(x) = b((d(x) - core)/width),   b(s) = 0 for s <= 0 and 1 for s >= 1

cubic 3 s^2 - 2 s^3, quintic 10 s^3 - 15 s^4 + 6 s^5.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from qcmethod.base.types import Array
from qcmethod.errors import CouplingError

SHAPES: dict[str, Callable[[Array], Array]] = {
    "linear": lambda s: s,
    "cubic": lambda s: s**2 * (3.0 - 2.0 * s),
    "quintic": lambda s: s**3 * (10.0 + s * (6.0 * s - 15.0)),
}


def blending(distance: Array, core: float, width: float, shape: str = "quintic") -> Array:
    """beta (n,) at the distances (n,) from the defect, A; width 0 is a sharp interface.

    Raises CouplingError for a shape that is not one of `SHAPES`.
    """
    if shape not in SHAPES:
        raise CouplingError("blending", shape, f"one of {sorted(SHAPES)}")
    if width == 0.0:
        return (distance > core).astype(np.float64)
    return SHAPES[shape](np.clip((distance - core) / width, 0.0, 1.0))
