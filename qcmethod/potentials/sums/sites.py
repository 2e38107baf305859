"""The atomistic sum over weighted sites, E_a = sum_l w_l (V_l(y) - V0_l), at given positions.

An external potential may press on the sites: then E_a holds its energy too.

V0_l is the energy of the site in the homogeneous reference crystal: sums of differences keep their
digits when a domain holds 1e12 sites. (Excess energy as in Ortner and Zhang 2012.)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol, Self

import numpy as np
from scipy.sparse import bsr_array, csr_array

from qcmethod.base.types import Action, Array, Index
from qcmethod.lattice.neighbours import HalfList, VerletList
from qcmethod.potentials.range import refuse_off_table
from qcmethod.potentials.site import Params
from qcmethod.potentials.sums import site_kernel
from qcmethod.potentials.sums.assembled import assembled
from qcmethod.potentials.sums.virial_kernel import virials


class External(Protocol):
    """A potential that acts on each site by itself, zero on sites that it leaves alone."""

    def energy(self, y: Array) -> float:
        """Energy of the sites at y (n, 3), eV."""

    def gradient(self, y: Array) -> Array:
        """Its gradient (n, 3), eV/A."""

    def hessian(self, y: Array) -> Array:
        """Its second derivatives (n, 3, 3), eV/A^2."""


@dataclass(frozen=True, eq=False)
class SiteState:
    """One evaluation: energy (eV), gradient on the sites (n, 3) eV/A, and what E'' needs."""

    energy: float
    gradient: Array
    y: Array
    neighbours: HalfList
    density: Array


@dataclass(frozen=True, eq=False)
class SiteSum:
    """Weighted sites: params of the potential, weights w (n,), neighbour list, V0 (n,) eV, what
    presses on them, and their species (n,), where there are several."""

    params: Params
    w: Array
    verlet: VerletList
    reference: Array
    external: External | None = None
    kinds: Index | None = None

    @classmethod
    def build(
        cls,
        params: Params,
        period: float,
        w: Array,
        reference: Array,
        external: External | None = None,
        kinds: Index | None = None,
    ) -> Self:
        """A sum over the sites with w != 0; bonds without a weighted end are left out."""
        verlet = VerletList(period, float(params.cutoff), w != 0.0)
        return cls(params, w, verlet, reference, external, kinds)

    def renewed(self) -> Self:
        """The same sum with a list of its own, made at the first positions that it is asked for."""
        known = self.verlet
        return replace(self, verlet=VerletList(known.period, known.cutoff, known.active))

    def at(self, y: Array) -> SiteState:
        """Evaluate at the site positions y (n, 3), A. Raises OffTableError."""
        near = self.verlet.at(y)
        V, g, density, shortest = self._evaluated(y, near)
        on = self.w != 0.0
        refuse_off_table(self.params, float(shortest), float(density[on].max(initial=0.0)))
        energy = float(self.w[on] @ (V[on] - self.reference[on]))
        if self.external is not None:
            energy, g = energy + self.external.energy(y), g + self.external.gradient(y)
        return SiteState(energy, g, y, near, density)

    def energies(self, y: Array) -> Array:
        """Site energies V (n,) eV at the positions y (n, 3), meaningful where w != 0."""
        return self._evaluated(y, self.verlet.at(y))[0]

    def virials(self, y: Array) -> Array:
        """Virials (n, 3, 3), eV, of whole atoms at the positions y (n, 3), A.

        Meaningful where w > 0, and at all neighbours too. What presses from outside has no part.
        """
        return self._virials(y, self.verlet.at(y))

    def hessian(self, state: SiteState) -> Action:
        """The map v (n, 3) -> E_a'' v (n, 3) at a state."""
        action = self._action(state)
        if self.external is None:
            return action
        blocks = self.external.hessian(state.y)
        return lambda v: action(v) + np.einsum("nab,nb->na", blocks, v)

    def hessian_matrix(self, state: SiteState) -> csr_array:
        """E_a'' (3 n, 3 n) at a state, eV/A^2."""
        H, n = self._matrix(state), len(state.y)
        if self.external is not None:
            blocks = (self.external.hessian(state.y), np.arange(n), np.arange(n + 1))
            H = H + bsr_array(blocks, shape=(3 * n, 3 * n))
        return csr_array(H)

    def _evaluated(self, y: Array, near: HalfList) -> tuple[Array, Array, Array, float]:
        """V (n,), the gradient of sum w V (n, 3), densities (n,), the shortest bond."""
        found: tuple[Array, Array, Array, float]
        found = site_kernel.energy_gradient(self.params, y, *near, self.w)
        return found

    def _virials(self, y: Array, near: HalfList) -> Array:
        density = self._evaluated(y, near)[2]
        X: Array = virials(self.params, y, *near, density)
        return X

    def _action(self, state: SiteState) -> Action:
        bonds, c = self._bonds(state)

        def action(v: Array) -> Array:
            Hv: Array = site_kernel.hessian_action(state.y, *state.neighbours, bonds, c, v)
            return Hv

        return action

    def _matrix(self, state: SiteState) -> csr_array:
        return assembled(state.neighbours, state.y, *self._bonds(state))

    def _bonds(self, state: SiteState) -> tuple[Array, Array]:
        """What E'' is made of, see `site_kernel.linearise`."""
        found: tuple[Array, Array]
        found = site_kernel.linearise(
            self.params, state.y, *state.neighbours, self.w, state.density
        )
        return found
