"""What the sums of a potential must be, on a cluster in disorder: derivatives and identities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qcmethod.potentials.can import Can
from qcmethod.testing.sweep import rotation, slope_error

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qcmethod.crystal.crystal import Crystal
    from qcmethod.potentials.contract import Potential
    from qcmethod.potentials.sums.protocol import Sum, SumState


class Cluster:
    """Sites of a crystal moved at random, with random weights, in vacuum."""

    def __init__(self, potential: Potential, crystal: Crystal, rng: np.random.Generator) -> None:
        self.potential, self.crystal, self.rng = potential, crystal, rng
        self.n = crystal.lattice.n_components
        half = crystal.lattice.shell((potential.reach + 0.4) * potential.cutoff)
        self.x0 = np.concatenate([np.zeros((1, 3)), half, -half])  # the centre first
        nearest = float(np.linalg.norm(half, axis=1).min())
        self.x = self.x0 + 0.04 * nearest * self._random()
        weighted = Can.SITE_ENERGY in potential.can
        self.w = rng.uniform(0.2, 1.0, len(self.x)) if weighted else np.ones(len(self.x))
        self.v = self._random()

    def _random(self) -> NDArray[np.float64]:
        moved = np.zeros_like(self.x0)
        moved[:, : self.n] = self.rng.uniform(-1.0, 1.0, (len(self.x0), self.n))
        return moved

    def sum(self, w: NDArray[np.float64]) -> Sum:
        """Of the sites with weights w (n,), reference energies zero."""
        return self.potential.site_sum(np.inf, w, np.zeros(len(w)))

    def derivatives(self) -> dict[str, float]:
        """Errors of gradient and Hessian along a random direction."""
        sites, x, v = self.sum(self.w), self.x, self.v
        state = sites.at(x)
        slope = np.vdot(state.gradient, v)
        found = {"dE/dx": slope_error(lambda h: sites.at(x + h * v).energy, slope)}
        if Can.HESSIAN in self.potential.can:
            Hv = sites.hessian(state)(v)
            found["E'' v"] = slope_error(lambda h: sites.at(x + h * v).gradient, Hv)
        return found

    def identities(self) -> dict[str, float]:
        """Errors of sums, symmetries, reach, and of a site of the perfect crystal."""
        sites, x = self.sum(self.w), self.x
        state, Q = sites.at(x), rotation(self.rng, self.n)
        turned, force = sites.at(x @ Q.T), float(np.abs(state.gradient).max())
        torque = np.cross(x, state.gradient).sum(axis=0)
        found = {
            "E(Q x) = E(x)": abs(turned.energy - state.energy) / abs(state.energy),
            "Q dE/dx": float(np.abs(turned.gradient - state.gradient @ Q.T).max()) / force,
            "no resultant": float(np.abs(state.gradient.sum(axis=0)).max()) / force,
            "no torque": float(np.abs(torque).max()) / (force * float(np.abs(x).max())),
        }
        own = self._of_hessian if Can.HESSIAN in self.potential.can else self._of_forces
        found |= own(sites, state)
        return found | (self._of_sites(state) if Can.SITE_ENERGY in self.potential.can else {})

    def _of_sites(self, state: SumState) -> dict[str, float]:
        V = self.sum(self.w).energies(self.x)
        centre = float(self.sum(np.ones(len(V))).energies(self.x0)[0])
        return {
            "E = sum w V": abs(state.energy - float(self.w @ V)) / abs(state.energy),
            "V of the crystal": abs(centre - self.crystal.cohesive) / abs(centre),
        }

    def _of_hessian(self, sites: Sum, state: SumState) -> dict[str, float]:
        v, other, action = self.v, self._random(), sites.hessian(state)
        Hv, matrix = action(v), sites.hessian_matrix(state)
        size, beyond = float(np.abs(Hv).max()), action(self._far(other))[0]
        return {
            "E'' symmetric": abs(float(np.vdot(other, Hv) - np.vdot(v, action(other)))) / size,
            "E'' assembled": float(np.abs(matrix @ v.ravel() - Hv.ravel()).max()) / size,
            "reach": float(np.abs(beyond).max()) / size,
        }

    def _of_forces(self, sites: Sum, state: SumState) -> dict[str, float]:
        moved = sites.at(self.x + 0.05 * self._far(self._random())).gradient
        size = float(np.abs(moved - state.gradient).max())
        return {"reach": float(np.abs(moved - state.gradient)[0].max()) / size}

    def _far(self, v: NDArray[np.float64]) -> NDArray[np.float64]:
        """v (n, 3) on the sites that the first one does not feel."""
        sees = self.potential.reach * self.potential.cutoff
        distance = np.linalg.norm(self.x - self.x[0], axis=1)
        return np.where((distance > sees + 0.1)[:, None], v, 0.0)
