"""The corrector that a caller starts from: an array, what has one, or none."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from qcmethod.base.arguments import as_numbers
from qcmethod.base.types import Array
from qcmethod.coupling.system import System
from qcmethod.errors import InputError

FARTHEST = 1e6
"""No atom is displaced by more, A."""


class Corrected(Protocol):
    """What has a corrector, as a Solution does."""

    @property
    def u(self) -> Array:
        """(n_k, 3), A."""


def corrector_of(system: System, u: ArrayLike | Corrected | None) -> Array:
    """A copy of u, of a Solution's u, or the zero corrector; refused if it does not fit."""
    own = u if isinstance(u, type) else getattr(u, "u", u)
    given = as_numbers("u", system.zero if u is None else own, "numbers (n_k, 3) or a Solution")
    if np.abs(given, where=np.isfinite(given), out=np.zeros_like(given)).max(initial=0) > FARTHEST:
        raise InputError("u", u, f"displacements below {FARTHEST:.0e} A")
    if given.shape != system.zero.shape or not np.isfinite(given).all():
        raise InputError("u", f"array of shape {given.shape}", f"finite {system.zero.shape}")
    return given.copy()
