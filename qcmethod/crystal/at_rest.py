"""The lattice constant of an engine at rest, in some ten unit cells: tr P(s 1) = 0 near a guess.

A form is scanned over all distances of neighbours (`equilibrium`); a cell of an engine may cost a
second, so it is asked near the constant that it is told, and over a coarse scan only without one.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from qcmethod.crystal.unit_cells import UnitCells
from qcmethod.errors import QCError, UnstableCrystalError
from qcmethod.lattice.lattice import Lattice
from qcmethod.potentials.contract import Potential

SCAN = np.linspace(0.3, 0.95, 27)
"""Distances of neighbours over the cut-off, where nothing is told."""
STRETCH, FARTHEST = 1.02, 1.25
"""Steps away from the guess, and how far at most."""


def at_rest(
    potential: Potential, build: Callable[[float], Lattice], neighbour: float, told: float
) -> Lattice:
    """The lattice without pressure near neighbours `told` A apart (0: nothing is told).

    neighbour : distance of neighbours over the lattice constant. Raises UnstableCrystalError,
    EngineError.
    """
    start = told or _lowest(potential, build, neighbour)
    reference = build(start / neighbour)
    law = UnitCells.of(potential, reference)

    def pressure(s: float) -> float:
        return float(np.trace(law.at(s * np.eye(3)[None]).P[0]) / reference.site_volume)

    return build(reference.constant * _zero(potential, reference, pressure))


def _zero(potential: Potential, reference: Lattice, pressure: Callable[[float], float]) -> float:
    """The stretch at which the pressure goes through 0, rising."""
    from scipy.optimize import brentq

    here, found = 1.0, pressure(1.0)
    step = STRETCH if found < 0.0 else 1.0 / STRETCH
    while 1.0 / FARTHEST < here < FARTHEST:
        there = here * step
        beyond = pressure(there)
        if found * beyond <= 0.0:
            low, high = sorted((here, there))
            return float(brentq(pressure, low, high, xtol=1e-14, rtol=1e-13))
        here, found = there, beyond
    raise UnstableCrystalError(
        f"potential: {potential.name} has no stress-free {reference.structure} crystal with a from "
        f"{reference.constant / FARTHEST:.4g} to {reference.constant * FARTHEST:.4g} A. Try: "
        "lattice_constant= of the potential, another structure, or a="
    )


def _lowest(potential: Potential, build: Callable[[float], Lattice], neighbour: float) -> float:
    """The distance of neighbours of least energy in a coarse scan, A."""
    law = UnitCells.of(potential, build(potential.cutoff / neighbour))
    energies = []
    for s in SCAN:
        try:
            energies.append(float(law.at(s * np.eye(3)[None]).W[0]))
        except QCError:  # too close for the engine
            energies.append(np.inf)
    return float(SCAN[int(np.argmin(energies))]) * potential.cutoff
