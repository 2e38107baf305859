"""The preconditioner of a mesh: factorised when it is first asked for, once for all loads.

    M = K_CB(reference crystal)

depends on the mesh, its weights and what is free on it. A load changes none of them, but that a
sheared crystal sees a little further and may clamp more of a free rim.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from qcmethod.base.types import Array
from qcmethod.coupling.system import System
from qcmethod.solve.linear import Linear, elastic


class Preconditioner:
    """A solver of the elastic stiffness of a system in its free directions."""

    def __init__(self, system: System) -> None:
        self._system = system

    @cached_property
    def _factors(self) -> Linear:
        return elastic(self._system)

    def solve(self, b: Array) -> Array:
        """The solution (n,) of M x = b."""
        return self._factors.solve(b)

    def serving(self, system: System) -> Preconditioner:
        """That of a system: this one, if it is the same."""
        own = self._system
        same = system.elastic is own.elastic and np.array_equal(system.free, own.free)
        return self if same else Preconditioner(system)
