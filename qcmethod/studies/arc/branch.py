"""A branch of equilibria f(u, K) = 0 of a crack: its residual, its derivatives, its tangent.

    H = -df/du,   f_K = df/dK:      H du/ds = f_K dK/ds,      |du|^2 + (scale dK)^2 = ds^2

The mesh is the same at all loads; K enters through the predictor y0 = x + K u_1(x) alone (and
through the ghost force, where that is frozen at the predictor). f_K is taken by central
differences of the forces at predictors K +- h: the crack field is linear in K, so their error is
of second order in h/K = 1e-4. Lengths are those of the corrector's free components, A.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qcmethod.base.stored import stored
from qcmethod.base.types import Array
from qcmethod.coupling.energy import State
from qcmethod.coupling.system import System
from qcmethod.errors import InvertedCellError, OffTableError
from qcmethod.io import codec
from qcmethod.io.declared import fits
from qcmethod.io.sound import require
from qcmethod.problems.load import LOADS
from qcmethod.solve.free import largest_force
from qcmethod.solve.jacobian import Inertia, factorise
from qcmethod.solve.linear import elimination_order
from qcmethod.studies.arc.load_line import LoadLine

DIFFERENCE = 1e-3
"""Step of the difference quotients in K, A: `scale` makes it a load."""


@dataclass(frozen=True, eq=False)
class Tangent:
    """A unit vector along the branch: `u` (n,) on the free directions, A per A, and dK/ds."""

    u: Array
    K: float

    def dot(self, u: Array, K: float, scale: float) -> float:
        """Length along the tangent of a move u (n,), A, and K, MPa sqrt(m)."""
        return float(self.u @ u) + scale**2 * self.K * K

    def cosine(self, other: Tangent, scale: float) -> float:
        """Cosine of the angle with another tangent."""
        return self.dot(other.u, other.K, scale)


@stored
@dataclass(frozen=True, eq=False)
class Branch:
    """Equilibria of one system in the pair (u, K).

    Attributes
    ----------
    system : at the first load
    mode : "KI", "KII" or "KIII", the load that is continued
    reference : gradient (3, 3) where a ghost force is frozen; None: the predictor of each load
    scale : what a change of K counts, A/(MPa sqrt(m))
    index : free directions of the flattened corrector
    order : in which they are eliminated
    loads : the models of the system at all loads
    """

    system: System
    mode: str
    reference: Array | None
    scale: float
    index: NDArray[np.int64]
    order: NDArray[np.int64]
    loads: LoadLine

    @classmethod
    def of(cls, system: System, mode: str, reference: Array | None, scale: float) -> Branch:
        """The branch through the equilibria of a system."""
        index = np.flatnonzero(system.free.ravel())
        loads = LoadLine.of(system, mode, reference)
        return cls(system, mode, reference, scale, index, elimination_order(system, index), loads)

    def at(self, K: float) -> System:
        """The system at the load K, MPa sqrt(m)."""
        return self.system.at_load(self.reference, **{self.mode: K})

    def state(self, u: Array, K: float) -> State | None:
        """The model at a corrector and a load; None where it refuses them."""
        try:
            state = self.loads.model(K).at(u)
        except (OffTableError, InvertedCellError):
            return None
        return state if np.isfinite(state.forces).all() else None

    def force(self, state: State) -> Array:
        """Forces on the free directions (n,), eV/A."""
        f: Array = state.forces.ravel()[self.index]
        return f

    def moved(self, u: Array, step: Array) -> Array:
        """u + step, the step given on the free directions (n,)."""
        new = u.copy()
        new.ravel()[self.index] += step
        return new

    def distance(self, du: Array, dK: float) -> float:
        """Length, A, of a move du (n_k, 3) and dK."""
        return float(np.sqrt((du.ravel()[self.index] ** 2).sum() + (self.scale * dK) ** 2))

    def largest(self, state: State) -> float:
        """Largest force on a node, free components only, eV/A."""
        return largest_force(self.system, state)

    def linearised(self, u: Array, K: float) -> Linearised:
        """H and f_K at a corrector and a load. Raises OffTableError, InvertedCellError.

        Neighbours are listed anew: the order in which H is summed up, and so its last digit, does
        not depend on where the branch was before.
        """
        model = self.loads.model(K)
        model = replace(model, sites=model.sites.renewed())
        state = model.at(u)
        h = DIFFERENCE / self.scale
        above, below = (self.loads.model(K + d).at(u).forces.ravel()[self.index] for d in (h, -h))
        factors = factorise(model, state, self.index, self.order)
        return Linearised(factors, factors.solve((above - below) / (2.0 * h)), self.scale)


@dataclass(frozen=True, eq=False)
class Linearised:
    """The linearised branch: factors of H, and du/dK = H^-1 f_K (n,), A/(MPa sqrt(m))."""

    factors: Inertia
    slope: Array
    scale: float

    def tangent(self, sense: float) -> Tangent:
        """The unit tangent with dK/ds of the sign of `sense` times det H.

        The sense (+1 or -1) of a branch never changes, neither at folds nor at the corners of a
        piecewise smooth force field (Allgower and Georg 1990, ch. 2 and 14).
        """
        length = float(np.sqrt(self.slope @ self.slope + self.scale**2))
        sign = sense * (-1.0) ** self.factors.negative
        return Tangent(sign * self.slope / length, sign / length)

    def bordered(self, f: Array, short: float, along: Tangent) -> tuple[Array, float]:
        """Newton's step (du (n,), dK) with H du - f_K dK = f and length `short` along a tangent."""
        direct = self.factors.solve(f)
        dK = (short - float(along.u @ direct)) / along.dot(self.slope, 1.0, self.scale)
        return direct + dK * self.slope, dK


def _parts(branch: Branch) -> dict[str, Any]:
    names = ("system", "mode", "reference", "scale")
    return {name: getattr(branch, name) for name in names}


def _build(parts: dict[str, Any]) -> Branch:
    F, scale = parts["reference"], parts["scale"]
    require(isinstance(parts["system"], System) and parts["mode"] in LOADS, "a system under a load")
    require(F is None or (fits(F, Array) and F.shape == (3, 3)), "a gradient (3, 3)")
    require(fits(scale, float) and 0.0 < scale < np.inf, "a scale")
    return Branch.of(**parts)


codec.register(Branch, _parts, _build)
