"""Minimise an energy: trust-region Newton with truncated conjugate gradients.

    minimise  -f . p + 1/2 p . E'' p   within  |p|_M <= radius

by preconditioned conjugate gradients that stop at the boundary or at negative curvature (Steihaug
1983, SIAM J. Numer. Anal. 20, 626; Conn, Gould, Toint 2000). The radius follows the ratio of the
actual to the predicted decrease; below the rounding of the energy the forces decide.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse.linalg import LinearOperator

from qcmethod.base.types import Array
from qcmethod.coupling.energy import State
from qcmethod.solve.free import MAX_STRAIN, FreeSystem, Progress, iterate, tried

COARSE = 0.4
"""Part of a residual, in the norm of M^-1, that a coarse step leaves."""


def solve_energy(
    free: FreeSystem, state: State, fmax: float, max_iterations: int, progress: Progress | None
) -> tuple[State, int]:
    """Newton steps in the energy from a state until the forces are below fmax (eV/A)."""
    return iterate(free, EnergyStep(), state, 0, fmax, max_iterations, progress)


class EnergyStep:
    """Trust-region Newton steps; the radius, in the M norm, is kept between steps.

    max_strain : no cell is strained more in one step
    coarse : leave soft and unstable directions alone: conjugate gradients end early, and before
        they follow a negative curvature
    """

    def __init__(self, max_strain: float = MAX_STRAIN, coarse: bool = False) -> None:
        self.radius, self.max_strain, self.coarse = np.inf, max_strain, coarse

    def __call__(self, free: FreeSystem, state: State) -> State | None:
        """The state after one accepted step; None when no step is acceptable."""
        f, H = free.force(state), free.jacobian(state, near=True)
        for _ in range(40):
            step, length, predicted = _truncated_cg(H, f, free, self.radius, self.coarse)
            strain = free.strain(step)
            if strain > 1.01 * self.max_strain:
                self.radius = length * self.max_strain / strain
                continue
            new = tried(free, free.moved(state.u, step))
            if new is not None and self._accept(free, state, new, predicted, length):
                return new
            self.radius = 0.25 * length
        return None

    def _accept(
        self, free: FreeSystem, old: State, new: State, predicted: float, length: float
    ) -> bool:
        assert old.energy is not None and new.energy is not None
        gain = old.energy - new.energy
        # below the rounding of the energy the forces decide
        noise = 1e-12 * max(1.0, abs(old.energy)) + 1e-14 * free.system.represented**0.5
        if predicted < 100.0 * noise:
            # near a saddle point forces grow on the way down: there the energy still tells
            return free.largest(new) < free.largest(old) or gain > noise
        ratio = gain / predicted
        if ratio < 0.25:
            self.radius = 0.5 * length
        elif ratio > 0.75 and length > 0.9 * self.radius:
            self.radius = 2.0 * length
        return ratio > 1e-3


def _truncated_cg(
    H: LinearOperator, f: Array, free: FreeSystem, radius: float, coarse: bool
) -> tuple[Array, float, float]:
    """Steihaug's step: minimise -f.p + p.H p/2 within |p|_M <= radius.

    Returns the step, its M norm and the predicted decrease. Stops at negative curvature; before it
    where the step is a coarse one.
    """
    p, r = np.zeros_like(f), f.copy()
    z = free.lu.solve(r)
    d, rz = z.copy(), float(r @ z)
    start = np.sqrt(rz)
    tolerance = start * min(COARSE if coarse else 0.1, np.sqrt(start))
    pMp, pMd, dMd, model = 0.0, 0.0, rz, 0.0
    for _ in range(300):
        Hd = H.matvec(d)
        curvature = float(d @ Hd)
        if coarse and curvature <= 0.0 and pMp > 0.0:
            break
        alpha = rz / curvature if curvature > 0.0 else np.inf
        if alpha == np.inf or pMp + 2.0 * alpha * pMd + alpha**2 * dMd >= radius**2:
            # only negative curvature gets here without a radius
            bound = radius if np.isfinite(radius) else np.sqrt(pMp) + max(1.0, np.sqrt(dMd))
            tau = _to_boundary(pMp, pMd, dMd, bound)
            model += tau * float(r @ d) - 0.5 * tau**2 * curvature
            return p + tau * d, bound, model
        p = p + alpha * d
        pMp += 2.0 * alpha * pMd + alpha**2 * dMd
        r = r - alpha * Hd
        model += 0.5 * alpha * rz
        z = free.lu.solve(r)
        new = float(r @ z)
        if np.sqrt(new) <= tolerance:
            break
        beta = new / rz
        pMd = beta * (pMd + alpha * dMd)
        dMd = new + beta**2 * dMd
        d, rz = z + beta * d, new
    return p, float(np.sqrt(pMp)), model


def _to_boundary(pMp: float, pMd: float, dMd: float, radius: float) -> float:
    """tau >= 0 with |p + tau d|_M = radius."""
    return float((-pMd + np.sqrt(pMd**2 + dMd * (radius**2 - pMp))) / dMd)
