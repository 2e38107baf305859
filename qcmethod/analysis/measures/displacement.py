"""|u|: how far cells (the mean of their corners) and sites have moved, A."""

from __future__ import annotations

import numpy as np

from qcmethod.analysis.measure import Measure, register
from qcmethod.base.types import Array
from qcmethod.coupling.system import System


def _cells(system: System, u: Array) -> Array:
    body = system.body
    nodal = np.linalg.norm(body.y0_k - body.x_k + body.nodal(u), axis=1)
    return np.asarray(nodal[body.cells.vertices].mean(axis=1))


def _sites(system: System, u: Array) -> Array:
    body = system.body
    return np.asarray(np.linalg.norm(body.positions(u) - body.x_l, axis=1))


register(
    Measure(
        name="displacement",
        text="displacement $|u|$",
        cells=_cells,
        sites=_sites,
        unit=lambda n: (1.0, "\N{ANGSTROM SIGN}"),
        signed=False,
    )
)
