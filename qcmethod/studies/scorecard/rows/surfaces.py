"""Surface energies of the usual planes, cut and relaxed.

    gamma = min_w sum_m [V_m(w) - W]/A          (`crystal.surface`)

Layers move rigidly, so a surface that reconstructs is not found. The error is what the layers below
the relaxed ones would still give: C11 w^2/(2 d), w the displacement of the last one, d its depth.
"""

from __future__ import annotations

import numpy as np

from qcmethod.crystal.surface import surface_energy
from qcmethod.lattice.miller import Miller
from qcmethod.studies.scorecard.row import ROWS, Found, Number, Row, Subject
from qcmethod.units import J_PER_M2

PLANES: dict[str, tuple[tuple[Miller, Miller], ...]] = {
    "bcc": (
        ((1, 0, 0), (0, 0, 1)),
        ((1, 1, 0), (0, 0, 1)),
        ((1, 1, 1), (1, -1, 0)),
        ((1, 1, 2), (1, -1, 0)),
    ),
    "fcc": (((1, 0, 0), (0, 0, 1)), ((1, 1, 0), (0, 0, 1)), ((1, 1, 1), (1, -1, 0))),
}
"""Planes, and a direction in each."""
ROUNDED = 1e-9
"""Of an energy of relaxed layers."""


def measure(subject: Subject) -> Found:
    """Relaxed and unrelaxed energies, J/m^2."""
    found = []
    C11 = subject.crystal.elastic_constants().C11
    for plane, within in PLANES[subject.structure]:
        crystal = subject.turned(plane, within)
        surface = surface_energy(crystal)
        depth = float(crystal.lattice.basis[1, 1])
        last = float(np.linalg.norm(surface.relaxation[-1]))
        left = 0.5 * C11 * last**2 / depth / J_PER_M2
        indices = "".join(map(str, plane))
        cut = surface.unrelaxed / surface.area / J_PER_M2
        published = subject.published(f"gamma_{indices}")
        relaxed = surface.j_per_m2
        error = max(left, ROUNDED * relaxed)
        how = "layers below"
        found += [
            Number(f"surface {indices}", relaxed, "J/m^2", error, how=how, published=published),
            Number(f"surface {indices}, cut", cut, "J/m^2", ROUNDED * cut, how="rounding"),
        ]
    return Found(tuple(found))


ROWS.add_named(Row("surfaces", "surface energies", measure, order=5.0))
