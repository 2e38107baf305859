"""What pairs of steps and changes of force say of an inverse Hessian: limited-memory BFGS.

    H_{k+1} = V^T H_k V + s s^T/(q.s),    V = 1 - q s^T/(q.s),    s = u' - u,  q = f - f'

from H_0 = M^-1, a preconditioner (Nocedal 1980, Math. Comp. 35, 773). Values in, new values out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qcmethod.base.types import Action, Array

MEMORY = 30
"""Pairs that are kept."""
CURVED = 1e-8
"""A pair counts where s.q is more than this part of |s| |q|."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """Steps s and changes of the force q (n,), the latest last."""

    s: tuple[Array, ...] = ()
    q: tuple[Array, ...] = ()

    def with_pair(self, s: Array, q: Array) -> Pairs:
        """These and one more; the same where it has no positive curvature."""
        if not s @ q > CURVED * np.sqrt((s @ s) * (q @ q)):
            return self
        return Pairs((*self.s, s)[-MEMORY:], (*self.q, q)[-MEMORY:])

    def direction(self, f: Array, solve: Action) -> Array:
        """H f (n,) of a force f (n,) by the two loops of the recursion; solve : H_0."""
        p, weights = f.copy(), []
        for s, q in zip(reversed(self.s), reversed(self.q), strict=True):
            weights.append(float((s @ p) / (q @ s)))
            p = p - weights[-1] * q
        p = solve(p)
        for s, q, weight in zip(self.s, self.q, reversed(weights), strict=True):
            p = p + s * (weight - float((q @ p) / (q @ s)))
        return p
