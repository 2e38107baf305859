"""The corrector that a caller starts from: an array, what has one, or none."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from qcmethod.base.types import Array
from qcmethod.coupling.system import System
from qcmethod.errors import InputError


class Corrected(Protocol):
    """What has a corrector, as a Solution does."""

    @property
    def u(self) -> Array:
        """(n_k, 3), A."""


def corrector_of(system: System, u: ArrayLike | Corrected | None) -> Array:
    """A copy of u, of a Solution's u, or the zero corrector; refused if it does not fit."""
    if not isinstance(system, System):
        raise InputError("system", system, "a System", "qcmethod.couple(problem, method, ...)")
    try:
        given = np.array(system.zero if u is None else getattr(u, "u", u), dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError("u", u, "numbers (n_k, 3) or a Solution") from error
    if given.shape != system.zero.shape or not np.isfinite(given).all():
        raise InputError("u", f"array of shape {given.shape}", f"finite {system.zero.shape}")
    return given
