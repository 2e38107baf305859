"""How the parts of a mesh of tetrahedra fit each other, where a file says what they are (`sound`).

    cells = those of a set of nodes that is closed under parents, and of nothing else

so a file is believed where the same nodes make the same mesh.
"""

from __future__ import annotations

import numpy as np

from qcmethod.io.codec import sound
from qcmethod.io.sound import FARTHEST, require
from qcmethod.mesh.space.bricks import halves, key_of
from qcmethod.mesh.space.core import MAX_CUBES, MAX_REACH, Tetrahedra
from qcmethod.mesh.space.grid import Grid
from qcmethod.mesh.space.nodes import closed


@sound(Tetrahedra)
def _mesh(mesh: Tetrahedra) -> None:
    require(mesh.basis.shape == (3, 3) and np.linalg.det(mesh.basis) != 0.0, "a basis")
    require(mesh.ij.ndim == 2 and mesh.ij.shape[1] == 3 and mesh.n_nodes, "nodes (n, 3)")
    require(np.abs(mesh.ij).max() <= 2 * MAX_REACH, "nodes within reach")
    grid = _grid(mesh)
    h = halves(mesh.ij)
    keys = key_of(h)
    once = np.array_equal(key_of(grid.wrapped(h)), keys)
    require(once and grid.holds(h).all() and (np.diff(keys) > 0).all(), "nodes in order, each once")
    require(np.isin(key_of(grid.wrapped(grid.macro)), keys).all(), "nodes of the macro cells")
    require(np.array_equal(closed(keys, grid), keys), "nodes with their parents")
    again = Tetrahedra.of(keys, mesh.basis, grid)
    for name in ("ij", "cells", "first", "level", "macro", "lower_of"):
        one, other = getattr(mesh, name), getattr(again, name)
        require(np.array_equal(one, other), f"{name} of its nodes")
    require(mesh.end is None or max(map(abs, mesh.end)) < FARTHEST, "an end within reach")


def _grid(mesh: Tetrahedra) -> Grid:
    """The macro cubes, once they are some."""
    step, span = mesh.step, mesh.span
    require(0 < step <= MAX_REACH and step & (step - 1) == 0, "a step 2^k")
    require(span.shape == (3,) and span.min() > 0 and span.max() <= MAX_CUBES, "cubes")
    require(int(np.prod(span)) <= MAX_CUBES and (span[:2] % 2 == 1).all(), "cubes about the origin")
    require(mesh.repeats in (0, step * int(span[2])), "a period of its cubes")
    require(mesh.repeats or span[2] == 1, "one cube along a line without a period")
    return Grid(step, tuple(span.tolist()), mesh.repeats > 0)
