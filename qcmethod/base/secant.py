"""What pairs of steps and changes of force say of an inverse Hessian: limited-memory BFGS.

    H_{k+1} = V^T H_k V + s s^T/(q.s),    V = 1 - q s^T/(q.s),    s = u' - u,  q = f - f'

from H_0 = gamma M^-1, a preconditioner M whose size follows the latest pair,

    gamma = s.q/(q.M^-1 q)

(Nocedal 1980, Math. Comp. 35, 773; Nocedal, Wright 2006, Numerical Optimization, eq. 7.20). Values
in, new values out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qcmethod.base.types import Action, Array

MEMORY = 30
"""Pairs that are kept."""
CURVED = 1e-8
"""A pair counts where s.q is more than this part of |s| |q|."""
SIZES = (0.2, 5.0)
"""gamma stays between these: one pair along a soft or stiff direction says little of all others."""


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
        p = self._size(solve) * solve(p)
        for s, q, weight in zip(self.s, self.q, reversed(weights), strict=True):
            p = p + s * (weight - float((q @ p) / (q @ s)))
        return p

    def _size(self, solve: Action) -> float:
        """gamma, 1 without a pair."""
        if not self.s:
            return 1.0
        s, q = self.s[-1], self.q[-1]
        return float(np.clip((s @ q) / (q @ solve(q)), *SIZES))
