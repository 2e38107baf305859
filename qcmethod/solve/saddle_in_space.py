r"""From a state near a saddle to the saddle, where a Hessian is known by its products only.

    H v_i = lambda_i M v_i:    p = sum_i (v_i . f/s_i) v_i + q,    s_1 = lambda_1, s_i = |lambda_i|

for the soft directions v_i, and q by conjugate gradients on what is left of f, M-across them. Along
v_1, the one of them that the band takes, the step is Newton's, up to the top; along the others it
is down, whatever the sign (Cerjan and Miller 1981, J. Chem. Phys. 75, 2800): a kink that may sit on
a site or between two has a second unstable direction at one of them. The lowest two values, by
Arnoldi's method (`softest`), say at the end that one direction, and no second one, is unstable.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse.linalg import LinearOperator

from qcmethod.base.types import Array
from qcmethod.coupling.energy import State
from qcmethod.coupling.system import System
from qcmethod.solve.free import MAX_STRAIN, FreeSystem, tried
from qcmethod.solve.linear import Linear
from qcmethod.solve.saddle import Stationary
from qcmethod.solve.softest import Softest, lowest

LEAST = 2e-3
"""Smaller values than this are taken for it: a step along a flat direction is no Newton step."""
ITERATIONS = 8
PART = 1e-3
"""Of the residual, in the norm of M^-1, that conjugate gradients leave."""


def saddle_near(
    system: System, u: Array, along: Array, fmax: float, lu: Linear
) -> Stationary | None:
    """The equilibrium, stable or not, that is found from u (n_k, 3), A, uphill along a tangent (n,)
    of the free directions; None: none."""
    free = FreeSystem(system, lu=lu)
    state = tried(free, u)
    for iteration in range(ITERATIONS + 1):
        if state is None:
            return None
        pairs = lowest(free, state, 2)
        if free.largest(state) <= fmax:
            unstable = sum(pair.value < 0.0 for pair in pairs)
            return Stationary(state.u, state.energy, unstable, iteration, free.evaluations)
        p = _step(free, state, pairs, along)
        if not np.isfinite(p).all():
            return None
        cut = min(1.0, MAX_STRAIN / max(free.strain(p), 1e-300))
        state = tried(free, free.moved(state.u, cut * p))
    return None


def climbed(system: System, u: Array, lu: Linear) -> Stationary:
    """A state u (n_k, 3), A, near the top of a band, as it is, and its unstable directions."""
    free = FreeSystem(system, lu=lu)
    state = free.at(u)
    unstable = sum(pair.value < 0.0 for pair in lowest(free, state, 3))
    return Stationary(state.u, state.energy, unstable, 0, free.evaluations)


def _step(free: FreeSystem, state: State, soft: list[Softest], along: Array) -> Array:
    """The step (n,): along the soft directions, and across them."""
    H, f = free.jacobian(state), free.force(state)
    V = np.stack([pair.direction for pair in soft])
    path = int(np.argmax(np.abs(V @ along) / np.linalg.norm(V, axis=1)))
    sizes = np.abs([pair.value for pair in soft])
    sizes[path] = -max(sizes[path], LEAST) if soft[path].value < 0.0 else sizes[path]
    sizes = np.where(np.abs(sizes) < LEAST, LEAST, sizes)
    rest = f - sum(
        (float(v @ f) / pair.value) * H.matvec(v) for v, pair in zip(V, soft, strict=True)
    )
    return np.asarray((V @ f / sizes) @ V + _across(H, rest, free.lu, list(V)))


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
