"""Formation energy of a vacancy, from two balls of free atoms.

    E_f(R) = E(N - 1, relaxed) - E(N) + E_site,      E_f(R) = E_f + c/R^3

Atoms within R move, all others sit on the lattice of the crystal at rest, in a cylinder that
repeats along z and whose surface nobody near the vacancy sees: its energy is the same on both
sides. The elastic energy beyond R falls as 1/R^3 (Leibfried and Breuer 1978).
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.types import Array
from qcmethod.errors import ConvergenceError
from qcmethod.potentials.sums.protocol import Sum
from qcmethod.studies.scorecard.row import ROWS, Found, Number, Row, Subject

RADII = (2.5, 3.5)
"""Of the free atoms, in lattice constants."""
FMAX = 1e-4
"""eV/A: worth some 1e-8 eV."""
MOST = 400
"""Iterations."""


def measure(subject: Subject) -> Found:
    """E_f, eV."""
    a = subject.crystal.lattice_constant
    R = a * np.array(RADII)
    E = np.array([formation(subject, float(radius)) for radius in R])
    c = (E[1] - E[0]) / (R[1] ** -3 - R[0] ** -3)
    value = float(E[1] - c * R[1] ** -3)
    published = subject.published("E_vacancy")
    how = "two radii"
    error = abs(value - float(E[1]))
    return Found((Number("vacancy", value, "eV", error, how=how, published=published),))


def formation(subject: Subject, radius: float) -> float:
    """E_f of a ball of free atoms, eV. Raises ConvergenceError."""
    from scipy.optimize import minimize

    y, period = _cylinder(subject, radius)
    whole = _sum(subject, period, len(y)).at(y).energy
    distance = np.linalg.norm(y, axis=1)
    y, free = y[distance > 1e-6], (distance < radius)[distance > 1e-6]
    model = _sum(subject, period, len(y))

    def energy(u: Array) -> tuple[float, Array]:
        moved = y.copy()
        moved[free] += u.reshape(-1, 3)
        state = model.at(moved)
        return float(state.energy), state.gradient[free].ravel()

    start = np.zeros(3 * int(free.sum()))
    options = {"gtol": FMAX, "ftol": 0.0, "maxiter": MOST}
    found = minimize(energy, start, jac=True, method="L-BFGS-B", options=options)
    worst = float(np.abs(energy(found.x)[1]).max())
    if not worst < 10.0 * FMAX:
        raise ConvergenceError(f"vacancy of {subject.potential.name}: {worst:.2g} eV/A are left")
    return float(found.fun) - float(whole)  # both count V - E_site


def _sum(subject: Subject, period: float, n: int) -> Sum:
    """The energy of n atoms, each against that of the perfect crystal."""
    reference = np.full(n, subject.crystal.cohesive)
    return subject.potential.site_sum(period, np.ones(n), reference)


def _cylinder(subject: Subject, radius: float) -> tuple[Array, float]:
    """Sites (n, 3) about the one at the origin, A, and their period along z, A."""
    lattice, potential = subject.crystal.lattice, subject.potential
    about = radius + 2.0 * potential.cutoff
    basis, along = lattice.basis, float(lattice.basis[2, 2])
    repeats = int(np.ceil(2.0 * about / along))
    most = int(about / float(np.linalg.norm(basis[1, :2]))) + 2
    ij = np.stack(np.meshgrid(*[np.arange(-2 * most, 2 * most + 1)] * 2), -1).reshape(-1, 2)
    columns = ij @ basis[:2]
    columns = columns[np.hypot(columns[:, 0], columns[:, 1]) < about]
    period = repeats * along
    y = np.repeat(columns, repeats, axis=0)
    y[:, 2] += np.tile(along * np.arange(repeats), len(columns))
    y[:, 2] -= period * np.round(y[:, 2] / period)
    return y, period


ROWS.add_named(Row("vacancy", "formation energy of a vacancy", measure, order=4.0))
