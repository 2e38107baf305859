"""Two or more half crystals shifted against each other, relaxed layer by layer.

    gamma(s) = min_w [E(s, w) - E(0, 0)]/A          (Vitek 1968, Phil. Mag. 18, 773)

The crystal above a lattice plane is displaced by s in that plane against the one below. Three ways
to take the minimum: none ("rigid"); over the displacements normal to the plane ("normal": what is
usually meant, and what a barrier to slip is); over all displacements of the layers near the plane,
the shift of the far crystals held ("full": for a fault that is stable by itself). The crystals far
from the plane are free to move apart, so no normal stress is left.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qcmethod.base.arguments import whole_number, word
from qcmethod.base.types import Array
from qcmethod.crystal.crystal import Crystal
from qcmethod.crystal.film import Film, layers_of
from qcmethod.crystal.stack import Layers, traction_free

RELAXATIONS = ("rigid", "normal", "full")


@dataclass(frozen=True, eq=False)
class Sheared:
    """A state: energy, eV/A^2; its derivative with the last shift, (x, z), eV/A^3; how far the
    crystals have moved apart, A; displacements of the layers, to start from."""

    energy: float
    slope: tuple[float, float]
    opening: float
    w: Array


@dataclass(frozen=True)
class Block:
    """A crystal, its layers about a plane normal to y, and which group is the first above it."""

    crystal: Crystal
    layers: Layers | Film
    plane: int
    area: float

    @classmethod
    def build(cls, crystal: Crystal, slide: float) -> Block:
        """Layers within three cut-offs of a plane; shifts up to `slide` along x, A."""
        basis = crystal.lattice.basis
        n = int(3.0 * float(crystal.potential.cutoff) / float(basis[1, 1])) + 2
        layers = layers_of(crystal, traction_free(crystal), (-n, n - 1), True, slide)
        return cls(crystal, layers, n + 1, float(basis[0, 0] * basis[2, 2]))

    def at(
        self, shifts: list[tuple[float, float]], relax: str, start: Array | None = None
    ) -> Sheared:
        """The crystals shifted by (x, z), A, above the plane, above the next layer, and so on.

        Raises ConvergenceError, OffTableError (atoms on top of one another).
        """
        w = np.zeros((self.layers.n_groups, 3))
        if start is not None:
            w[:, 1] = start[:, 1]
        for number, (x, z) in enumerate(shifts):
            w[self.plane + number :, 0] += x
            w[self.plane + number :, 2] += z
        if relax == "rigid":
            state = self.layers.at(w)
        else:
            free = np.zeros(w.shape, dtype=bool)
            free[1:, 1] = True
            free[1:-1] |= relax == "full"
            w, state = self.layers.relax(w, free, f"a fault in {self.crystal.potential.name}")
        above = state.gradient[self.plane + len(shifts) - 1 :].sum(axis=0) / self.area
        slope = (float(above[0]), float(above[2]))
        return Sheared(state.energy / self.area, slope, float(w[-1, 1]), w)


def checked_relaxation(relax: str, known: tuple[str, ...] = RELAXATIONS) -> str:
    """Raise InputError unless `relax` is known."""
    return word("relax", relax, known)


def checked_points(name: str, points: object, least: int = 3, most: int = 2000) -> int:
    """A number of points (InputError)."""
    expected = f"a number of points, {least} to {most}"
    return whole_number(name, points, expected, least=least, most=most)
