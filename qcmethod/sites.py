"""The atomistic sum over weighted sites, E_a = sum_l w_l (V_l(y) - V0_l), at given positions.

V0_l is the energy of the site in the homogeneous reference crystal: sums of differences keep their
digits when a domain holds 1e12 sites. (Excess energy as in Ortner and Zhang 2012.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qcmethod import site_kernel
from qcmethod.cauchy_born import refuse_off_table
from qcmethod.neighbours import HalfList, VerletList

Array = NDArray[np.float64]


@dataclass(frozen=True)
class SiteState:
    """One evaluation: energy (eV), gradient on the sites (n, 3) eV/A, and what E'' needs."""

    energy: float
    gradient: Array
    y: Array
    neighbours: HalfList
    density: Array


@dataclass(frozen=True)
class SiteSum:
    """Weighted sites: params of the potential, weights w (n,), neighbour list, V0 (n,) eV."""

    params: Any
    w: Array
    verlet: VerletList
    reference: Array

    @classmethod
    def build(cls, params: Any, period: float, w: Array, reference: Array) -> SiteSum:
        """A sum over the sites with w > 0; bonds without a weighted end are left out."""
        return cls(params, w, VerletList(period, float(params.cutoff), w > 0.0), reference)

    def at(self, y: Array) -> SiteState:
        """Evaluate at the site positions y (n, 3), A. Raises OffTableError."""
        near = self.verlet.at(y)
        V, g, density, shortest = site_kernel.energy_gradient(self.params, y, *near, self.w)
        on = self.w > 0.0
        refuse_off_table(self.params, float(shortest), float(density[on].max(initial=0.0)))
        energy = float(self.w[on] @ (V[on] - self.reference[on]))
        return SiteState(energy, g, y, near, density)

    def energies(self, y: Array) -> Array:
        """Site energies V (n,) eV at the positions y (n, 3), meaningful where w > 0."""
        near = self.verlet.at(y)
        V: Array = site_kernel.energy_gradient(self.params, y, *near, self.w)[0]
        return V

    def hessian(self, state: SiteState) -> Any:
        """The map v (n, 3) -> E_a'' v (n, 3) at a state."""
        near = state.neighbours
        K, N, c = site_kernel.linearise(self.params, state.y, *near, self.w, state.density)
        return lambda v: site_kernel.hessian_action(near.start, near.site, K, N, c, v)
