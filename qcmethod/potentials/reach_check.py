"""How far an engine sees, read off its forces: the claimed cut-off and reach against the truth.

    df_i/dy_j = 0    for |y_i - y_j| > reach * cutoff

A pair force sees one cut-off, embedding and angles two, message passing one more a layer (Musaelian
et al. 2023, Nat. Commun. 14, 579). A crystal would need thousands of atoms to show that; a rod of
atoms in loose order shows it with a hundred.
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.types import Array
from qcmethod.errors import InputError
from qcmethod.potentials.engine import Engine

MOVED = 0.05
"""Of an atom, A."""
FELT = 1e-11
"""A change of force above this, over the largest force, is felt; of a floor, three times that."""
MOST = 6
"""Cut-offs along the rod, less one."""
SPACING, TOUCHING = 0.45, 1.75
"""Of neighbours along the rod: at most so much of the cut-off, and so many radii of an atom."""
LOOSE = (0.8, 2.1)
"""The same of a second rod, in which no atom screens those behind it."""


def measured_reach(engine: Engine, cutoff: float, floor: float = 0.0) -> int:
    """How many of these cut-offs (A) away the farthest atom is that a force feels, at least 1.

    floor : of the engine's forces, eV/A
    """
    dense = rod(cutoff, engine.elements[0])
    loose = rod(cutoff, engine.elements[0], *LOOSE)
    return max(_reach_along(y, engine, cutoff, floor) for y in (dense, loose))


def _reach_along(y: Array, engine: Engine, cutoff: float, floor: float) -> int:
    cell, open_ends = np.eye(3), (False, False, False)
    session = engine.session(y, cell, open_ends, np.arange(len(y)) % len(engine.elements))
    _, at_rest = session.at(y)
    felt = max(FELT * float(np.abs(at_rest).max()), 3.0 * floor)
    distance = np.linalg.norm(y - y[0], axis=1)
    shift = MOVED * np.random.default_rng(4).uniform(-0.5, 0.5, y.shape)
    reach = MOST - 1
    while reach > 1:  # all that is further at once
        beyond = distance > (reach - 1) * cutoff + MOVED
        moved = y + np.where(beyond[:, None], shift, 0.0)
        if np.abs(session.at(moved)[1][0] - at_rest[0]).max() > felt:
            break
        reach -= 1
    session.close()
    return reach


def require_reach(engine: Engine, cutoff: float, reach: int, floor: float = 0.0) -> None:
    """InputError where a force feels an atom that is further than it is said to."""
    found = measured_reach(engine, cutoff, floor)
    if found > reach:
        expected = f"{found} or more: a force feels an atom between {found - 1} and {found} of them"
        given = f"{reach} cut-offs of {cutoff:g} A"
        raise InputError("reach", given, expected, f"reach={found}, or a larger cutoff=")


def rod(cutoff: float, element: str, spacing: float = SPACING, touching: float = TOUCHING) -> Array:
    """Atoms (n, 3) in loose order along x, A: each has some neighbours within the cut-off."""
    from ase.data import atomic_numbers, covalent_radii

    rng = np.random.default_rng(3)
    radius = float(covalent_radii[atomic_numbers.get(element, 0)])
    step = min(spacing * cutoff, touching * radius)
    x = np.arange(int(MOST * cutoff / step)) * step
    square = 0.5 * step * np.array([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])
    y = np.concatenate([np.column_stack([x, np.tile(side, (len(x), 1))]) for side in square])
    return y + 0.05 * step * rng.uniform(-1.0, 1.0, y.shape)
