"""The models of a system: the weighted energy, and the mixture of forces with the same beta.

Both are sums over weighted sites and over weighted cells with the film of a free surface; see
`coupling.energy` and `coupling.force`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qcmethod.base.types import Array
from qcmethod.coupling.energy import EnergyModel
from qcmethod.coupling.force import ForceModel
from qcmethod.coupling.lattice_force import lattice_force
from qcmethod.discretisation.cells import CellSum
from qcmethod.discretisation.continuum import Continuum
from qcmethod.discretisation.film import FlankSum
from qcmethod.potentials.sums.sites import SiteSum
from qcmethod.problems.indenter import Pressed

if TYPE_CHECKING:
    from qcmethod.coupling.system import System


def energy_model(system: System) -> EnergyModel:
    """The weighted energy with the frozen correction."""
    w, found, interface = system.weights, system.reconstruction, None
    w_l = w.w_l
    if found is not None:
        interface = found.sum_on(system.body, system.reference_energy)
        w_l = found.without(system.body, w_l)
    continuum = _continuum(system, w.omega_c, w.beta_k)
    return EnergyModel(system.body, _sites(system, w_l), continuum, system.g, interface)


def force_model(system: System) -> ForceModel:
    """The force mixture with the same beta (of an energy method: its ghost-force-free twin)."""
    w, body = system.weights, system.body
    volume = np.where(system.is_continuum, body.cells.volume, 0.0)
    continuum = _continuum(system, volume, np.ones(body.n_nodes))
    missing = None
    if system.lattice_reach > 0.0 and system.problem.predictor.singular is not None:
        missing = lattice_force(body, continuum, w.continuum_k, system.lattice_reach)
        missing = np.where(system.free, missing, 0.0)
    return ForceModel(body, w.rows, w.continuum_k, _sites(system, w.needed_l), continuum, missing)


def reference_energies(system: System) -> Array:
    """Energy of each site (n_l,) in the homogeneous crystal, eV.

    Only the fully atomistic model ends in vacuum at its extent: there the sites of the outer
    surface keep the energy that they have in a homogeneous cylinder.
    """
    problem, x = system.problem, system.body.x_l
    energies = np.full(len(x), system.reference_energy)
    if system.method.beta == "zero":
        r = np.linalg.norm(x[:, :2], axis=1)
        outer = r > problem.extent - 1.2 * problem.crystal.potential.cutoff
        cylinder = site_sum(system, np.ones(len(r)), np.zeros(len(r)))
        energies[outer] = cylinder.energies(x @ problem.predictor.F.T)[outer]
    return energies


def _sites(system: System, w: Array) -> SiteSum:
    return site_sum(system, w, system.reference_energies, system.pressed)


def site_sum(
    system: System, w: Array, reference: Array, external: Pressed | None = None
) -> SiteSum:
    """A sum over the sites of a system with weights w (n_l,) and reference energies (n_l,), eV."""
    crystal = system.problem.crystal
    period = crystal.lattice.period
    return SiteSum.build(crystal.potential.params, period, w, reference, external)


def _continuum(system: System, omega: Array, beta_k: Array) -> Continuum:
    body, crystal = system.body, system.problem.crystal
    cells = CellSum.build(crystal, body.cells, omega, system.reference_energy)
    flank = None
    if system.surface is not None and system.problem.flank:
        flank = FlankSum.build(body, system.surface, beta_k)
    return Continuum(body, cells, flank)
