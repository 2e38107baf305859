"""The models of a system: the weighted energy, and the mixture of forces with the same beta.

Both are sums over weighted sites and over weighted cells with the film of a free surface; see
`coupling.energy` and `coupling.force`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from qcmethod.base.types import Array
from qcmethod.coupling.energy import EnergyModel
from qcmethod.coupling.force import ForceModel
from qcmethod.coupling.lattice_force import lattice_force
from qcmethod.coupling.parts import Parts
from qcmethod.coupling.reconstruct.interface import reconstructed
from qcmethod.coupling.reconstruct.reconstruction import Reconstruction
from qcmethod.crystal.law import LAWS
from qcmethod.crystal.surface import surface_energy
from qcmethod.discretisation.cells import CellSum
from qcmethod.discretisation.continuum import Continuum, film_of
from qcmethod.lattice.sites import MOST
from qcmethod.potentials.can import Can
from qcmethod.potentials.sums.protocol import Sum
from qcmethod.problems.external import Pressed


@dataclass(frozen=True, eq=False, repr=False)
class Modelled(Parts):
    """Parts with their models, each made when it is first asked for."""

    @cached_property
    def model(self) -> EnergyModel | ForceModel:
        """The energy or the force field that the solvers work on."""
        return self.energy_model if self.method.conservative else self.force_model

    @cached_property
    def energy_model(self) -> EnergyModel:
        """The weighted energy with the frozen correction."""
        w, found, interface = self.weights, self.reconstruction, None
        w_l = w.w_l
        if found is not None:
            interface = found.sum_on(self.body, self.reference_energy)
            w_l = found.without(self.body, w_l)
        continuum = self._continuum(w.omega_c, w.beta_k)
        return EnergyModel(self.body.kinematics, self._sites(w_l), continuum, self.g, interface)

    @cached_property
    def predictor_energy(self) -> float:
        """Excess energy of the predictor itself, eV."""
        energy = self.energy_model.at(self.zero).energy
        assert energy is not None  # an energy model has one
        return energy

    @cached_property
    def force_model(self) -> ForceModel:
        """The force mixture with the same beta (of an energy method: its ghost-force-free twin)."""
        w, body = self.weights, self.body
        volume = np.where(self.is_continuum, body.cells.volume, 0.0)
        continuum = self._continuum(volume, np.ones(body.n_nodes))
        missing = None
        if self.lattice_reach > 0.0 and self.problem.predictor.singular is not None:
            missing = lattice_force(body, continuum, w.continuum_k, self.lattice_reach)
            missing = np.where(self.free, missing, 0.0)
        crystal = self.problem.crystal
        acting = (self.pressed, self.species)
        sites = crystal.potential.force_sum(crystal.lattice.period, w.needed_l, *acting)
        return ForceModel(body.kinematics, w.rows, w.continuum_k, sites, continuum, missing)

    @cached_property
    def reconstruction(self) -> Reconstruction | None:
        """Bonds of the interface sites of `qnl` and `grac`, None for other methods.

        Those of a problem with cuts are found on the healed crystal. Raises CouplingError.
        """
        if self.method.reconstruct is None:
            return None
        problem = self.problem
        if not problem.cuts:
            return reconstructed(self.body, self.method, self.core, self.weights.omega_c)
        body = self.healed(problem.predictor.F)
        omega_c = self.method.weigh(body, self.partition).omega_c
        return reconstructed(body, self.method, self.core, omega_c).opened(problem)

    @cached_property
    def reference_energies(self) -> Array:
        """Energy of each site (n_l,) in the homogeneous crystal, eV.

        Only the fully atomistic model ends in vacuum at its extent: there the sites of the outer
        surface keep the energy that they have in a homogeneous cylinder.
        """
        problem, x = self.problem, self.body.x_l
        energies = np.full(len(x), self.reference_energy)
        if self.method.all_atoms:
            if Can.SITE_ENERGY in problem.crystal.potential.can:
                outer = problem.from_centre(x) > self._inner
                cylinder = site_sum(self, np.ones(len(x)), np.zeros(len(x)))
                energies[outer] = cylinder.energies(x @ problem.predictor.F.T)[outer]
            else:  # what the outer surface costs, shared: only the sum counts
                energies += self._outer_surface() / len(energies)
        return energies

    @property
    def _inner(self) -> float:
        """Radius up to which no site sees the outer surface of a homogeneous cylinder, A."""
        potential = self.problem.crystal.potential
        return self.problem.extent - 1.2 * max(1.0, 0.5 * potential.reach) * potential.cutoff

    def _outer_surface(self) -> float:
        """Energy of the homogeneous cylinder over that of as many sites in the crystal, eV: without
        what a plane end of the crystal costs inside of it, for that surface is meant (as if its
        layers were of one length there: to one site of a layer)."""
        problem = self.problem
        ij = problem.points(problem.domain, MOST)
        x = problem.position(ij)
        one, zero = np.ones(len(x)), np.zeros(len(x))
        crystal = problem.crystal
        cylinder = crystal.potential.site_sum(crystal.lattice.period, one, zero)
        total = cylinder.at(x @ problem.predictor.F.T).energy
        last, meant = problem.is_last(ij) & (problem.from_centre(x) <= self._inner), 0.0
        if last.any():
            meant = surface_energy(crystal).unrelaxed * np.count_nonzero(last)
        return total - len(x) * self.reference_energy - meant

    @cached_property
    def reference_total(self) -> float:
        """Energy of the sites of this model in the homogeneous crystal, eV."""
        w = self.weights
        return float(w.w_l @ self.reference_energies + w.omega_c.sum() * self.reference_energy)

    def _sites(self, w: Array) -> Sum:
        return site_sum(self, w, self.reference_energies, self.pressed)

    def _continuum(self, omega: Array, beta_k: Array) -> Continuum:
        body = self.body
        law = LAWS.find(self.law if omega.any() else "cauchy-born")(self.problem.crystal)
        cells = CellSum(law, body.kinematics, omega, self.reference_energy)
        film = None
        if self.surface is not None and self.problem.cuts:
            film = film_of(body, body.y0_k, self.surface, beta_k)
        return Continuum(cells, film)


def site_sum(system: Parts, w: Array, reference: Array, external: Pressed | None = None) -> Sum:
    """A sum over the sites of a system with weights w (n_l,) and reference energies (n_l,), eV."""
    crystal = system.problem.crystal
    period = crystal.lattice.period
    return crystal.potential.site_sum(period, w, reference, external, system.species)
