"""A line or a tip moved by whole periods of the lattice: where to look for the next equilibrium.

    u'(x) = u0(x - P) - u0(x) + u(x - P)

with u0 the singular field of the predictor, u the corrector and P the period along x. The
displacement of an atom is what that of the atom a period behind it was. It is an equilibrium but
for the clamped rim and the mesh, which stay where they are: `relax(system, u=moved(solution))`.
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.arguments import whole_number
from qcmethod.base.door import door
from qcmethod.base.types import Array
from qcmethod.coupling.system import System
from qcmethod.errors import InputError
from qcmethod.solve.solution import Solution


@door
def moved(solution: Solution, periods: int = 1) -> Array:
    """The corrector (n_k, 3), A, of a dislocation or a crack that has moved along x.

    Parameters
    ----------
    solution : of a dislocation, a dipole or a crack; both lines of a dipole move
    periods : of the lattice along x (the nearest columns of sites), forwards or, below 0, backwards

    Returns
    -------
    Array to start `relax(solution.system, u=...)` from: it finds the equilibrium there, where there
    is one. A whole core should lie about both places: `path=` of `crack` makes room.

    Raises InputError for a problem without a line or a tip, and for a move out of the free crystal.
    """
    system = solution.system
    if system.problem.predictor.singular is None:
        expected = "a solution of a dislocation, a dipole or a crack"
        raise InputError("solution", system.problem.name, expected)
    most = int((system.problem.extent - system.problem.rim) / lattice_period(system))
    expected = f"a number of periods of {lattice_period(system):.4g} A, from {-most} to {most}"
    whole_number("periods", periods, expected, least=-most, most=most)
    return moved_by(system, solution.u, periods)


def lattice_period(system: System) -> float:
    """Period of the lattice along x, A."""
    lattice = system.problem.crystal.lattice
    return float(lattice.along_x @ lattice.basis[: lattice.dim, 0])


def moved_by(system: System, u: Array, periods: int) -> Array:
    """`moved` of a corrector u (n_k, 3)."""
    body, field = system.body, system.problem.predictor.singular
    assert field is not None
    nodes = body.mesh.ij
    inside = system.free[: len(nodes)].any(axis=1)
    x, lower = body.x_k[: len(nodes)][inside], body.is_lower[: len(nodes)][inside]
    side = np.where(lower, -1, 0).astype(np.int8)
    step = np.array([periods * lattice_period(system), 0.0, 0.0])
    values = np.zeros((len(nodes), 3))
    values[inside] = field.displacement(x - step, side) - field.displacement(x, side)
    behind = nodes[inside] - periods * system.problem.crystal.lattice.along_x
    values[inside] += body.interpolation(behind, lower) @ u
    return np.where(system.free, body.coefficients(values), 0.0)
