"""The softest wave of a deformed lattice: the slowest long one, and the softest of any length.

    long    min over n, e of  A_aibj e_a n_i e_b n_j                        eV/A^3
    any     min over k of  eig D(k) / (site volume N(k))                    eV/A^3

The second tends to the first as k -> 0 along n. Both start on a grid. For the long waves the form
is minimised in n and in e by turns, each time by the lowest eigenvector: it never rises. For the
others BFGS follows the slope of the lowest branch, whose minima are smooth (branches cross upward).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from qcmethod.base.types import Array, Index
from qcmethod.crystal.stability.phonons import ForceConstants
from qcmethod.crystal.stability.waves import (
    directions,
    fold,
    grid,
    laplacian,
    neighbours,
    reciprocal,
)
from qcmethod.lattice.lattice import Lattice

PER_AXIS = {1: 256, 2: 36, 3: 16}
"""Wave vectors of the grid along each axis of the reciprocal cell, by its dimension."""

LONG = 0.02
"""Waves with |k| below this fraction of a reciprocal basis vector are left to the continuum."""

_STARTS = 6
_TURNS = 200


class Wave(NamedTuple):
    """A value (eV/A^3), a unit direction or a wave vector (3,), and a unit polarisation (3,)."""

    value: float
    k: Array
    polarisation: Array


def slowest_long_wave(A: Array, lattice: Lattice, plane: bool = False) -> Wave:
    """Minimum of the acoustic tensor of A = dP/dF (3, 3, 3, 3), eV/A^3; `k` is the direction."""
    c, w = lattice.n_components, len(reciprocal(lattice, plane))
    A = A[:c, :w, :c, :w]
    n = directions(lattice, plane, order=4)[:, :w]
    values = np.linalg.eigvalsh(np.einsum("aibj,ni,nj->nab", A, n, n))[:, 0]
    n = n[_rising(values)[:_STARTS]]
    last = np.full(len(n), np.inf)
    for _ in range(_TURNS):
        low, vectors = np.linalg.eigh(np.einsum("aibj,ni,nj->nab", A, n, n))
        e = vectors[:, :, 0]
        if np.all(last - low[:, 0] <= 1e-15 * np.abs(low).max()):
            break
        last = low[:, 0]
        n = np.linalg.eigh(np.einsum("aibj,na,nb->nij", A, e, e))[1][:, :, 0]
    best = int(_rising(low[:, 0])[0])
    Q = np.einsum("aibj,i,j->ab", A, n[best], n[best])
    return Wave(float(low[best, 0]), _forward(_in_space(n[best])), _lowest_mode(Q, lattice))


def softest_wave(constants: ForceConstants, lattice: Lattice, plane: bool = False) -> Wave:
    """Minimum over the Brillouin zone without its centre; `k` (1/A) may come close to it."""
    from scipy.optimize import minimize

    B, volume = reciprocal(lattice, plane), lattice.site_volume
    k = grid(B, PER_AXIS[len(B)])
    values = np.linalg.eigvalsh(constants.matrix(k))[:, 0] / laplacian(k, lattice) / volume
    nearest, nu = neighbours(lattice)
    scale = float(np.abs(values).max()) or 1.0  # no bond within the cut-off: all are 0
    unit = float(np.linalg.norm(B[0]))

    def branch(x: Array) -> tuple[float, Array]:
        k = x @ B / unit
        eigenvalues, vectors = np.linalg.eigh(constants.matrix(k[None])[0])
        phase = nearest @ k
        N = 4.0 * nu * float((np.sin(0.5 * phase) ** 2).sum())
        dN = 2.0 * nu * np.sin(phase) @ nearest
        value = float(eigenvalues[0]) / N
        slope = (constants.expectation_slope(k, vectors[:, 0]) - value * dN) / N
        return value / (volume * scale), B @ slope / (unit * volume * scale)

    def far(x: Array) -> None:
        """Give up on a wave that grows without end: `slowest_long_wave` knows its limit."""
        if (
            nu * float((4.0 * np.sin(0.5 * nearest @ (x @ B) / unit) ** 2).sum())
            < (LONG * unit) ** 2
        ):
            raise StopIteration

    best, at = float(values.min()), k[_rising(values)[0]]
    for start in k[_separate(k, values, 1.6 * unit / PER_AXIS[len(B)])]:
        x = np.linalg.lstsq(B.T / unit, start, rcond=None)[0]
        found = minimize(branch, x, jac=True, method="BFGS", callback=far, options={"gtol": 1e-9})
        if found.fun * scale < best - 1e-9 * scale:
            best, at = float(found.fun) * scale, found.x @ B / unit
    at = fold(at, B)
    return Wave(best, at, _lowest_mode(constants.matrix(at[None])[0], lattice))


def _separate(k: Array, values: Array, apart: float) -> list[int]:
    """The lowest points of the grid, no two of them closer than `apart` (1/A)."""
    chosen: list[int] = []
    for i in _rising(values)[:400].tolist():
        if all(np.linalg.norm(k[i] - k[j]) > apart for j in chosen):
            chosen.append(i)
        if len(chosen) == _STARTS:
            break
    return chosen


def _rising(values: Array) -> Index:
    """Order of the values; those equal to rounding keep their places."""
    return np.argsort((values / (np.abs(values).max() or 1.0) * 1e9).round(), kind="stable")


def _lowest_mode(M: Array, lattice: Lattice) -> Array:
    """Unit eigenvector (3,) of the lowest eigenvalue; of a degenerate pair a simple direction."""
    values, vectors = np.linalg.eigh(M)
    same = vectors[:, values - values[0] < 1e-6 * np.abs(values).max()]
    trial = directions(lattice)[:, : len(M)]
    inside = np.linalg.norm(trial @ same, axis=1) > 1.0 - 1e-9
    # the simplest along the cube edges: <100> before <110> before <111>
    size = np.abs(trial @ lattice.axes[: len(M), : len(M)]).sum(axis=1)
    if same.shape[1] > 1 and inside.any():
        return _forward(_in_space(trial[np.argmin(np.where(inside, size.round(9), np.inf))]))
    return _forward(_in_space(vectors[:, 0]))


def _in_space(v: Array) -> Array:
    return np.concatenate([v, np.zeros(3 - len(v))])


def _forward(v: Array) -> Array:
    """The one of +-v whose largest component is positive, without dust."""
    v = np.where(np.abs(v) < 1e-9, 0.0, v)
    return v if v[np.argmax(np.abs(v) - 1e-6 * np.arange(3))] > 0.0 else -v
