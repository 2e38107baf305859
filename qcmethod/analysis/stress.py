"""Cauchy stress of cells and of atoms, eV/A^3: tension is positive.

    cells      sigma = P(F) F^T / det F                   P of the law of the cells
    atoms      sigma_i = X_i / V_i,     V_i = Omega_0 det F_i

X_i is the virial of the atom (`potentials.sums.virial_kernel`), F_i the gradient fitted to its
neighbours (`strain`): the volume is that of a lattice site, as deformed, also at a free surface,
where a Voronoi cell would be larger. sigma_i V_i is free of this choice. In a homogeneous crystal
the two are one. Where no atom is asked, a site has the stress of the field there.

In a plane the unit is eV/A^2, on a chain eV/A. The tension of a free surface is in the virials of
its atoms; the cells beside a flank, which carry it as a film, do not hold it.
"""

from __future__ import annotations

import numpy as np

from qcmethod.analysis import strain
from qcmethod.base.types import Array, Bools, Index
from qcmethod.coupling.models import site_sum
from qcmethod.coupling.system import System
from qcmethod.crystal.crystal import Crystal
from qcmethod.crystal.law import CAUCHY_BORN
from qcmethod.crystal.laws.cauchy_born import law_for
from qcmethod.potentials.can import Can


def cauchy(crystal: Crystal, F: Array, name: str = CAUCHY_BORN) -> Array:
    """P F^T / det F (n, 3, 3) of homogeneous crystal at gradients F (n, 3, 3).

    nan where the law of the crystal knows none: inverted, too close, off its table.
    """
    found = np.full(F.shape, np.nan)
    known = np.linalg.det(F) > 0.0
    if known.any():
        law = law_for(crystal, name, F[known])
        known[known] = law.trust(F[known]) >= 0.0
    if known.any():
        P = law.at(F[known]).P / crystal.lattice.site_volume
        found[known] = P @ F[known].transpose(0, 2, 1) / np.linalg.det(F[known])[:, None, None]
    return found


def is_atom(system: System) -> Bools:
    """Which of the listed sites (n_l,) are atoms of the model, whole or in part."""
    return np.asarray(system.weights.w_l > 0.0)


def site_volume(system: System, u: Array) -> Array:
    """V (n_l,) of the listed sites at the corrector u (n_k, 3), A^3: Omega_0 det F."""
    lattice = system.problem.crystal.lattice
    return lattice.site_volume * np.asarray(np.linalg.det(strain.site_gradient(system, u)))


def site_stress(system: System, u: Array) -> Array:
    """sigma (n_l, 3, 3) of the listed sites at the corrector u (n_k, 3): virials of the atoms (nan
    of an engine's, which does not tell them), of the field where there are none."""
    body, atom = system.body, is_atom(system)
    sigma = np.zeros((len(atom), 3, 3))
    if atom.any() and Can.CENTRAL not in system.problem.crystal.potential.can:
        sigma[atom] = np.nan  # an engine has no virials of single atoms that add up as ours do
    elif atom.any():
        one = np.ones(len(atom))
        X = site_sum(system, one, 0.0 * one).virials(body.positions(u))
        sigma[atom] = (X / site_volume(system, u)[:, None, None])[atom]
    sigma[~atom] = field_stress(system, u, body.ij_l[~atom])
    return sigma


def field_stress(system: System, u: Array, ij: Index) -> Array:
    """sigma (n, 3, 3) of the field at lattice points ij (n, dim): that of crystal at its F."""
    problem = system.problem
    if not len(ij):
        return np.zeros((0, 3, 3))
    side = np.zeros(len(ij), dtype=np.int8)
    F = problem.predictor.gradient(problem.position(ij), side) + system.body.gradient_at(u, ij)
    return cauchy(problem.crystal, F, system.law)


def cell_stress(system: System, u: Array) -> Array:
    """sigma (n_c, 3, 3) of the cells at the corrector u (n_k, 3): the mean over their points.

    A cell without weight has the mean of the atoms at its corners, nan where there are none.
    """
    body, cells, on = system.body, system.body.cells, system.weights.omega_c > 0.0
    sigma = np.zeros((len(on), 3, 3))
    asked = on[cells.point_cell]
    points = cauchy(system.problem.crystal, body.deformation(u)[asked], system.law)
    at = cells.point_cell[asked]
    np.add.at(sigma, at, cells.fraction[asked, None, None] * points)
    if not on.all():
        sigma[~on] = _of_corners(system, u, cells.vertices[~on])
    return sigma


def _of_corners(system: System, u: Array, vertices: Index) -> Array:
    """Mean stress (n, 3, 3) of the atoms at vertices (n, v)."""
    site, atom = system.body.site_of_node[vertices], is_atom(system)
    has = (site >= 0) & atom[site]
    of_atoms = np.where(has[..., None, None], site_stress(system, u)[site], 0.0)
    count = has.sum(axis=1)
    mean = of_atoms.sum(axis=1) / np.maximum(count, 1)[:, None, None]
    return np.where(count[:, None, None] > 0, mean, np.nan)
