"""The elastic dipole of a point defect: the moment of the forces that make its field.

    P_ij = sum_k f_ki (F x_k)_j,     f = K u,     K: Cauchy-Born stiffness of the perfect crystal

A linear medium without the defect has the displacement u of the solution under the forces f, which
vanish where the crystal is linear and perfect; so their moment is that of the far field,

    u_i = - P_jk G_ij,k,      - dE/d(strain_ij) = P_ij,      relaxation volume  S_iikl P_kl

(the Kanzaki forces of the mesh; Leibfried and Breuer 1978, Point Defects in Metals I; Clouet,
Varvenne and Jourdan 2018, Comput. Mater. Sci. 147, 49). What u is on the sites of a void does not
matter: no force inside the cells of linear functions has a moment. Nor do images: the clamped rim
adds a field whose forces vanish within.
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.arguments import finite
from qcmethod.base.door import door
from qcmethod.base.types import Array
from qcmethod.coupling.system import System
from qcmethod.crystal.crystal import Crystal
from qcmethod.errors import InputError
from qcmethod.solve.solution import Solution


@door
def elastic_dipole(solution: Solution) -> Array:
    """P (3, 3), eV, symmetric, of a compact defect in space: positive where it pushes outward.

    Of a vacancy, a void, a solute in a homogeneous crystal; of what a singular predictor misses
    there is no dipole. Raises InputError.
    """
    if not isinstance(solution, Solution):
        raise InputError("solution", solution, "a Solution", "qcmethod.relax(system)")
    system = solution.system
    problem = system.problem
    if (
        not problem.crystal.lattice.is_space
        or problem.cuts
        or (problem.predictor.singular is not None)
    ):
        expected = "a compact defect in a whole, homogeneous crystal in space"
        raise InputError("solution", problem.name, expected, "Crystal.fcc(..., dimensions=3)")
    f, body = kanzaki_forces(system, solution.u), system.body
    x = body.coefficients(body.x_k)  # of bubbles 0: a linear field has none
    P = np.einsum("ki,kj->ij", f, x @ problem.predictor.F.T)
    return 0.5 * (P + P.T)


def kanzaki_forces(system: System, u: Array) -> Array:
    """K u (n_k, 3), eV/A, on the nodes within the clamped rim, those of missing sites included; 0
    on the others, which hold the rim."""
    body, elastic = system.body, system.elastic
    f = body.cells.elastic(elastic.tangent, body.cells.volume) @ u.ravel()
    inner = system.free.any(axis=1) | (body.is_removed & system.problem.free.contains(body.x_k))
    return np.where(inner[:, None], f.reshape(-1, 3), 0.0)


@door
def relaxation_volume(crystal: Crystal, P: Array) -> float:
    """S_iikl P_kl, A^3: how much larger a large crystal is for a dipole P (3, 3), eV, in it."""
    P = finite("P", P, (3, 3), "a finite dipole (3, 3) in eV")
    if not isinstance(crystal, Crystal):
        raise InputError("crystal", crystal, "a Crystal", "Crystal.fcc(..., dimensions=3)")
    C = crystal.stable_moduli().reshape(9, 9)
    strain = np.linalg.lstsq(C, 0.5 * (P + P.T).ravel(), rcond=1e-9)[0].reshape(3, 3)
    return float(np.trace(strain))
