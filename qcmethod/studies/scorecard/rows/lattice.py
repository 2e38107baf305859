"""Lattice constant at rest, and the cohesive energy.

da = a p / (3 B),    dE = Omega p^2 / (2 B)        (p: what is left of the pressure at rest)
"""

from __future__ import annotations

import numpy as np

from qcmethod.studies.scorecard.row import ROWS, Found, Number, Row, Subject

ROUNDED = 1e-12
"""Of a lattice sum in double precision."""


def measure(subject: Subject) -> Found:
    """a (A) and E (eV an atom)."""
    crystal, published = subject.crystal, subject.published
    C = crystal.elastic_constants()
    bulk = (C.C11 + 2.0 * C.C12) / 3.0
    p = float(np.trace(crystal.stress(np.eye(3)))) / 3.0
    a, E = crystal.lattice_constant, crystal.cohesive_energy
    da = abs(a * p / (3.0 * bulk)) + ROUNDED * a
    dE = crystal.lattice.site_volume * p**2 / (2.0 * bulk) + ROUNDED * abs(E)
    how = "pressure left"
    return Found(
        (
            Number("lattice constant", a, "A", da, how=how, published=published("a0")),
            Number("cohesive energy", E, "eV", dE, how=how, published=published("E_atom")),
        )
    )


ROWS.add_named(Row("lattice", "lattice constant and cohesive energy", measure, order=1.0))
