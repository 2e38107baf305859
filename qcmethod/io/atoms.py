"""A solution as `ase.Atoms`: the sites of the atomistic and blending zones, with their fields.

One atom stands for each site. y = y0(x) + S u; `displacement` is y - x, predictor and corrector.
Positions are y + shift, inside a cell with vacuum around the atoms that is periodic along z in a
quasi-2-D crystal (`io.box`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qcmethod.analysis import strain
from qcmethod.analysis.sites import site_energies, zone_of
from qcmethod.analysis.stress import site_stress, site_volume
from qcmethod.base.door import door
from qcmethod.base.types import Array, Index
from qcmethod.base.voigt import components
from qcmethod.coupling.summary import summary
from qcmethod.coupling.system import System
from qcmethod.errors import EngineError
from qcmethod.io.box import boxed

if TYPE_CHECKING:
    from ase import Atoms


@door
def to_atoms(
    system: System, u: Array, forces: Array | None = None, *, padding: bool = False
) -> Atoms:
    """Sites of a system at the corrector u (n_k, 3), A, as `ase.Atoms`.

    Parameters
    ----------
    forces : (n_k, 3) residual forces on the nodes, eV/A (default: evaluated)
    padding : also the sites beyond the blending zone that only serve as neighbours

    Returns
    -------
    ase.Atoms with the arrays `displacement`, `corrector` (n, 3) A, `qc_forces` (n, 3) eV/A (zero on
    sites without a node; the name keeps ASE from taking them for a calculator's), `beta`, `weight`
    (n,), `zone` (0 atomistic, 1 blended, 2 continuum), `site_energy` (eV over the reference
    crystal, 0 in the continuum), `node`, `clamped` (n,) bool, `shear`, `volumetric` (n,) strain of
    the fitted gradient (`analysis.strain`), `strain` (n, 6) xx yy zz yz xz xy of E, `cauchy_stress`
    (n, 6) eV/A^3 of each atom, its virial over `volume` (n,) A^3 (`analysis.stress`: the volume of
    a lattice site as deformed); `info` holds `shift` (3,) A, method, core, blend, loads,
    `ghost_force` (at the predictor), `patch_number` (on perfect crystal) and, for energy methods,
    the excess energy. The whole list of sites is returned for a method without atomistic weight.
    Positions are y + shift, along a period up to whole periods: inside of the cell.
    `site_energy` and `cauchy_stress` of atoms are left out where an engine does not give them.
    """
    keep = _kept(system, padding)
    y = system.body.positions(u)
    arrays: dict[str, NDArray[Any]] = {}
    for name, values in _fields(system, u, y, forces).items():
        arrays |= where_known(name, values[keep])
    species = None if system.species is None else system.species[keep]
    return atoms_at(system, u, y[keep], arrays, species)


def atoms_at(
    system: System,
    u: Array,
    y: Array,
    arrays: dict[str, NDArray[Any]],
    species: Index | None = None,
) -> Atoms:
    """`ase.Atoms` of sites at y (n, 3), A, with arrays of theirs and the summary of a state;
    species (n,) : where there are several."""
    from ase import Atoms

    potential = system.problem.crystal.potential
    if species is None:
        masses = np.full(len(y), potential.mass)
        atoms = Atoms([potential.symbol] * len(y), positions=y, masses=masses)
    else:
        atoms = Atoms([potential.elements[s] for s in species], positions=y)
    boxed([atoms], system.problem.crystal)
    for name, values in arrays.items():
        atoms.set_array(name, values)
    atoms.info.update(summary(system, u))
    if potential.symbol != potential.element:
        atoms.info["element"] = potential.element
    return atoms


def _kept(system: System, padding: bool) -> NDArray[np.bool_]:
    weighted: NDArray[np.bool_] = system.weights.w_l > 0.0
    return np.ones_like(weighted) if padding or not weighted.any() else weighted


def _fields(system: System, u: Array, y: Array, forces: Array | None) -> dict[str, NDArray[Any]]:
    """Arrays of all listed sites."""
    body, n = system.body, system.problem.crystal.lattice.n_components
    nodal = system.model.at(u).forces if forces is None else forces
    on_node = np.flatnonzero(body.site_of_node >= 0)
    site = body.site_of_node[on_node]
    node, clamped = np.zeros((2, len(y)), dtype=bool)
    node[site] = True
    clamped[site] = ~system.free[on_node].any(axis=1)
    qc_forces = np.zeros((len(y), 3))
    qc_forces[site] = nodal[on_node]
    E = strain.site_strain(system, u)
    weight = system.weights.w_l
    return {
        "displacement": y - body.x_l,
        "corrector": body.S @ u,
        "qc_forces": qc_forces,
        "beta": 1.0 - weight,
        "weight": weight,
        "zone": zone_of(1.0 - weight),
        **energies_of(system, u),
        "node": node,
        "clamped": clamped,
        "shear": strain.shear(E, n),
        "volumetric": strain.volumetric(E, n),
        "strain": components(E),
        "cauchy_stress": components(site_stress(system, u)),
        "volume": site_volume(system, u),
    }


def energies_of(system: System, u: Array) -> dict[str, NDArray[Any]]:
    """The array of site energies (n_l,), eV, by its name; nothing of an engine that has none."""
    try:
        return {"site_energy": site_energies(system, u)}
    except EngineError:
        return {}


def where_known(name: str, values: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """An array (n, ...) by its name; nothing where no number of it is known."""
    return {} if len(values) and np.isnan(values).all() else {name: values}
