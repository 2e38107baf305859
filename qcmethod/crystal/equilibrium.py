"""The stress-free lattice constant: the zero of tr P(s 1) next to the guess that is a minimum.

The guess is the card's lattice constant by way of its nearest-neighbour distance, else half of the
cut-off. The search covers stretches s from 0.8 to 1.25.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from qcmethod.base.arguments import number
from qcmethod.crystal.laws.cauchy_born import CauchyBorn
from qcmethod.errors import InputError, InvertedCellError, OffTableError, UnstableCrystalError
from qcmethod.lattice.lattice import STRUCTURES, Lattice, unit
from qcmethod.potentials.contract import Potential

FEWEST, MOST = 1e3, 2e5
"""A lattice constant is FEWEST cut-offs at most, and a cube of a cut-off holds MOST cells."""


def relaxed(
    potential: Potential, structure: str, build: Callable[[float], Lattice], a: float | None
) -> Lattice:
    """The lattice at the constant a (A), or at the stress-free one. Raises UnstableCrystalError."""
    if not isinstance(potential, Potential):
        raise InputError("potential", potential, "a Potential", "qcmethod.load_potential(name)")
    if a is not None:
        constant = number("a", a, "a positive lattice constant, A", above=0.0)
        _require_sane("a", constant, potential, structure)
        return build(constant)
    neighbour = 0.5 * potential.cutoff
    if potential.lattice_constant and potential.structure in STRUCTURES:
        neighbour = potential.lattice_constant * unit(potential.structure).neighbour
    guess = neighbour / unit(structure).neighbour
    _require_sane("potential", guess, potential, structure)
    return build(guess * _stretch(potential, build(guess)))


def _require_sane(name: str, constant: float, potential: Potential, structure: str) -> None:
    """Refuse a lattice constant, A, that is out of all proportion to the cut-off (InputError)."""
    n, cutoff = unit(structure).n_components, float(potential.cutoff)
    ratio = cutoff / constant
    if not 1.0 / FEWEST <= ratio <= MOST ** (1.0 / n):
        given = constant if name == "a" else f"{potential.name}, a = {constant:.3g} A"
        low, high = cutoff / MOST ** (1.0 / n), FEWEST * cutoff
        expected = (
            f"a lattice constant from {low:.3g} to {high:.3g} A at the cut-off {cutoff:.4g} A"
        )
        raise InputError(name, given, expected, "lengths in A")


def _stretch(potential: Potential, reference: Lattice) -> float:
    """Stretch s with tr P(s 1) = 0 nearest to 1 that is a minimum of the energy."""
    from scipy.optimize import brentq

    n = reference.n_components

    def pressure(s: float) -> float:
        F = np.diag([s if i < n else 1.0 for i in range(3)])
        P = CauchyBorn.covering(potential, reference, F[None]).at(F[None]).P[0]
        return float(np.trace(P[:n, :n] / reference.site_volume))

    grid = np.linspace(0.8, 1.2505, 46)  # no point of it is exactly 1
    values = []
    for s in grid:
        try:
            values.append(pressure(float(s)))
        except (InvertedCellError, OffTableError):
            values.append(np.nan)
    # strictly: beyond the cut-off of a repulsive potential the stress is 0 as well
    rising = [i for i in range(len(grid) - 1) if values[i] < 0.0 < values[i + 1]]
    if not rising:
        raise UnstableCrystalError(
            f"potential: {potential.name} has no stress-free {reference.structure} crystal with "
            f"lattice constant within 20 % of {reference.constant:.4f} A. Try another structure."
        )
    i = min(rising, key=lambda k: abs(grid[k] - 1.0))
    return float(brentq(pressure, grid[i], grid[i + 1], xtol=1e-15, rtol=1e-14))
