"""Sums over sites of several species with central forms; the kernels are those of `mixed_kernel`.

The same sum as `sums.sites`, species by species: pairs, densities and embedding energies depend on
what both ends of a bond are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csr_array, diags_array

from qcmethod.base.types import Action, Array, Index
from qcmethod.lattice.neighbours import HalfList
from qcmethod.potentials.sums import mixed_kernel as kernel
from qcmethod.potentials.sums.sites import SiteState, SiteSum


@dataclass(frozen=True, eq=False)
class MixedSum(SiteSum):
    """Weighted sites of several species; see `SiteSum`."""

    @property
    def species(self) -> Index:
        """Of the sites (n,)."""
        assert self.kinds is not None
        return self.kinds

    def _evaluated(self, y: Array, near: HalfList) -> tuple[Array, Array, Array, float]:
        found: tuple[Array, Array, Array, float]
        found = kernel.energy_gradient(self.params, y, *near, self.w, self.species)
        return found

    def _virials(self, y: Array, near: HalfList) -> Array:
        density = self._evaluated(y, near)[2]
        X: Array = kernel.virials(self.params, y, *near, density, self.species)
        return X

    def _action(self, state: SiteState) -> Action:
        bonds, c = self._bonds(state)

        def action(v: Array) -> Array:
            Hv: Array = kernel.hessian_action(state.y, *state.neighbours, bonds, c, v)
            return Hv

        return action

    def _matrix(self, state: SiteState) -> csr_array:
        """The blocks of bonds, and the densities' part G^T c G."""
        bonds, c = self._bonds(state)
        near, y, n = state.neighbours, state.y, len(state.y)
        i, j = near.owner, near.site.astype(np.int64)
        d = y[j] - y[i]
        d[:, 2] += near.shift
        K = bonds[:, 0, None, None] * np.eye(3) + bonds[:, 1, None, None] * (
            d[:, :, None] * d[:, None, :]
        )
        total = csr_array((3 * n, 3 * n))
        dof = np.arange(3)
        for a, b, sign in ((i, i, 1.0), (j, j, 1.0), (i, j, -1.0), (j, i, -1.0)):
            row = np.broadcast_to((3 * a[:, None] + dof)[:, :, None], K.shape)
            column = np.broadcast_to((3 * b[:, None] + dof)[:, None, :], K.shape)
            part = coo_array((sign * K.ravel(), (row.ravel(), column.ravel())), total.shape)
            total = total + part.tocsr()
        slopes = csr_array((n, 3 * n))
        for a, slope in ((i, bonds[:, 2]), (j, bonds[:, 3])):
            for b, sign in ((j, 1.0), (i, -1.0)):
                value = sign * slope[:, None] * d
                row = np.broadcast_to(a[:, None], value.shape)
                column = 3 * b[:, None] + dof
                G = coo_array((value.ravel(), (row.ravel(), column.ravel())), slopes.shape)
                slopes = slopes + G.tocsr()
        return csr_array(total + slopes.T @ (diags_array(c) @ slopes))

    def _bonds(self, state: SiteState) -> tuple[Array, Array]:
        found: tuple[Array, Array]
        found = kernel.linearise(
            self.params, state.y, *state.neighbours, self.w, state.density, self.species
        )
        return found
