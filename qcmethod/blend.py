"""Blending functions: beta from 0 (atomistic) to 1 (continuum) across the blending zone.

    beta(x) = b((d(x) - core)/width),   b(s) = 0 for s <= 0 and 1 for s >= 1

with b linear, cubic 3 s^2 - 2 s^3 (C1) or quintic 10 s^3 - 15 s^4 + 6 s^5 (C2). The ghost forces of
a blended energy fall as width^-2 only if the second derivative of b is bounded, which a linear
ramp does not satisfy (Van Koten and Luskin 2011, SIAM J. Numer. Anal. 49, 2182).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from qcmethod.errors import CouplingError

Array = NDArray[np.float64]

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
