"""Where to refine: indicators that may take the place of the residual's contributions.

An indicator gives each cell of the solved mesh a number, zero where all is atomistic. The numbers
only say where; how large the error is remains the residual estimate's (`estimate`). A node of the
enriched mesh takes the number of the cell that it lies in. One file in `indicators` makes one:

    @indicator("zz")
    def zienkiewicz_zhu(system: System, u: Array) -> Array: ...          (n_c,)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from scipy.sparse import csr_array

from qcmethod.base.registry import Registry
from qcmethod.base.types import Array
from qcmethod.coupling.system import System
from qcmethod.mesh import find_nodes
from qcmethod.mesh.locate import locate
from qcmethod.studies.adapt.estimate import Estimate

Indicator = Callable[[System, Array], Array]
IndicatorName = Literal["residual", "nonlocality", "strain", "stress-jump", "zz"]
"""The residual and those of the folder, spelled out for type checkers; a test compares."""
INDICATORS: Registry[Indicator] = Registry("indicator", "qcmethod.studies.adapt.indicators")
"""Functions of (system, u) -> (n_c,) by name."""
RESIDUAL = "residual"
"""The name of the residual's own contributions, which need no indicator."""


def indicator(name: str) -> Callable[[Indicator], Indicator]:
    """Register an indicator (InputError)."""
    return INDICATORS.under(name)


def weights(name: str, system: System, u: Array, found: Estimate) -> Array:
    """Numbers (n_k,) >= 0 by which the nodes of the enriched mesh are marked."""
    if name == RESIDUAL:
        return np.abs(found.eta)
    body, rich = system.body, found.rich.body
    of_cell = np.zeros(body.mesh.n_cells)
    continuum = system.weights.beta_k[body.cells.vertices].max(axis=1) > 0.0
    of_cell[body.cell] = np.where(continuum, INDICATORS[name](system, u), 0.0)
    inside = system.problem.from_centre(rich.x_k) < system.problem.extent
    at = np.flatnonzero(found.rich.free.any(axis=1) & inside & (found.kind != 2))
    # only nodes that can be asked for something: new ones, and those of the blending zone
    new = (find_nodes(body.mesh, rich.mesh.ij[at]) < 0) | (found.kind[at] == 0)
    at = at[new]
    cell, _ = locate(body.mesh, rich.mesh.ij[at], rich.mesh.lower_of[at] >= 0)
    eta = np.zeros(rich.n_nodes)
    # cells are shared out among the nodes that stand for them
    count = np.bincount(cell, minlength=body.mesh.n_cells)
    eta[at] = of_cell[cell] / count[cell]
    return eta


def gradients(system: System, u: Array) -> tuple[Array, Array]:
    """grad u and the mean F of each cell, (n_c, 3, 3)."""
    cells = system.body.cells
    by_cell = csr_array(
        (cells.fraction, (cells.point_cell, np.arange(len(cells.fraction)))),
        shape=(len(cells.volume), len(cells.fraction)),
    )
    shape = (-1, 3, 3)
    G = (by_cell @ cells.gradient_of(u).reshape(-1, 9)).reshape(shape)
    F = (by_cell @ system.body.deformation(u).reshape(-1, 9)).reshape(shape)
    return G, F


def at_nodes(system: System, values: Array) -> tuple[csr_array, Array]:
    """Incidence (n_k, n_c) weighted by volumes, and nodal means of values (n_c, m)."""
    cells = system.body.cells
    n_c, v = cells.vertices.shape
    weight = np.repeat(cells.volume, v)
    at = csr_array(
        (weight, (cells.vertices.ravel(), np.repeat(np.arange(n_c), v))),
        shape=(system.body.n_nodes, n_c),
    )
    whole = np.maximum(at.sum(axis=1), 1e-300)
    return at, np.asarray((at @ values) / whole[:, None])
