"""Atoms of any part of the domain as `ase.Atoms`: the continuum is filled with its sites.

    y(x_l) = x_l + u_0(x_l) + sum_k N_k(x_l) u_k        (+ the relaxed layers of a free surface)

is known at every lattice site, resolved or not. The sites of a crack belong to one side by their
row: j >= 0 above the flank, j < 0 below.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qcmethod import mesh as meshing
from qcmethod.analysis import strain
from qcmethod.analysis.corrector import interpolated
from qcmethod.analysis.sites import zone_of
from qcmethod.analysis.stress import field_stress, site_stress
from qcmethod.base.door import door
from qcmethod.base.types import Array, Index
from qcmethod.base.voigt import components
from qcmethod.coupling.field import beta_at
from qcmethod.coupling.system import System
from qcmethod.io.atoms import atoms_at, energies_of, where_known
from qcmethod.io.region_sites import Part, region_of, sites_of
from qcmethod.lattice.sites import LIMIT, Sites

if TYPE_CHECKING:
    from ase import Atoms


@door
def atoms_in(
    system: System,
    u: Array,
    region: Part,
    centre: tuple[float, ...] | None = None,
    limit: int = LIMIT,
) -> Atoms:
    """Sites of a region at the corrector u (n_k, 3), A, as `ase.Atoms`.

    Parameters
    ----------
    region : radius about `centre`, A; a box ((x0, x1), (y0, y1)), in space with (z0, z1), in the
        reference configuration, A; "all"; or any `Region`. Sites beyond the extent of the problem
        do not exist
    centre : (x, y), in space (x, y, z), A (default: the crack tip, or the middle of the defect)
    limit : more atoms than this are refused

    Returns
    -------
    ase.Atoms with the arrays `displacement`, `corrector` (n, 3) A, `beta`, `zone` (0 atomistic, 1
    blended, 2 continuum), `node`, `site_energy` (eV over the reference crystal, 0 in the
    continuum), `ij` (n, dim) integer coordinates, `strain` (n, 6), `shear`, `volumetric`: of the
    gradient fitted to neighbours where there are atoms, of the field in the continuum;
    `cauchy_stress` (n, 6), eV/A^3, likewise (`analysis.stress`; nan where the law knows none); for
    a crack `side` (+1 above its plane, -1 below). `info` as in `Solution.to_atoms`. What an engine
    does not give of its atoms is left out, or nan beside what the continuum knows.

    Raises InputError for another region, one without sites, or one with too many.
    """
    ij = sites_of(system, region_of(system, u, region, centre), limit)
    problem, body = system.problem, system.body
    x = problem.position(ij)
    corrector = interpolated(system, u, ij)
    y = x + problem.predictor.displacement(x, np.zeros(len(x), dtype=np.int8)) + corrector
    if system.relaxation is not None:
        y += system.relaxation.displacement(problem, ij, x)
    beta = beta_at(problem, system.partition, ij)
    listed = Sites(body.ij_l).find(ij)
    E = _strains(system, u, ij, x, listed, beta)
    n = problem.crystal.lattice.n_components
    arrays = {
        "displacement": y - x,
        "corrector": corrector,
        "beta": beta,
        "zone": zone_of(beta),
        "node": meshing.find_nodes(body.mesh, ij) >= 0,
        **_energies(system, u, listed),
        "ij": ij,
        "shear": strain.shear(E, n),
        "volumetric": strain.volumetric(E, n),
        "strain": components(E),
        **where_known("cauchy_stress", components(_stresses(system, u, ij, listed, beta))),
    }
    for cut in problem.cuts:
        if cut.jumps:
            arrays["side"] = np.where(cut.is_above(ij), 1, -1)
    return atoms_at(system, u, y, arrays)


def _strains(system: System, u: Array, ij: Index, x: Array, listed: Index, beta: Array) -> Array:
    """Green-Lagrange strain (n, 3, 3): of atoms where they are listed, else of the field."""
    atomistic = (listed >= 0) & (beta < 1.0)
    E, field = np.zeros((len(ij), 3, 3)), np.flatnonzero(~atomistic)
    if atomistic.any():
        E[atomistic] = strain.site_strain(system, u)[listed[atomistic]]
    if len(field):
        F = system.problem.predictor.gradient(x[field], np.zeros(len(field), dtype=np.int8))
        E[field] = strain.green_lagrange(F + system.body.gradient_at(u, ij[field]))
    return E


def _energies(system: System, u: Array, listed: Index) -> dict[str, Array]:
    """Site energies (n,), eV, by their name; 0 in the continuum."""
    found = {}
    for name, values in energies_of(system, u).items():
        found[name] = np.where(listed >= 0, values[listed], 0.0)
    return found


def _stresses(system: System, u: Array, ij: Index, listed: Index, beta: Array) -> Array:
    """Cauchy stress (n, 3, 3), eV/A^3: of atoms where they are listed, else of the field."""
    atomistic = (listed >= 0) & (beta < 1.0)
    sigma = np.zeros((len(ij), 3, 3))
    if atomistic.any():
        sigma[atomistic] = site_stress(system, u)[listed[atomistic]]
    sigma[~atomistic] = field_stress(system, u, ij[~atomistic])
    return sigma
