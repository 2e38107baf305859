"""Where points are in a mesh of tetrahedra: the kinds of `mesh.descent` for it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qcmethod.base.types import Bools, Index
from qcmethod.mesh.descent import beyond, covers, finest_cell
from qcmethod.mesh.space.bricks import TO_HALVES
from qcmethod.mesh.space.core import Tetrahedra
from qcmethod.mesh.space.descent import finest_number


@finest_cell.register
def _(mesh: Tetrahedra, points: NDArray[np.number], lower: ArrayLike | None = None) -> Index:
    h = points @ TO_HALVES
    grid = mesh.grid
    outside = ~_held(mesh, h)
    if outside.any():
        raise beyond(mesh, points[outside])
    return finest_number(grid.clipped(h), grid)


@covers.register
def _(mesh: Tetrahedra, points: Index) -> Bools:
    return _held(mesh, points @ TO_HALVES)


def _held(mesh: Tetrahedra, h: NDArray[np.number]) -> Bools:
    # integers are exact; real coordinates may lie outside by rounding
    slack = 0.0 if h.dtype.kind == "i" else 1e-9 + 1e-13 * mesh.step
    return mesh.grid.holds(h, slack)
