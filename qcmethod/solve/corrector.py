"""The corrector that a caller starts from: an array, what has one, or that of the problem."""

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
    """A copy of u, of a Solution's u, or that of the start; refused if it does not fit."""
    if u is None:
        return started(system)
    own = u if isinstance(u, type) else getattr(u, "u", u)
    given = as_numbers("u", own, "numbers (n_k, 3) or a Solution")
    if np.abs(given, where=np.isfinite(given), out=np.zeros_like(given)).max(initial=0) > FARTHEST:
        raise InputError("u", u, f"displacements below {FARTHEST:.0e} A")
    if given.shape != system.zero.shape or not np.isfinite(given).all():
        raise InputError("u", f"array of shape {given.shape}", f"finite {system.zero.shape}")
    return given.copy()


def started(system: System) -> Array:
    """The corrector (n_k, 3), A, that the problem is started from; zero, the predictor, if nothing
    else is known. Clamped nodes stay, and edges are straight."""
    start, body = system.problem.start, system.body
    if start is None:
        return system.zero
    ij = body.mesh.ij.copy()
    ij[body.mesh.lower_of >= 0, 1] -= 1  # a copy on the lower flank moves with the row below
    x = system.problem.position(ij)
    u = system.zero.copy()
    u[: body.mesh.n_nodes] = start.at(ij, x)
    return np.where(system.free, u, 0.0)
