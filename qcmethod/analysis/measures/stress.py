"""Numbers of the Cauchy stress: "stress_xx" ... "stress_xy", "hydrostatic", "von_mises".

    hydrostatic = tr sigma / n        von Mises = (3/2 dev sigma : dev sigma)^(1/2)

The deviator of von Mises is that of three dimensions: in a plane, that of plane stress.
"""

from __future__ import annotations

import numpy as np

from qcmethod.analysis import stress
from qcmethod.analysis.measure import Measure, Number, component, of_tensor, register
from qcmethod.analysis.strain import volumetric
from qcmethod.base.types import Array
from qcmethod.units import GPA

PLANE = r"eV/$\mathrm{\AA}^2$"
UNITS = {1: (1.0, r"eV/$\mathrm{\AA}$"), 2: (1.0, PLANE), 3: (1.0 / GPA, "GPa")}


def von_mises(sigma: Array, n: int = 3) -> Array:
    """(3/2 s : s)^(1/2) (m,) of the deviators s of sigma (m, 3, 3)."""
    s = sigma - volumetric(sigma, 3)[:, None, None] * np.eye(3)
    return np.asarray(np.sqrt(1.5 * (s**2).sum(axis=(1, 2))))


def _add(name: str, text: str, number: Number, signed: bool = True) -> None:
    cells, sites = (of_tensor(number, s) for s in (stress.cell_stress, stress.site_stress))
    unit = UNITS.__getitem__
    register(Measure(name=name, text=text, cells=cells, sites=sites, unit=unit, signed=signed))


_add("von_mises", "von Mises stress", von_mises, False)
_add("hydrostatic", r"mean stress $\mathrm{tr}\,\sigma/n$", volumetric)
for _name in ("xx", "yy", "zz", "yz", "xz", "xy"):
    _ij = ("xyz".index(_name[0]), "xyz".index(_name[1]))
    _add(f"stress_{_name}", rf"stress $\sigma_{{{_name}}}$", component(*_ij))
