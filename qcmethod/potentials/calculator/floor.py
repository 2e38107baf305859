"""The floor of the forces of a calculator: what a translation, which changes nothing, changes.

    floor = max_t max_i |f_i(y + t) - f_i(y)|

In single precision a force of 1 eV/A has an error of 1e-6 eV/A or more, and none below it is an
equilibrium. Positions that are kept in single precision lose digits far from the origin, so the
translations are as long as a box of atoms is wide.
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.types import Array
from qcmethod.potentials.calculator.engine import Ase

NEAR, FARTHEST, TRIES = 0.7, 30.0, 3
"""Lengths of translations, A; how many of each."""
DOUBLE = 1e-10
"""Noise below this, over the largest force, is that of double precision: no floor is meant."""
SINGLE = 1e-6
"""Noise of a force, over the largest one, where no atom near it moves, in single precision."""


def noise_of(engine: Ase, y: Array) -> tuple[float, float]:
    """Noise of a force on atoms at y (n, 3), A, near which none moves, and the floor of forces
    where they do, eV/A; 0 in double precision. Raises EngineError, OffTableError."""
    from ase import Atoms

    n = len(engine.elements)
    symbols = [engine.elements[i % n] for i in range(len(y))]
    room = 2.0 * (engine.cutoff + 1.0)
    box = np.ptp(y, axis=0) + FARTHEST + room

    def forces(t: Array) -> Array:
        atoms = Atoms(symbols, y - y.min(axis=0) + 0.5 * room + t, cell=box, pbc=False)
        found = engine.held.asked(atoms, ["forces"], engine.name)["forces"]
        return np.asarray(found, dtype=np.float64)

    rng, at_rest = np.random.default_rng(6), forces(np.zeros(3))
    near, far = (
        max(float(np.abs(forces(t) - at_rest).max()) for t in rng.uniform(0.0, size, (TRIES, 3)))
        for size in (NEAR, FARTHEST)
    )
    largest = float(np.abs(at_rest).max())
    return min(near, SINGLE * largest), far if far > DOUBLE * largest else 0.0
