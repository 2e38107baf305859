"""A smooth angular-dependent potential of our own: EAM of Ercolessi and Adams with u and w beside.

    u = U (1 - r/rc)^3,    w = W (1 - r/rc)^3

one cubic each, so that only the few knots of the EAM part have steps in a second derivative.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

import qcmethod as qc
from qcmethod.potentials.forms.angular import SplineADP


def angular(U: float = 1.5, W: float = 2.0) -> qc.Potential:
    """Aluminium with angles, eV^(1/2)/A and eV^(1/2)/A^2; without for U = W = 0."""
    eam = qc.load_potential("Al-Ercolessi-1994")
    p = eam.params
    t, dt = (
        1.0 - (p.r0 + np.arange(len(p.radial)) / p.inv_dr) / p.cutoff,
        -1.0 / (p.inv_dr * p.cutoff),
    )
    cubic = np.stack([t**3, 3.0 * t**2 * dt, 3.0 * t * dt**2, np.full(len(t), dt**3)], axis=1)
    params = SplineADP(*p._replace(radial=np.hstack([p.radial, U * cubic, W * cubic])))
    return qc.Potential("angular Al", "Al", params, "fcc", eam.lattice_constant, eam.mass)


def written(path: Path, nr: int = 4001) -> Path:
    """The same as a table of LAMMPS: its EAM as setfl, then u and w."""
    qc.write_setfl(path, qc.load_potential("Al-Ercolessi-1994"), nr=nr, nrho=2001)
    t = 1.0 - np.linspace(0.0, 1.0, nr)
    columns = "\n".join(f"{value:.17g}" for size in (1.5, 2.0) for value in size * t**3)
    path.write_text(path.read_text() + columns + "\n")
    return path
