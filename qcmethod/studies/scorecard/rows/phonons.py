"""Stability of the lattice: its softest wave of any length, and frequencies at the zone boundary.

    min over k of  eig D(k)/(site volume N(k)) > 0,    N(k): a discrete |k|^2

The minimum is compared with waves drawn at random: none of them may be softer. Its limit for long
waves is the acoustic tensor's (`crystal.stability`).
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.types import Array
from qcmethod.crystal.stability.waves import laplacian, reciprocal
from qcmethod.studies.scorecard.row import ROWS, Curve, Found, Number, Row, Subject
from qcmethod.units import GPA

RANDOM, SEED = 1000, 0
POINTS = 90
"""Along the path of the picture."""
CORNERS = {"bcc": "HNP", "fcc": "XLW"}


def measure(subject: Subject) -> Found:
    """The margin (GPa), the lowest and highest frequency at special points (THz), the branches."""
    crystal = subject.crystal
    margin = crystal.stability().lattice_margin / GPA
    over = max(0.0, margin - _softest_of_random(subject) / GPA)
    softest = Number(
        "softest wave",
        margin,
        "GPa",
        over,
        how=f"{RANDOM} random waves",
        says="stable" if margin - over > 0.0 else "unstable",
    )
    bands = crystal.phonons(points=POINTS)
    return Found((softest, *_corners(subject)), _branches(bands))


def _softest_of_random(subject: Subject) -> float:
    """The least eig D/(volume N) of waves drawn at random, eV/A^3."""
    crystal = subject.crystal
    lattice, mass = crystal.lattice, subject.potential.mass
    drawn = np.random.default_rng(SEED).uniform(-0.5, 0.5, (RANDOM, 3))
    k = drawn @ reciprocal(lattice)
    stiffness = _stiffness(crystal.phonons(k).frequencies[:, 0], mass)
    return float((stiffness / (laplacian(k, lattice) * lattice.site_volume)).min())


def _stiffness(frequency: Array, mass: float) -> Array:
    """Eigenvalues of D, eV/A^2, from frequencies in THz, imaginary ones negative."""
    from qcmethod.crystal.stability.phonons import THZ

    found: Array = np.sign(frequency) * mass * (frequency / THZ) ** 2
    return found


def _corners(subject: Subject) -> list[Number]:
    found = []
    for corner in CORNERS[subject.structure]:
        bands = subject.crystal.phonons(f"G{corner}", points=3)
        low, high = float(bands.frequencies[-1, 0]), float(bands.frequencies[-1, -1])
        rounded = 1e-9 * max(abs(low), abs(high))
        for name, value in (("lowest", low), ("highest", high)):
            found.append(
                Number(f"{name} frequency at {corner}", value, "THz", rounded, how="rounding")
            )
    return found


def _branches(bands: object) -> tuple[Curve, ...]:
    x = tuple(bands.distance.tolist())  # type: ignore[attr-defined]
    labels = bands.labels  # type: ignore[attr-defined]
    branches = bands.frequencies.T.tolist()  # type: ignore[attr-defined]
    return tuple(
        Curve("phonons", x, tuple(y), "wave vector", "frequency (THz)", labels) for y in branches
    )


ROWS.add_named(Row("phonons", "stability and frequencies of phonons", measure, order=3.0))
