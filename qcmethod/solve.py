"""Equilibrium: Newton with the Cauchy-Born stiffness of the mesh as preconditioner of everything.

The Hessian after the mesh is graded is spectrally close to linear elasticity on the same mesh, so

    M = K_CB(reference crystal),   factorised once

makes the inner Krylov iterations independent of the extent. Energies are minimised by a
trust-region Newton method with truncated conjugate gradients in the M norm (Steihaug 1983). Force
fields have no energy: they are solved by Newton-GMRES on the exact, non-symmetric Jacobian, and a
step is accepted when the norm of the residual, |f|_{M^-1}, falls (Dembo, Eisenstat, Steihaug
1982). Convergence is max_k |f_k| <= fmax over the free nodes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator, gmres, splu

from qcmethod.coupling.energy import State
from qcmethod.errors import (
    ConvergenceError,
    InputError,
    InvertedCellError,
    OffTableError,
)
from qcmethod.system import System

Array = NDArray[np.float64]
Progress = Callable[[int, float, float | None], None]


@dataclass(frozen=True)
class Equilibrium:
    """What a solver returns: the last state, its residual, and what it took."""

    state: State
    fmax: float
    iterations: int
    evaluations: int
    inner: int
    seconds: float


MAX_STRAIN = 0.04
"""No cell is strained more than this in one step, a tenth of an Angstrom a bond: the solver stays
in the basin it starts in, while the core as a whole may move freely."""


TWIN_FMAX = 1e-2
"""A force method starts with its conservative twin while forces exceed this, eV/A."""


class _Free:
    """The free directions of a system, with the factorised preconditioner and a counter."""

    def __init__(self, system: System, like: _Free | None = None) -> None:
        self.system = system
        if like is not None:  # the same free directions and the same preconditioner
            self.index, self.lu = like.index, like.lu
            self.evaluations, self.inner = like.evaluations, like.inner
            return
        self.index = np.flatnonzero(system.free.ravel())
        K = system.elastic_stiffness.tocsc()[:, self.index][self.index, :]
        self.lu = splu(
            K,
            permc_spec="MMD_AT_PLUS_A",
            diag_pivot_thresh=0.0,
            options={"SymmetricMode": True},
        )
        self.evaluations = 0
        self.inner = 0

    def at(self, u: Array) -> State:
        self.evaluations += 1
        return self.system.model.at(u)

    def moved(self, u: Array, step: Array) -> Array:
        full = u.ravel().copy()
        full[self.index] += step
        return full.reshape(u.shape)

    def force(self, state: State) -> Array:
        return state.forces.ravel()[self.index]

    def strain(self, step: Array) -> float:
        """Largest gradient of a step in any cell."""
        full = np.zeros(self.system.free.size)
        full[self.index] = step
        G = self.system.body.cells.gradient_of(full.reshape(-1, 3))
        return float(np.sqrt((G**2).sum(axis=(1, 2)).max()))

    def largest(self, state: State) -> float:
        f = np.where(self.system.free, state.forces, 0.0)
        return float(np.sqrt((f**2).sum(axis=1).max(initial=0.0)))

    def jacobian(self, state: State) -> LinearOperator:
        H = self.system.model.stiffness(state)
        n, m = len(self.index), H.shape[0]

        def product(v: Array) -> Array:
            self.inner += 1
            full = np.zeros(m)
            full[self.index] = v
            return H.matvec(full)[self.index]

        return LinearOperator((n, n), matvec=product, dtype=np.float64)


def equilibrium(
    system: System,
    u: Array,
    fmax: float,
    max_iterations: int,
    progress: Progress | None,
) -> Equilibrium:
    """Solve for zero forces from the corrector u (n_k, 3); see `relax` for the arguments."""
    start = time.perf_counter()
    free = _Free(system)
    solve = _solve_forces if system.method.kind == "force" else _solve_energy
    state, iteration = solve(free, free.at(u), fmax, max_iterations, progress)
    seconds = time.perf_counter() - start
    largest = free.largest(state)
    return Equilibrium(state, largest, iteration, free.evaluations, free.inner, seconds)


def _solve_energy(
    free: _Free, state: State, fmax: float, max_iterations: int, progress: Progress | None
) -> tuple[State, int]:
    return _iterate(free, _EnergyStep(), state, 0, fmax, max_iterations, progress)


def _solve_forces(
    free: _Free, state: State, fmax: float, max_iterations: int, progress: Progress | None
) -> tuple[State, int]:
    """Newton-GMRES, started in the basin of a conservative twin.

    Newton's method on a non-conservative field finds a zero near its start, stable or not, and
    stalls where the Jacobian is singular. The blended energy with the same beta, its ghost force
    frozen at the current state, has the forces of this state and has minima: descent in it picks
    the branch. It is frozen anew, and followed closer, only where Newton-GMRES stalls.
    """
    iteration = 0
    for closer in (1.0, 0.1, 0.01, 1e-3):
        if free.largest(state) > max(fmax, closer * TWIN_FMAX):
            twin = _Free(free.system.conservative_twin(state.u), free)
            found, iteration = _iterate(
                twin,
                _EnergyStep(),
                twin.at(state.u),
                iteration,
                max(fmax, closer * TWIN_FMAX),
                max_iterations,
                progress,
            )
            free.evaluations, free.inner = twin.evaluations, twin.inner
            state = free.at(found.u)
        try:
            return _iterate(free, _force_step, state, iteration, fmax, max_iterations, progress)
        except ConvergenceError as stalled:
            last, iteration = stalled, iteration + 1
    raise last


def _iterate(
    free: _Free,
    step: Callable[[_Free, State], State | None],
    state: State,
    iteration: int,
    fmax: float,
    max_iterations: int,
    progress: Progress | None,
) -> tuple[State, int]:
    """Newton steps until the forces are below fmax; ConvergenceError where they end earlier."""
    while (largest := free.largest(state)) > fmax:
        if progress:
            progress(iteration, largest, state.energy)
        if iteration >= max_iterations:
            _refuse(free.system, state, largest, fmax, f"after {iteration} iterations")
        new = step(free, state)
        if new is None:
            _refuse(free.system, state, largest, fmax, f"no step reduces it at {iteration}")
        else:
            state, iteration = new, iteration + 1
    if progress:
        progress(iteration, largest, state.energy)
    return state, iteration


def _refuse(system: System, state: State, largest: float, fmax: float, why: str) -> None:
    worst = int(np.argmax((np.where(system.free, state.forces, 0.0) ** 2).sum(axis=1)))
    raise ConvergenceError(
        f"relax({system.method.name}): residual {largest:.3e} eV/A at node {worst}, x = "
        f"{np.round(system.body.x_k[worst], 2).tolist()} A, expected {fmax:.1e}: {why}. Try smaller "
        "load steps (start from u= of a nearby load), a larger core, or a larger fmax.",
        best=state,
    )


def _tried(free: _Free, u: Array) -> State | None:
    """Evaluate a trial state; None where the potential or the continuum refuses it."""
    try:
        state = free.at(u)
    except (OffTableError, InvertedCellError):
        return None
    return state if np.isfinite(state.forces).all() else None


class _EnergyStep:
    """Trust-region Newton steps; the radius, in the M norm, is kept between steps."""

    def __init__(self) -> None:
        self.radius = np.inf

    def __call__(self, free: _Free, state: State) -> State | None:
        f, H = free.force(state), free.jacobian(state)
        for _ in range(40):
            step, length, predicted = _truncated_cg(H, f, free, self.radius)
            strain = free.strain(step)
            if strain > 1.01 * MAX_STRAIN:
                self.radius = length * MAX_STRAIN / strain
                continue
            new = _tried(free, free.moved(state.u, step))
            if new is not None and self._accept(free, state, new, predicted, length):
                return new
            self.radius = 0.25 * length
        return None

    def _accept(self, free: _Free, old: State, new: State, predicted: float, length: float) -> bool:
        assert old.energy is not None and new.energy is not None
        gain = old.energy - new.energy
        # below the rounding of the energy the forces decide
        noise = 1e-12 * max(1.0, abs(old.energy)) + 1e-14 * free.system.n_sites**0.5
        if predicted < 100.0 * noise:
            good = free.largest(new) < free.largest(old)
            return good
        ratio = gain / predicted
        if ratio < 0.25:
            self.radius = 0.5 * length
        elif ratio > 0.75 and length > 0.9 * self.radius:
            self.radius = 2.0 * length
        return ratio > 1e-3


def _truncated_cg(
    H: LinearOperator, f: Array, free: _Free, radius: float
) -> tuple[Array, float, float]:
    """Steihaug's step: minimise -f.p + p.H p/2 within |p|_M <= radius.

    Returns the step, its M norm and the predicted decrease. Stops at negative curvature.
    """
    p, r = np.zeros_like(f), f.copy()
    z = free.lu.solve(r)
    d, rz = z.copy(), float(r @ z)
    start = np.sqrt(rz)
    tolerance = start * min(0.1, np.sqrt(start))
    pMp, pMd, dMd, model = 0.0, 0.0, rz, 0.0
    for _ in range(300):
        Hd = H.matvec(d)
        curvature = float(d @ Hd)
        if curvature <= 0.0:
            bound = radius if np.isfinite(radius) else np.sqrt(pMp) + max(1.0, np.sqrt(dMd))
            tau = _to_boundary(pMp, pMd, dMd, bound)
            model += tau * float(r @ d) - 0.5 * tau**2 * curvature
            return p + tau * d, bound, model
        alpha = rz / curvature
        if pMp + 2.0 * alpha * pMd + alpha**2 * dMd >= radius**2:
            tau = _to_boundary(pMp, pMd, dMd, radius)
            model += tau * float(r @ d) - 0.5 * tau**2 * curvature
            return p + tau * d, radius, model
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


def _force_step(free: _Free, state: State) -> State | None:
    """One Newton-GMRES step, shortened until the norm of the residual falls."""
    f, J = free.force(state), free.jacobian(state)
    M = LinearOperator(J.shape, matvec=free.lu.solve, dtype=np.float64)
    before = _norm(free, f)
    rtol = min(0.05, max(1e-6, float(np.sqrt(before))))
    step, _ = gmres(J, f, M=M, rtol=rtol, atol=0.0, restart=100, maxiter=4)
    t = min(1.0, MAX_STRAIN / max(free.strain(step), 1e-300))
    for _ in range(5):
        new = _tried(free, free.moved(state.u, t * step))
        if new is not None and _norm(free, free.force(new)) < (1.0 - 1e-4 * t) * before:
            return new
        t *= 0.5
    return None


def _norm(free: _Free, f: Array) -> float:
    return float(np.sqrt(max(f @ free.lu.solve(f), 0.0)))


def require_fmax(fmax: float) -> float:
    """A positive force tolerance, eV/A (InputError otherwise)."""
    if not (np.isfinite(fmax) and fmax > 0.0):
        raise InputError("fmax", fmax, "a positive force tolerance in eV/A, e.g. 1e-5")
    return float(fmax)
