r"""A band of images on a mesh in space, relaxed with the elastic preconditioner.

    d_i = Pi M^-1 Pi f_i + k (|u_i+1 - u_i| - |u_i - u_i-1|) t_i,      Pi = 1 - t_i t_i^T
    d_top = Pi M^-1 Pi f - (f . t)/(t . M t) t

with the improved tangent t (Henkelman and Jonsson 2000, J. Chem. Phys. 113, 9978). Pi M^-1 Pi is
positive definite across the path, so the band comes to rest where that of Euclid's forces does, in
a number of steps that does not depend on the mesh (Makri, Ortner, Kermode 2019, J. Chem. Phys. 150,
094109). Steps are those of FIRE, of unit mass in these directions (Bitzek et al. 2006, Phys. Rev.
Lett. 97, 170201).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import csr_array

from qcmethod.base.types import Array
from qcmethod.coupling.energy import State
from qcmethod.coupling.system import System
from qcmethod.errors import InvertedCellError, OffTableError
from qcmethod.solve.free import FreeSystem
from qcmethod.solve.linear import Linear

SPRING = 0.5
"""Part of the difference of two distances that a step takes away."""
STEP, LONGEST = 0.3, 1.0
"""Of FIRE, in units of the elastic period over 2 pi."""
MOST = 0.1
"""No node of an image is moved further in one step, A."""


@dataclass(eq=False)
class Chain:
    """Images (m, n) in the free directions of one system, both ends fixed."""

    free: FreeSystem
    lu: Linear
    M: csr_array
    x: Array
    energies: Array = field(init=False)
    forces: Array = field(init=False)
    residual: float = np.inf
    iterations: int = 0

    def __post_init__(self) -> None:
        self.energies, self.forces = np.zeros(len(self.x)), np.zeros_like(self.x)
        for i in range(len(self.x)):
            self._evaluate(i)

    @classmethod
    def of(cls, system: System, states: Array, lu: Linear) -> Chain:
        """A chain of correctors (m, n_k, 3)."""
        free = FreeSystem(system, lu=lu)
        M = csr_array(system.elastic_stiffness[free.index][:, free.index])
        return cls(free, lu, M, states.reshape(len(states), -1)[:, free.index])

    @property
    def top(self) -> int:
        """The highest image between the ends."""
        return int(np.argmax(self.energies[1:-1])) + 1

    @property
    def states(self) -> Array:
        """(m, n_k, 3) correctors."""
        return np.stack([self.free.nodal(x) for x in self.x])

    def relax(self, climb: bool, fmax: float, most: int, said: Callable[[Chain], None]) -> bool:
        """Steps until no node of an image feels more than fmax, eV/A, across; whether so."""
        v, dt, mixing, downhill = np.zeros_like(self.x), STEP, 0.1, 0
        while True:
            d = self._directions(climb)
            said(self)
            if self.residual <= fmax:
                return True
            if self.iterations >= most:
                return False
            if (power := float(np.vdot(v, d))) > 0.0:
                v = (1.0 - mixing) * v + mixing * d * np.linalg.norm(v) / np.linalg.norm(d)
                downhill += 1
                if downhill > 5:
                    dt, mixing = min(1.1 * dt, LONGEST), 0.99 * mixing
            else:
                v, mixing, downhill = np.zeros_like(v), 0.1, 0
                dt = 0.5 * dt if power < 0.0 else dt
            v = v + dt * d
            self._move(dt * v)
            self.iterations += 1

    def _move(self, step: Array) -> None:
        longest = float(np.sqrt((step.reshape(len(step), -1, 3) ** 2).sum(axis=2)).max())
        step = step * min(1.0, MOST / max(longest, 1e-300))
        for i in range(1, len(self.x) - 1):
            before = self.x[i].copy()
            for _ in range(6):
                try:
                    self._evaluate(i, before + step[i])
                    break
                except (OffTableError, InvertedCellError):
                    step[i] *= 0.5
            else:
                self._evaluate(i, before)

    def _evaluate(self, i: int, x: Array | None = None) -> None:
        state: State = self.free.at(self.free.nodal(self.x[i] if x is None else x))
        assert state.energy is not None  # `neb` refuses methods of forces
        self.energies[i], self.forces[i] = state.energy, self.free.force(state)
        if x is not None:
            self.x[i] = x

    def tangent(self, i: int) -> Array:
        """The improved tangent (n,) at an image, of length 1."""
        ahead, behind = self.x[i + 1] - self.x[i], self.x[i] - self.x[i - 1]
        before, here, after = self.energies[i - 1 : i + 2]
        if after > here > before:
            t = ahead
        elif after < here < before:
            t = behind
        else:
            low, high = sorted((abs(after - here), abs(before - here)))
            up, down = (high, low) if after > before else (low, high)
            t = up * ahead + down * behind
        return np.asarray(t / max(float(np.linalg.norm(t)), 1e-300))

    def _directions(self, climb: bool) -> Array:
        d, worst = np.zeros_like(self.x), 0.0
        for i in range(1, len(self.x) - 1):
            t, f = self.tangent(i), self.forces[i]
            along = float(f @ t)
            across = f - along * t
            p = self.lu.solve(across)
            p = p - float(p @ t) * t
            if climb and i == self.top:
                p = p - along / float(t @ (self.M @ t)) * t
                across = f
            else:
                ahead = np.linalg.norm(self.x[i + 1] - self.x[i])
                behind = np.linalg.norm(self.x[i] - self.x[i - 1])
                p = p + SPRING * float(ahead - behind) * t
            d[i] = p
            worst = max(worst, float((across.reshape(-1, 3) ** 2).sum(axis=1).max()))
        self.residual = float(np.sqrt(worst))
        return d
