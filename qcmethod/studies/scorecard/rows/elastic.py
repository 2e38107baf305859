"""Elastic constants, and what they say about bonding: Cauchy pressure and anisotropy.

    p_C = C12 - C44,    A = 2 C44/(C11 - C12)

The moduli are derivatives of the stress by formula; their error is the difference from central
differences of the stress itself.
"""

from __future__ import annotations

import numpy as np

from qcmethod.crystal.crystal import Crystal
from qcmethod.studies.scorecard.row import ROWS, Found, Number, Row, Subject
from qcmethod.units import GPA

STEP = 1e-4
"""Of a strain."""
STRAINS = {"C11": (0, 0, 0, 0), "C12": (1, 1, 0, 0), "C44": (1, 2, 1, 2)}
"""Of each modulus: component of the stress, then of the gradient."""


def errors(crystal: Crystal) -> dict[str, float]:
    """Of C11, C12 and C44, GPa, of a crystal whose axes are the edges of the cube."""
    C = crystal.elastic_constants().gpa()
    found = {}
    for name, (a, i, b, j) in STRAINS.items():
        h = np.zeros((3, 3))
        h[b, j] = STEP
        ahead, behind = (crystal.stress(np.eye(3) + s * h)[a, i] for s in (1.0, -1.0))
        found[name] = abs(float(ahead - behind) / (2.0 * STEP) / GPA - C[name])
    return found


def measure(subject: Subject) -> Found:
    """C11, C12, C44, Cauchy pressure (GPa) and anisotropy."""
    C, d = subject.crystal.elastic_constants().gpa(), errors(subject.crystal)
    how = "differences of stress"
    moduli = [
        Number(name, C[name], "GPa", d[name], how=how, published=subject.published(name))
        for name in STRAINS
    ]
    cauchy, slope = C["C12"] - C["C44"], C["C11"] - C["C12"]
    A = 2.0 * C["C44"] / slope
    dA = A * (d["C44"] / abs(C["C44"]) + (d["C11"] + d["C12"]) / abs(slope))
    return Found(
        (
            *moduli,
            Number("Cauchy pressure", cauchy, "GPa", d["C12"] + d["C44"], how=how),
            Number("anisotropy 2 C44/(C11 - C12)", A, "", dA, how=how),
        )
    )


ROWS.add_named(Row("elastic", "moduli, Cauchy pressure, anisotropy", measure, order=2.0))
