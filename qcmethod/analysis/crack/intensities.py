"""K_I, K_II, K_III and T of an equilibrium, by the interaction integral on a ring about the tip.

    M = <M(r)>_ring - int_ring^inf sum of sources dr                  (`elasticity.interaction`)

<> is the mean over log r. The field on the ring is that of the finite deformation of the
potential's own continuum, s = P(F), which is in balance where Hooke's law is not: at 50 A the two
differ by 4 %. The sources, (P - C : grad u)_ai v_a,i1, fall as r^(-3/2) and are summed outwards:
over the state up to the extent, over its predictor beyond. What is left is the K of the small
strains far away into which the state on the ring goes on, so it does not depend on the ring, and
1/2 k . L^-1 k is the J-integral.
"""

from __future__ import annotations

import numpy as np

from qcmethod.analysis.crack.j_on_cells import first_cells
from qcmethod.base.arguments import number
from qcmethod.base.door import door
from qcmethod.base.types import Array
from qcmethod.coupling.system import System
from qcmethod.elasticity.interaction import Intensities, circle, flux, read
from qcmethod.errors import InputError
from qcmethod.problems.crack import crack_field
from qcmethod.solve.solution import Solution
from qcmethod.units import MPA, MPA_SQRT_M

RINGS, PANEL, TAIL = 24, 8, 6
"""Circles in the ring; beyond it in each factor of two; beyond the extent, over r^(-1/2)."""


@door
def stress_intensities(solution: Solution, inner: float, outer: float) -> Intensities:
    """K_I, K_II, K_III, MPa sqrt(m), and T = sigma_xx, MPa, on the ring inner < r < outer (A).

    The ring lies in the continuum: beyond the blending zone, within the extent; with all atoms,
    three cut-offs from the tip, where their field is one. K of mode I differs from
    `stress_intensity`, the K whose J is that of the ring, by the mesh only.

    Raises InputError when the problem has no crack or the ring is elsewhere.
    """
    system, field = solution.system, crack_field(solution.system.problem, "solution")
    inner, outer = (number("inner, outer", r, "two radii in A") for r in (inner, outer))
    start, extent = _start(system), system.problem.extent
    if not (start <= inner < outer <= extent and inner > 0.0):
        where = "three cut-offs" if system.method.all_atoms else "end of the blending zone"
        expected = f"{start:.1f} ({where}) <= inner < outer <= extent"
        raise InputError("inner, outer", (inner, outer), expected)

    def at(r: float) -> tuple[Array, Array]:
        return flux(field.stroh, r, *_state(system, solution.u, field.stroh.C, r))

    M = np.zeros(5)
    t, w = np.polynomial.legendre.leggauss(RINGS)
    for part, weight in zip(0.5 * (1.0 + t), 0.5 * w, strict=True):
        r = inner * (outer / inner) ** part
        found, source = at(r)
        # what lies between this circle and the outer one counts for all circles inside of it
        M += weight * (found - part * np.log(outer / inner) * r * source)
    for r, length in _outwards(outer, extent):
        M -= length * at(r)[1]
    K1, K2, K3, T = read(field.stroh, M)
    return Intensities(K1 / MPA_SQRT_M, K2 / MPA_SQRT_M, K3 / MPA_SQRT_M, T / MPA)


def _start(system: System) -> float:
    """Smallest radius of a ring, A."""
    if system.method.all_atoms:
        return 3.0 * system.problem.crystal.potential.cutoff
    return first_cells(system)


def _outwards(outer: float, extent: float) -> list[tuple[float, float]]:
    """Radii, A, and weights, A, of a sum from a circle to infinity."""
    found: list[tuple[float, float]] = []
    if extent > outer:
        n = PANEL * max(1, int(np.ceil(np.log2(extent / outer))))
        t, w = np.polynomial.legendre.leggauss(n)
        r = outer * (extent / outer) ** (0.5 * (1.0 + t))
        found += zip(r.tolist(), (0.5 * w * r * np.log(extent / outer)).tolist(), strict=True)
    t, w = np.polynomial.legendre.leggauss(TAIL)
    s = 0.5 * (1.0 + t) / np.sqrt(extent)  # r = s^-2, in which sources are s^3 times a polynomial
    weights = w / np.sqrt(extent) / s**3
    return found + list(zip((s**-2).tolist(), weights.tolist(), strict=True))


def _state(system: System, u: Array, C: Array, radius: float) -> tuple[Array, Array, Array]:
    """Gradient of u, P, and P beyond Hooke's law (n, 3, 3) on a circle about the tip."""
    problem, x = system.problem, circle(radius)[0]
    F = problem.predictor.gradient(x, np.zeros(len(x), dtype=np.int8))
    if radius < problem.extent:
        F += system.body.gradient_at(u, _coordinates(system, x))
    G = F - np.eye(3)
    P = system.force_model.continuum.cells.law.at(F).P / problem.crystal.lattice.site_volume
    return G, P, P - np.einsum("aibj,pbj->pai", C, G)


def _coordinates(system: System, x: Array) -> Array:
    """Lattice coordinates (n, 2) of points; between the rows of the flank those above it belong to
    the upper row, as the cells below that row are the lower flank's."""
    problem = system.problem
    ij = (x - problem.origin)[:, :2] @ np.linalg.inv(problem.crystal.lattice.plane_basis)
    above = (x[:, 0] < 0.0) & (x[:, 1] >= 0.0)
    ij[above, 1] = np.maximum(ij[above, 1], 0.0)
    return np.asarray(ij)
