"""What the sums of a potential must be, on a cluster in disorder: derivatives and identities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qcmethod.testing.sweep import rotation, slope_error

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qcmethod.crystal.crystal import Crystal
    from qcmethod.potentials.contract import Potential, Sum


class Cluster:
    """Sites of a crystal moved at random, with random weights, in vacuum."""

    def __init__(self, potential: Potential, crystal: Crystal, rng: np.random.Generator) -> None:
        self.potential, self.crystal, self.rng = potential, crystal, rng
        self.n = crystal.lattice.n_components
        half = crystal.lattice.shell((potential.reach + 0.4) * potential.cutoff)
        self.x0 = np.concatenate([np.zeros((1, 3)), half, -half])  # the centre first
        nearest = float(np.linalg.norm(half, axis=1).min())
        self.x = self.x0 + 0.04 * nearest * self._random()
        self.w = rng.uniform(0.2, 1.0, len(self.x))
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
        Hv = sites.hessian(state)(v)
        return {
            "dE/dx": slope_error(lambda h: sites.at(x + h * v).energy, np.vdot(state.gradient, v)),
            "E'' v": slope_error(lambda h: sites.at(x + h * v).gradient, Hv),
        }

    def identities(self) -> dict[str, float]:
        """Errors of sums, symmetries, reach, and of a site of the perfect crystal."""
        sites, x, v = self.sum(self.w), self.x, self.v
        state, Q = sites.at(x), rotation(self.rng, self.n)
        turned, other = sites.at(x @ Q.T), self._random()
        action = sites.hessian(state)
        Hv, force = action(v), float(np.abs(state.gradient).max())
        size, matrix = float(np.abs(Hv).max()), sites.hessian_matrix(state)
        V = sites.energies(x)
        centre = float(self.sum(np.ones(len(x))).energies(self.x0)[0])
        far = np.linalg.norm(x - x[0], axis=1) > self.potential.reach * self.potential.cutoff
        beyond = action(np.where(far[:, None], other, 0.0))[0]
        torque = np.cross(x, state.gradient).sum(axis=0)
        return {
            "E = sum w V": abs(state.energy - float(self.w @ V)) / abs(state.energy),
            "E(Q x) = E(x)": abs(turned.energy - state.energy) / abs(state.energy),
            "Q dE/dx": float(np.abs(turned.gradient - state.gradient @ Q.T).max()) / force,
            "no resultant": float(np.abs(state.gradient.sum(axis=0)).max()) / force,
            "no torque": float(np.abs(torque).max()) / (force * float(np.abs(x).max())),
            "E'' symmetric": abs(float(np.vdot(other, Hv) - np.vdot(v, action(other)))) / size,
            "E'' assembled": float(np.abs(matrix @ v.ravel() - Hv.ravel()).max()) / size,
            "reach": float(np.abs(beyond).max()) / size,
            "V of the crystal": abs(centre - self.crystal.cohesive) / abs(centre),
        }
