"""The crystals of the kernel benchmark: shaken discs about z, oriented as the crack."""

from __future__ import annotations

import numpy as np

from qcmethod.lattice import lattice

TRIAD = ((1, 1, -2), (1, 1, 1), (1, -1, 0))


def disc(a: float, atoms: int, repeats: int, shake: float = 0.05) -> tuple[np.ndarray, float]:
    """About `atoms` fcc sites (n, 3), `repeats` lattice periods high, and the period along z, A."""
    crystal = lattice.cubic("fcc", a, *TRIAD)
    column = a**3 / 4.0 / crystal.period  # area of one column of atoms
    radius = np.sqrt(atoms / repeats * column / np.pi)
    reach = int(3.0 * radius / a) + 1
    # rows of sites one after another, as in a coupled system
    second, first = np.meshgrid(*[np.arange(-reach, reach + 1)] * 2, indexing="ij")
    x = crystal.positions(np.stack([first.ravel(), second.ravel()], axis=1))
    x = x[np.linalg.norm(x[:, :2], axis=1) < radius]
    up = np.array([0.0, 0.0, crystal.period])
    x = np.concatenate([x + k * up for k in range(repeats)])
    return x + np.random.default_rng(1).uniform(-shake, shake, x.shape), crystal.period * repeats
