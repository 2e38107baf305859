"""Energy release rate and stress intensity from a solution, on rings about the tip.

Domain form of the J-integral for a hyperelastic continuum (Li, Shih and Needleman 1985):

    J = -int b_1j dq/dx_j dA,     b_1j = W delta_1j - (F - 1)_a1 P_aj        (Eshelby 1951)

with q = 1 inside and 0 outside of the ring. W and P are those of the potential at the finite
deformation of each cell, so J does not depend on the path as long as the ring lies in the
continuum and its material is in equilibrium. J = 1/2 k . L^-1 k gives the stress intensity that
acts on the core, if its direction is that of the load.
"""

from __future__ import annotations

import numpy as np

from qcmethod.analysis.crack.j_on_atoms import on_atoms
from qcmethod.base.arguments import number
from qcmethod.base.door import door
from qcmethod.base.types import Array
from qcmethod.coupling.system import System
from qcmethod.errors import InputError
from qcmethod.lattice.plane import radius
from qcmethod.problems.crack import crack_field
from qcmethod.solve.solution import Solution
from qcmethod.units import MPA_SQRT_M


@door
def j_integral(solution: Solution, inner: float, outer: float) -> float:
    """J on the ring inner < r < outer (A) of a crack, eV/A^2.

    The ring consists of cells where it lies in the continuum, of atoms where it lies in the
    atomistic core (two cut-offs from its end, and not in the clamped rim); see `j_on_atoms`.

    Raises InputError when the problem has no crack or the ring is in neither, EngineError for a
    ring of atoms of an engine without site energies.
    """
    system = solution.system
    crack_field(system.problem, "solution")
    inner, outer = (number("inner, outer", r, "two radii in A") for r in (inner, outer))
    atoms, start = _last_atoms(system), first_cells(system)
    if 0.0 < inner < outer <= atoms:
        return on_atoms(solution, inner, outer)
    if not start <= inner < outer <= system.problem.extent:
        expected = (
            f"{start:.1f} (end of the blending zone) <= inner < outer <= extent (cells), or "
            f"0 < inner < outer <= {atoms:.1f} (atoms)"
        )
        raise InputError("inner, outer", (inner, outer), expected)
    body, cells = system.body, system.body.cells
    ring = body.coefficients(_ring_function(body.x_k, inner, outer))
    grad_q = cells.gradient_of(ring)[:, 0, :]
    on = np.flatnonzero(np.abs(grad_q).max(axis=1) > 0.0)
    F = body.deformation(solution.u)[on]
    found = system.force_model.continuum.cells.law.at(F)
    W, P = found.W - system.reference_energy, found.P
    b = W[:, None] * np.eye(3)[0] - np.einsum("qa,qaj->qj", F[:, :, 0] - np.eye(3)[0], P)
    sites = (cells.volume[cells.point_cell] * cells.fraction)[on]
    return float(
        -(sites * (b * grad_q[on]).sum(axis=1)).sum() / system.problem.crystal.lattice.period
    )


@door
def stress_intensity(solution: Solution, inner: float, outer: float) -> float:
    """Stress intensity of the load recovered on the ring inner < r < outer (A), MPa sqrt(m).

    The K whose 1/2 K^2 d . L^-1 d is J, with d the direction of the applied (K_II, K_I, K_III):
    with the sign of its load where one mode is loaded, (K_I^2 + K_II^2 + K_III^2)^(1/2) in the
    proportion of the loads where several are. `stress_intensities` tells the modes apart.

    Raises InputError as `j_integral` does, and for a crack without a load.
    """
    field = crack_field(solution.system.problem, "solution")
    loads, k = solution.system.problem.loads, np.array(field.K)[[1, 0, 2]]
    if not k.any():
        raise InputError("solution", f"loads {loads}", "a loaded crack")
    d = k / np.linalg.norm(k)
    compliance = float(d @ np.linalg.solve(field.stroh.L, d))
    sign = np.sign(k.sum()) if np.count_nonzero(k) == 1 else 1.0
    J = j_integral(solution, inner, outer)
    return float(sign * np.sqrt(max(2.0 * J / compliance, 0.0)) / MPA_SQRT_M)


def _last_atoms(system: System) -> float:
    """Largest radius of a ring of atoms, A: they and their neighbours are whole atoms and free.

    Measured from the tip, about which a core along a path, or of another shape, is not centred.
    """
    cutoff, clamped = system.problem.crystal.potential.cutoff, system.problem.rim
    if system.method.all_atoms:
        return float(min(system.problem.extent - clamped, system.problem.extent - 2.0 * cutoff))
    if not system.method.core:
        return 0.0
    body = system.body
    blended = body.used & ~body.is_lower & (system.weights.beta_k > 0.0)
    nearest = float(radius(body.x_k[blended]).min())
    return max(0.0, nearest - 2.0 * cutoff)


def first_cells(system: System) -> float:
    """Smallest radius of a ring of cells, A: no core and no blending zone lies beyond."""
    problem = system.problem
    beyond = float(np.linalg.norm(problem.centres, axis=1).max())
    return beyond + system.partition.outer * problem.stretch


def _ring_function(x_k: Array, inner: float, outer: float) -> Array:
    """Nodal values (n_k, 3) whose first component is q: 1 inside, 0 outside, linear in log r."""
    r = radius(x_k)
    q = np.zeros((len(x_k), 3))
    q[:, 0] = np.clip(np.log(outer / np.maximum(r, 1e-300)) / np.log(outer / inner), 0.0, 1.0)
    return q
