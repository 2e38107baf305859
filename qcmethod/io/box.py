"""A cell around atoms, and the atoms inside of it.

    positions = y + shift,    0 <= positions < cell

Vacuum of one cut-off along x and y, where the crystal goes on as a mesh or ends; along the line
one period, periodic. ASE's cells begin at 0, and its neighbour lists take memory with the square
of the number of atoms outside of them, so the atoms are moved: `info["shift"]` is where the origin
of the problem, the tip of the K-field or the middle of the domain, is found in the cell. Along the
line an atom is one of its periodic images; layers of the crystal are shifted off the wall, or the
rounding of its atoms would tear one in two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qcmethod.base.types import Array
from qcmethod.crystal.crystal import Crystal
from qcmethod.lattice.lattice import Lattice

if TYPE_CHECKING:
    from ase import Atoms

BLOCK = 12
"""Sites along each lattice vector whose layers are counted; of more layers than sites none is."""


def boxed(frames: list[Atoms], crystal: Crystal) -> None:
    """Give atoms at their own places y a cell, one for all frames, and move them into it, A."""
    lattice, vacuum = crystal.lattice, crystal.potential.cutoff
    ends = [(atoms.positions.min(axis=0), atoms.positions.max(axis=0)) for atoms in frames]
    low = np.min([end[0] for end in ends], axis=0) - vacuum
    high = np.max([end[1] for end in ends], axis=0) + vacuum
    cell, shift, period = high - low, -low, lattice.period
    periodic = bool(np.isfinite(period))
    if periodic:
        cell[2], shift[2] = period, 0.5 * layer(lattice)
    for atoms in frames:
        atoms.positions += shift
        if periodic:
            atoms.positions[:, 2] = into(atoms.positions[:, 2], period)
        atoms.set_cell(cell)
        atoms.set_pbc([False, False, periodic])
        atoms.info["shift"] = shift


def layer(lattice: Lattice) -> float:
    """Distance of the lattice planes across the line, A: they are evenly spaced along a period."""
    if lattice.dim == 3:  # of a brick its faces and its middle
        return 0.5 * lattice.period / lattice.repeats
    block = np.stack(np.meshgrid(*[np.arange(BLOCK)] * 2), axis=-1).reshape(-1, 2)
    height = np.round(lattice.positions(block)[:, 2] / lattice.period, 6) % 1.0
    return lattice.period / len(np.unique(height))


def into(z: Array, period: float) -> Array:
    """z (n,) plus whole periods, in [0, period), A; `mod` alone rounds up to the period."""
    inside = np.mod(z, period)
    return np.where(inside < period, inside, 0.0)
