"""A stack of layers of an engine: a film that is periodic in its plane, one atom a row.

    E(w) = E_film(w) - E_film(0) + E_0,    E_0 = (E_film(0) - n W)/2  of a surface,  0 of a fault

An engine without site energies cannot leave out what is not meant, so the film ends at two free
surfaces. What is meant is far from the one at the top, or from both: no site sees both ends, and
what they cost drops out. The two surfaces of an unrelaxed film of a Bravais lattice are equal.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from qcmethod.base.secant import Pairs
from qcmethod.base.types import Action, Array, Bools, Index
from qcmethod.crystal.crystal import Crystal
from qcmethod.crystal.stack import FORCE, LONGEST, Layers, LayersState
from qcmethod.errors import ConvergenceError
from qcmethod.potentials.engine import Engine, Session
from qcmethod.potentials.sums.engine import Kept

MARGIN = 1e-9
"""At a step below this, A, or a force below it, eV/A, what is left is rounding of the engine."""
MOST = 200


@dataclass(frozen=True, eq=False)
class Film:
    """Rows of a film: positions (n, 3) A, group of each, rows of the box (3, 3), the energy at
    w = 0 that is meant, and of the film there, eV; stiffness (3, 3) between rows, eV/A^2."""

    engine: Engine
    x: Array
    group: Index
    n_groups: int
    cell: Array
    zero: float
    offset: float
    spring: Array
    _kept: Kept = field(default_factory=Kept, repr=False)

    @classmethod
    def build(cls, crystal: Crystal, F: Array, rows: tuple[int, int], bottom: bool) -> Film:
        """The film about some free rows; arguments as for `stack.Layers.build`."""
        lattice, potential = crystal.lattice, crystal.potential
        assert potential.engine is not None
        rise, first = float(lattice.basis[1, 1]), rows[0]
        # no site sees a row that moves and a surface, nor does a force
        beyond = int(1.05 * (max(potential.reach, 2) + 0.5) * potential.cutoff / rise) + 2
        j = np.arange(first - beyond * int(bottom), rows[1] + beyond + 1)
        ij = np.stack([np.zeros_like(j), j], axis=1)
        group = np.clip(ij[:, 1], first - int(bottom), rows[1] + 1) - (first - int(bottom))
        x = lattice.positions(ij) @ F.T
        up = np.array([0.0, float(np.ptp(x[:, 1])) + 4.0 * potential.cutoff, 0.0])
        cell = np.array([F @ lattice.basis[0], up, F @ lattice.basis[2]])
        spring = crystal.tangent(F)[:, 1, :, 1] * lattice.site_volume / rise**2
        film = cls(
            potential.engine, x, group, rows[1] - first + 2 + int(bottom), cell, 0.0, 0.0, spring
        )
        E = film._asked(np.zeros((film.n_groups, 3)))[0]
        zero = 0.0 if bottom else 0.5 * (E - len(x) * crystal.site_energy(F))
        return cls(film.engine, x, group, film.n_groups, cell, zero, E, spring, film._kept)

    def at(self, w: Array) -> LayersState:
        """The film with its groups displaced by w (n_groups, 3), A. Raises OffTableError."""
        E, g = self._asked(w)
        return LayersState(E - self.offset + self.zero, g, self._no_hessian)

    def relax(self, w: Array, free: Bools, what: str) -> tuple[Array, LayersState]:
        """Minimise E over the components of w that are True in free, both (n_groups, 3), by BFGS
        from a chain of springs; see `Layers.relax`. Raises ConvergenceError, naming `what`."""
        state, solve, pairs = self.at(w), self._springs(free), Pairs()
        for _ in range(MOST):
            f = -state.gradient[free]
            if np.abs(f).max(initial=0.0) < FORCE:
                return w, state
            p = pairs.direction(f, solve)
            step = np.zeros_like(w)
            step[free] = p * min(1.0, LONGEST / float(np.abs(p).max()))
            new = self.at(w + step)
            while not _lower(state, new, free):
                step *= 0.5
                if np.abs(step).max() < MARGIN:
                    return self._ended(w, state, free, what)
                new = self.at(w + step)
            pairs = pairs.with_pair(step[free], (new.gradient - state.gradient)[free])
            w, state = w + step, new
        return self._ended(w, state, free, what)

    def _ended(
        self, w: Array, state: LayersState, free: Bools, what: str
    ) -> tuple[Array, LayersState]:
        left = float(np.abs(state.gradient[free]).max())
        if left < 100.0 * MARGIN:
            return w, state
        raise ConvergenceError(f"{what}: the layers do not relax (residual {left:.2e} eV/A)")

    def _springs(self, free: Bools) -> Action:
        """The inverse of a chain of rows with springs between neighbours, on the free parts."""
        n = self.n_groups
        chain = 2.0 * np.eye(n) - np.eye(n, k=1) - np.eye(n, k=-1)
        chain[0, 0] = chain[-1, -1] = 1.0
        values, modes = np.linalg.eigh(0.5 * (self.spring + self.spring.T))
        spring = (modes * np.maximum(values, 0.05 * values[-1])) @ modes.T
        K = np.kron(chain, spring)[free.ravel()][:, free.ravel()]
        inverse = np.linalg.inv(K + 1e-6 * np.trace(K) / len(K) * np.eye(len(K)))
        return lambda f: inverse @ f

    def _asked(self, w: Array) -> tuple[float, Array]:
        E, g = self._kept.asked(self._made).at(self.x + w[self.group])
        total = np.zeros((self.n_groups, 3))
        np.add.at(total, self.group, g)
        return E, total

    def _made(self) -> Session:
        species = np.zeros(len(self.x), dtype=np.int64)
        return self.engine.session(self.x, self.cell, (True, False, True), species)

    def _no_hessian(self, free: Bools) -> Array:
        raise NotImplementedError("a film is relaxed by its forces")


def layers_of(
    crystal: Crystal, F: Array, rows: tuple[int, int], bottom: bool, slide: float = 0.0
) -> Layers | Film:
    """The stack of a crystal, with or without site energies; see `Layers.build`."""
    if crystal.potential.engine is not None:
        return Film.build(crystal, F, rows, bottom)
    return Layers.build(crystal, F, rows, bottom, slide)


def _lower(old: LayersState, new: LayersState, free: Bools) -> bool:
    fell = np.abs(new.gradient[free]).max() < 0.9 * np.abs(old.gradient[free]).max()
    return bool(new.energy <= old.energy + 1e-10 or (fell and new.energy <= old.energy + 1e-6))
