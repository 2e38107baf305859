"""Energy of a free surface as a function of its stretch, from the potential itself.

A half crystal with surface normal y is stretched by lambda along x, its bulk free of traction on
the plane (F e_y solves P(F) e_y = 0), and its layers relax rigidly (vectors w_m, m = 0, 1, ...):

    gamma(lambda) = min_w sum_m [V_m(lambda, w) - W*(lambda)],    W* = W(F*(lambda))

per surface site. To second order in eps = lambda - 1

    gamma = gamma_0 + tau eps + 1/2 S eps^2,     W* = W_0 + 1/2 S_bulk eps^2

with tau the surface stress (Shuttleworth 1950; Cammarata 1994). The Cauchy-Born continuum has no
surface energy of its own; without this term a flank would end, at the rim of the atomistic core,
with an unbalanced film tension tau that displaces the crack tip (the surface Cauchy-Born model of
Park, Klein and Wagner 2006 and Jayawardana et al. 2013 serves the same purpose without relaxation).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from qcmethod.base.stored import stored
from qcmethod.base.types import Array
from qcmethod.crystal.crystal import Crystal
from qcmethod.crystal.film import layers_of
from qcmethod.crystal.stack import traction_free
from qcmethod.units import J_PER_M2

STRAIN = 2e-3
"""Half width of the central differences in lambda."""


@stored
@dataclass(frozen=True, eq=False)
class SurfaceEnergy:
    """Coefficients per surface site, eV; `area` of a surface site, A^2; relaxation (m, 3), A, of
    the layers of a half crystal that fills y > 0."""

    gamma: float
    unrelaxed: float
    tension: float
    stiffness: float
    bulk_stiffness: float
    area: float
    relaxation: Array

    @property
    def per_area(self) -> float:
        """Relaxed surface energy, eV/A^2."""
        return self.gamma / self.area

    @property
    def j_per_m2(self) -> float:
        """Relaxed surface energy, J/m^2."""
        return self.per_area / J_PER_M2


@lru_cache(maxsize=16)
def stretched_surface(crystal: Crystal) -> SurfaceEnergy:
    """Relaxed energy, stress and stiffness of the surface normal to y of columns of atoms.

    Raises UnstableCrystalError, ConvergenceError as `crystal.surface.surface_energy`.
    """
    stretches = 1.0 + STRAIN * np.array([-1.0, 0.0, 1.0])
    halves = [_half_crystal(crystal, s) for s in stretches]
    gamma, bulk, unrelaxed = np.array([half[:3] for half in halves]).T
    basis = crystal.lattice.basis
    return SurfaceEnergy(
        gamma=float(gamma[1]),
        unrelaxed=float(unrelaxed[1]),
        tension=float(gamma[2] - gamma[0]) / (2.0 * STRAIN),
        stiffness=float(gamma[2] - 2.0 * gamma[1] + gamma[0]) / STRAIN**2,
        bulk_stiffness=float(bulk[2] - 2.0 * bulk[1] + bulk[0]) / STRAIN**2,
        area=float(basis[0, 0] * basis[2, 2]),
        relaxation=halves[1][3],
    )


def _half_crystal(crystal: Crystal, stretch: float) -> tuple[float, float, float, Array]:
    """Excess energy of the relaxed layers, W*, the unrelaxed excess energy (eV a site), and w."""
    F = traction_free(crystal, stretch)
    cutoff, spacing = float(crystal.potential.cutoff), float(crystal.lattice.basis[1, 1])
    n_free = int(3.0 * cutoff / spacing) + 2
    layers = layers_of(crystal, F, (0, n_free - 1), bottom=False)
    w = np.zeros((layers.n_groups, 3))
    free = np.ones(w.shape, dtype=bool)
    free[-1] = False  # the crystal below
    unrelaxed = layers.at(w).energy
    w, state = layers.relax(w, free, f"surface of {crystal.potential.name}")
    return state.energy, crystal.site_energy(F), unrelaxed, w[:n_free]
