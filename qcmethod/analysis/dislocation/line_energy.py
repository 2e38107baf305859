"""Energy of a dislocation within a radius of its line, and its core energy.

    E(r) = [sum over sites |x_l| <= r of (V_l - V_0)  +  integral beyond them of (W - W_0)]/period
    E(r) = K log(r/r0) + E_core,      K = b . L b/(4 pi)             (Hirth and Lothe 1982, ch. 3)

Where sites are listed their own energies are summed; beyond, W(F) of the continuum is integrated on
rings. A homogeneous stress (an applied shear) adds its own energy, which is left in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from qcmethod.analysis.dislocation.disregistry import require_solution
from qcmethod.base.arguments import as_numbers, number
from qcmethod.base.door import door
from qcmethod.base.types import Array
from qcmethod.coupling.models import site_sum
from qcmethod.coupling.system import System
from qcmethod.elasticity import prelogarithmic_energy, stroh
from qcmethod.errors import InputError
from qcmethod.lattice.plane import in_plane, radius
from qcmethod.problems.shear import burgers_vector, lines_of
from qcmethod.solve.solution import Solution

ANGLES = 96
"""Points of the trapezoidal rule on each ring: the angular part of the field is smooth."""


@dataclass(frozen=True, eq=False, repr=False)
class LineEnergy:
    """E(r) of a dislocation: radii (n,) A, energy (n,) eV/A, prefactor K eV/A, |b| A."""

    radius: Array
    energy: Array
    K: float
    b: float

    def core_energy(self, r0: float | None = None) -> float:
        """E_core, eV/A, for the cut-off radius r0 (A, default |b|): mean over the outer half.

        Raises InputError (r0).
        """
        outer = self.radius >= 0.5 * self.radius.max()
        r0 = self.b if r0 is None else number("r0", r0, "a positive cut-off radius in A", above=0.0)
        return float(np.mean(self.energy[outer] - self.K * np.log(self.radius[outer] / r0)))

    def __repr__(self) -> str:
        radii = f"{len(self.radius)} radii to {self.radius.max():g} A"
        core = f"core energy {self.core_energy():.4f} eV/A for r0 = b = {self.b:.4f} A"
        return f"LineEnergy({radii}, {core}, K = {self.K:.4f} eV/A)"


@door
def line_energy(solution: Solution, radius: ArrayLike) -> LineEnergy:
    """Energy within the radii (n,), A, about the origin of a relaxed dislocation.

    Raises InputError for another problem (a dipole has no such logarithm: its `excess_energy` is
    finite) or radii outside (0, extent - two cut-offs].
    """
    system = require_solution(solution).system
    b = burgers_vector(system.problem, "solution")
    if len(lines_of(system.problem)) > 1:
        hint = "Solution.excess_energy, which is finite for a dipole"
        raise InputError("solution", system.problem.name, "that of one dislocation", hint)
    r = np.sort(np.atleast_1d(as_numbers("radius", radius, "radii in A")))
    limit = system.problem.extent - 2.0 * system.problem.crystal.potential.cutoff
    if r.ndim != 1 or not len(r) or not (r[0] > 0.0 and r[-1] <= limit):
        raise InputError("radius", radius, f"radii between 0 and {limit:.1f} A")
    split = _sites_end(system)
    energy = _of_sites(solution, np.minimum(r, split))
    if r[-1] > split:
        energy = energy + _of_continuum(solution, split, r)
    period = system.problem.crystal.lattice.period
    solid = stroh(system.problem.crystal.elastic_constants().at_rest)
    K = prelogarithmic_energy(solid, b)
    return LineEnergy(r, energy / period, K, float(np.linalg.norm(b)))


def _sites_end(system: System) -> float:
    """Radius within which every site has all of its neighbours listed and is a node, A."""
    if system.method.all_atoms:
        return float(system.problem.extent - 2.0 * system.problem.crystal.potential.cutoff)
    return system.partition.outer


def _of_sites(solution: Solution, r: Array) -> Array:
    """Sums (n,) of V - V_0 over the sites within each radius, eV."""
    system, body = solution.system, solution.system.body
    everywhere = np.ones(len(body.x_l))
    V = site_sum(system, everywhere, everywhere).energies(body.positions(solution.u))
    distance = radius(body.x_l)
    order = np.argsort(distance)
    total = np.concatenate([[0.0], np.cumsum(V[order] - system.reference_energy)])
    return total[np.searchsorted(distance[order], r, side="right")]


def _of_continuum(solution: Solution, start: float, r: Array) -> Array:
    """Integrals (n,) of W - W_0 over start < |x| < r, eV: Simpson's rule in log r."""
    from scipy.integrate import cumulative_simpson

    outer = np.maximum(r, start)
    decades = float(np.log10(outer.max() / start))
    rings = np.geomspace(start, outer.max(), 8 + int(30.0 * decades))
    rings = np.unique(np.concatenate([rings, outer]))
    density = rings**2 * np.array([_mean_density(solution, radius) for radius in rings])
    total = 2.0 * np.pi * cumulative_simpson(density, x=np.log(rings), initial=0.0)
    area = abs(float(np.linalg.det(solution.system.problem.crystal.lattice.plane_basis)))
    return np.interp(outer, rings, total) / area


def _mean_density(solution: Solution, radius: float) -> float:
    """Mean of W - W_0 over the circle, eV a site."""
    system, body = solution.system, solution.system.body
    angle = 2.0 * np.pi * (np.arange(ANGLES) + 0.5) / ANGLES
    x = radius * np.stack([np.cos(angle), np.sin(angle), np.zeros(ANGLES)], axis=1)
    lattice = system.problem.crystal.lattice
    at = (in_plane(x) - system.problem.origin[:2]) @ np.linalg.inv(lattice.plane_basis)
    side = np.zeros(ANGLES, dtype=np.int8)
    F = system.problem.predictor.gradient(x, side)
    F += body.gradient_at(solution.u, at)
    found = system.force_model.continuum.cells.law.at(F)
    return float(np.mean(found.W)) - system.reference_energy
