"""Enough: a relaxation that ends before its equilibrium, where whoever asked has seen enough.

    while largest(f) > fmax and not until(u):  step

A study that only asks whether a state follows a load need not follow one that runs away.
"""

from __future__ import annotations

from collections.abc import Callable

from qcmethod.base.types import Array

Until = Callable[[Array], bool]
"""Whether a corrector (n_k, 3) is as far as a relaxation need go."""


class EnoughError(Exception):
    """No failure: `until` held at the corrector u (n_k, 3); what was done up to there."""

    def __init__(self, u: Array, iterations: int, evaluations: int, inner: int) -> None:
        super().__init__("as far as it was asked for")
        self.u, self.iterations = u, iterations
        self.evaluations, self.inner = evaluations, inner
