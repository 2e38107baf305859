r"""From a state near a saddle to the saddle, where a Hessian is known by its products only.

    H p = f,      H v = lambda M v, lambda < 0:      p = (v . f/lambda) v + q,      q by conjugate
                                                     gradients on what is left of f, M-across v

H has one negative eigenvalue near a saddle; across its direction v it is positive, and conjugate
gradients solve Newton's equation there. v is that of Arnoldi's method (`softest`), whose lowest two
values say at the end that one direction, and no second one, is unstable.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse.linalg import LinearOperator

from qcmethod.base.types import Array
from qcmethod.coupling.energy import State
from qcmethod.coupling.system import System
from qcmethod.solve.free import MAX_STRAIN, FreeSystem, tried
from qcmethod.solve.linear import Linear
from qcmethod.solve.saddle import ITERATIONS, Stationary
from qcmethod.solve.softest import Softest, lowest

PART = 1e-3
"""Of the residual, in the norm of M^-1, that conjugate gradients leave."""


def saddle_near(system: System, u: Array, fmax: float, lu: Linear) -> Stationary | None:
    """The equilibrium, stable or not, that Newton's method finds from u (n_k, 3); None: none."""
    free = FreeSystem(system, lu=lu)
    state = tried(free, u)
    for iteration in range(ITERATIONS + 1):
        if state is None:
            return None
        pairs = lowest(free, state, 2)
        if free.largest(state) <= fmax:
            unstable = sum(pair.value < 0.0 for pair in pairs)
            return Stationary(state.u, state.energy, unstable, iteration, free.evaluations)
        p = _newton(free, state, [pair for pair in pairs if pair.value < 0.0])
        if not np.isfinite(p).all():
            return None
        cut = min(1.0, MAX_STRAIN / max(free.strain(p), 1e-300))
        state = tried(free, free.moved(state.u, cut * p))
    return None


def _newton(free: FreeSystem, state: State, unstable: list[Softest]) -> Array:
    """Newton's step (n,): along the unstable directions, and across them."""
    H, f = free.jacobian(state), free.force(state)
    p = np.zeros_like(f)
    for soft in unstable:
        p = p + float(soft.direction @ f) / soft.value * soft.direction
    return p + _across(H, f - H.matvec(p), free.lu, [soft.direction for soft in unstable])


def _across(H: LinearOperator, b: Array, lu: Linear, V: list[Array]) -> Array:
    """q with H q = b by conjugate gradients, M-orthogonal to some directions of |v|_M = 1."""

    def solve(r: Array) -> Array:
        z = lu.solve(r)
        for v in V:
            z = z - float(v @ r) * v
        return z

    q, r = np.zeros_like(b), b
    z = solve(r)
    d, rz = z, float(r @ z)
    least = PART**2 * rz
    for _ in range(300):
        if rz <= least:
            break
        Hd = H.matvec(d)
        if (curvature := float(d @ Hd)) <= 0.0:
            break
        alpha = rz / curvature
        q, r = q + alpha * d, r - alpha * Hd
        z = solve(r)
        rz, old = float(r @ z), rz
        d = z + rz / old * d
    return q
