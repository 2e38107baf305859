"""The stress-free lattice constant: the lowest minimum of the energy that the potential covers.

    tr P(s 1) = 0, rising in s

is looked for over all distances of neighbours from the shortest on the table (or an eighth of the
cut-off) to the cut-off; of several minima the one of lowest energy is the crystal. What a card or a
header says is where the search for the zero begins, by way of its nearest-neighbour distance: a
stretch s from 0.8 to 1.25 of it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from qcmethod.base.arguments import number
from qcmethod.base.said import say
from qcmethod.crystal.at_rest import at_rest
from qcmethod.crystal.laws.cauchy_born import CauchyBorn
from qcmethod.errors import (
    InputError,
    InvertedCellError,
    OffTableError,
    PotentialWarning,
    UnstableCrystalError,
)
from qcmethod.lattice.lattice import STRUCTURES, Lattice, unit
from qcmethod.potentials.contract import Potential
from qcmethod.potentials.shells import FARTHEST

NEAREST = 0.125
"""Of the cut-off: crystals whose neighbours are closer are not looked for."""
POINTS = 281
KINK = 1e-3
"""Of the change of stress over `ONE_SIDE`: a zero that is none (a cut-off on a shell: 1e-5)."""
ONE_SIDE, ASIDE = 5e-3, 1e-9
"""Stretches to one side of a zero, and next to it."""
SECOND = 0.5
"""Of the lowest energy: another minimum as deep as this is said."""


def relaxed(
    potential: Potential, structure: str, build: Callable[[float], Lattice], a: float | None
) -> Lattice:
    """The lattice at the constant a (A), or at the stress-free one. Raises UnstableCrystalError."""
    if not isinstance(potential, Potential):
        raise InputError("potential", potential, "a Potential", "qcmethod.load_potential(name)")
    neighbour = unit(structure).neighbour
    if a is not None:
        least, most = (potential.cutoff / neighbour * x for x in (1.0 / FARTHEST, FARTHEST))
        expected = f"a positive lattice constant, A, from {least:.4g} to {most:.4g}"
        return build(number("a", a, expected, least=least, most=most))
    told = 0.0
    if potential.lattice_constant and potential.structure in STRUCTURES:
        told = potential.lattice_constant * unit(potential.structure).neighbour
    if potential.engine is not None:
        return at_rest(potential, build, neighbour, told)
    told = told or 0.5 * potential.cutoff
    minima = _minima(potential, build(potential.cutoff / neighbour))
    if not minima:
        raise UnstableCrystalError(
            f"potential: {potential.name} has no stress-free {structure} crystal with neighbours "
            f"{max(potential.params.r_min, NEAREST * potential.cutoff):.4f} to "
            f"{potential.cutoff:.4f} A apart. Try another structure."
        )
    lowest, low, high = minima[0]
    _say_others(potential, structure, neighbour, minima)
    guess = told / neighbour
    stretch = _stretch(potential, build(guess))
    if stretch is None or not low <= guess * stretch * neighbour <= high:
        guess = 0.5 * (low + high) / neighbour
        stretch = _stretch(potential, build(guess))
    if stretch is None:
        raise UnstableCrystalError(
            f"potential: {potential.name} has a {structure} crystal of least energy near a = "
            f"{guess:.4g} A, but its stress does not pass through 0 there. Try a=."
        )
    return build(guess * stretch)


def _minima(potential: Potential, reference: Lattice) -> list[tuple[float, float, float]]:
    """Energy (eV) of each minimum and the distances of neighbours (A) around it, lowest first.

    reference : the lattice whose neighbours are one cut-off apart
    """
    p, n = potential.params, reference.n_components
    s = np.linspace(max(p.r_min / p.cutoff, NEAREST), 1.0, POINTS)
    F = np.tile(np.eye(3), (POINTS, 1, 1))
    F[:, range(n), range(n)] = s[:, None]
    W, P, density, _ = CauchyBorn.covering(potential, reference, F).unchecked(F)
    pressure = np.trace(P[:, :n, :n], axis1=1, axis2=2)
    pressure[~(density <= p.n_max)] = np.nan
    # a minimum may be met exactly; beyond the cut-off of a repulsive potential the stress is 0 too
    s, W, pressure = (values[pressure != 0.0] for values in (s, W, pressure))
    k = np.flatnonzero((pressure[:-1] < 0.0) & (pressure[1:] > 0.0))
    found = zip(np.minimum(W[k], W[k + 1]), s[k] * p.cutoff, s[k + 1] * p.cutoff, strict=True)
    return sorted((float(E), float(low), float(high)) for E, low, high in found)


def _say_others(
    potential: Potential, structure: str, neighbour: float, minima: list[tuple[float, float, float]]
) -> None:
    """Warn of a second minimum that is about as deep as the lowest."""
    free = potential.isolated
    for E, low, high in minima[1:2]:
        if E - free < SECOND * (minima[0][0] - free) < 0.0:
            (best, *around), a = minima[0], 0.5 * (low + high) / neighbour
            say(
                f"{potential.name}: {structure} has a second minimum near a = {a:.4g} A "
                f"({E - free:.4g} eV); the lowest is taken, near a = "
                f"{0.5 * sum(around) / neighbour:.4g} A ({best - free:.4g} eV). Try: a=",
                PotentialWarning,
            )


def _stretch(potential: Potential, reference: Lattice) -> float | None:
    """Stretch s with tr P(s 1) = 0 nearest to 1 that is a minimum of the energy, or None."""
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
    rising = [i for i in range(len(grid) - 1) if values[i] < 0.0 < values[i + 1]]
    if not rising:
        return None
    i = min(rising, key=lambda k: abs(grid[k] - 1.0))
    s = float(brentq(pressure, grid[i], grid[i + 1], xtol=1e-15, rtol=1e-14))
    # to one side alone: on the other there may be anything
    sides = ((1.0 - ONE_SIDE, 1.0 - ASIDE), (1.0 + ASIDE, 1.0 + ONE_SIDE))
    change = min(abs(pressure(s * far) - pressure(s * near)) for near, far in sides)
    if abs(left := pressure(s)) > KINK * change:
        raise UnstableCrystalError(
            f"potential: the stress of {potential.name} jumps by {abs(left):.3g} eV/A^3 or more "
            f"where its {reference.structure} crystal would be at rest, at a = "
            f"{s * reference.constant:.6g} A. Try: functions whose pieces meet, or a="
        )
    return s
