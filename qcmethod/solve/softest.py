"""The softest direction of a state: the eigenvalue of its Jacobian with the lowest real part.

    J v = lambda M v,     J = -df/du,     M = K_CB(reference crystal)

M is the preconditioner, so lambda is the stiffness of the state along v over that of the perfect
crystal: a number without unit that does not change with the mesh. Arnoldi's method in the inner
product of M asks for products with J and solutions with the factors of M only; for an energy J is
the Hessian, and this is Lanczos's method (Saad 2011, *Numerical methods for large eigenvalue
problems*, ch. 6). New vectors are orthogonalised twice: no eigenvalue comes back as its own ghost.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qcmethod.base.types import Array
from qcmethod.coupling.energy import State
from qcmethod.solve.free import FreeSystem

ENOUGH, ROUNDING = 0.05, 1e-7
"""An eigenvalue is known when its residual, in the norm of M, is this part of it, or rounding."""
LEAST, MOST = 10, 200
"""Products with J: after one or two, a random start looks like the perfect crystal."""


@dataclass(frozen=True, eq=False)
class Softest:
    """The real part of an eigenvalue, its direction (n,) in the free directions, |v|_M = 1, and the
    norm of the residual J v - lambda M v."""

    value: float
    direction: Array
    residual: float


def softest(free: FreeSystem, state: State) -> Softest:
    """The softest direction of a state."""
    return lowest(free, state, 1)[0]


def lowest(free: FreeSystem, state: State, count: int) -> list[Softest]:
    """The `count` softest directions of a state, the lowest value first, all known as well."""
    J, n = free.jacobian(state), len(free.index)
    most = min(MOST, n)
    V, MV, H = np.empty((most + 1, n)), np.empty((most + 1, n)), np.zeros((most + 1, most))
    start = np.random.default_rng(0).standard_normal(n)
    V[0], MV[0], _ = _unit(free, start)
    for j in range(most):
        r, known = J.matvec(V[j]), slice(0, j + 1)
        for _ in range(2):
            c = V[known] @ r
            H[known, j] += c
            r = r - c @ MV[known]
        V[j + 1], MV[j + 1], H[j + 1, j] = _unit(free, r)
        pairs = _lowest(H[known, known], free.system.method.conservative, count)
        residuals = [H[j + 1, j] * float(abs(s[-1])) for _, s in pairs]
        enough = [max(ENOUGH * abs(value), ROUNDING) for value, _ in pairs]
        if j + 1 >= LEAST and all(r <= most_r for r, most_r in zip(residuals, enough, strict=True)):
            break
    return [
        Softest(value, np.real(s) / float(np.linalg.norm(np.real(s))) @ V[known], residual)
        for (value, s), residual in zip(pairs, residuals, strict=True)
    ]


def _unit(free: FreeSystem, w: Array) -> tuple[Array, Array, float]:
    """v = M^-1 w and w, both over |v|_M, and |v|_M."""
    v = free.lu.solve(w)
    length = float(np.sqrt(max(float(v @ w), 0.0)))
    scale = max(length, 1e-300)
    return v / scale, w / scale, length


def _lowest(H: Array, symmetric: bool, count: int) -> list[tuple[float, NDArray[np.complex128]]]:
    """Eigenvalues of H (m, m) of the lowest real parts, and their vectors (m,) of length 1."""
    values, vectors = np.linalg.eigh(0.5 * (H + H.T)) if symmetric else np.linalg.eig(H)
    first = np.argsort(values.real, kind="stable")[:count]
    return [(float(values[i].real), vectors[:, i].astype(np.complex128)) for i in first]
