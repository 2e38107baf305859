"""Predictors: deformations y0(x) known in closed form, onto which the P1 corrector is added.

    y0(x) = F x + u(x),     grad y0 = F + grad u

with a homogeneous gradient F and an optional singular field u (a crack or dislocation field of
`qcmethod.elasticity`). `grad y0` is the elastic gradient: it carries no delta function on a cut.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from qcmethod.base.stored import stored
from qcmethod.base.types import Array


class SingularField(Protocol):
    """What a predictor needs of a crack or dislocation field."""

    def displacement(self, x: Array, lower: NDArray[np.int8] | None = None) -> Array:
        """u (n, 3), A."""

    def gradient(self, x: Array, lower: NDArray[np.int8] | None = None) -> Array:
        """du_a/dx_j (n, 3, 3)."""


@stored
@dataclass(frozen=True)
class Sum:
    """Several singular fields in the same medium: linear elasticity superposes them."""

    fields: tuple[SingularField, ...]

    def displacement(self, x: Array, lower: NDArray[np.int8] | None = None) -> Array:
        """u (n, 3), A."""
        return np.sum([f.displacement(x, lower) for f in self.fields], axis=0)

    def gradient(self, x: Array, lower: NDArray[np.int8] | None = None) -> Array:
        """du_a/dx_j (n, 3, 3)."""
        return np.sum([f.gradient(x, lower) for f in self.fields], axis=0)


@stored
@dataclass(frozen=True, eq=False)
class Predictor:
    """y0 = F x + u(x); F (3, 3), `singular` a crack or dislocation field or None."""

    F: Array = field(default_factory=lambda: np.eye(3))
    singular: SingularField | None = None

    def displacement(self, x: Array, side: NDArray[np.int8]) -> Array:
        """y0(x) - x (n, 3), A; side -1 marks points of the lower crack flank, +1 the upper."""
        u = x @ (self.F - np.eye(3)).T
        return u if self.singular is None else u + self.singular.displacement(x, side)

    def gradient(self, x: Array, side: NDArray[np.int8]) -> Array:
        """grad y0 (n, 3, 3)."""
        F = np.broadcast_to(self.F, (len(x), 3, 3))
        return F.copy() if self.singular is None else F + self.singular.gradient(x, side)
