"""Sums over sites whose energy is a function of all vectors to their neighbours.

The same sums as `sums.sites` and `sums.fixed_bonds`, for forms with a ``site`` of their own: only
the kernels differ. The Hessian couples all neighbours of a site with one another.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import bsr_array, csr_array, eye_array

from qcmethod.base.types import Action, Array, Index
from qcmethod.lattice.neighbours import HalfList
from qcmethod.potentials.sums import many_body_bonds_kernel as of_bonds
from qcmethod.potentials.sums import many_body_kernel as kernel
from qcmethod.potentials.sums.fixed_bonds import StencilState, StencilSum
from qcmethod.potentials.sums.sites import SiteState, SiteSum


@dataclass(frozen=True, eq=False)
class ManyBodySum(SiteSum):
    """Weighted sites of a many-body form; see `SiteSum`."""

    @cached_property
    def species(self) -> Index:
        """Of the sites (n,)."""
        return np.zeros(len(self.w), dtype=np.int64) if self.kinds is None else self.kinds

    def _evaluated(self, y: Array, near: HalfList) -> tuple[Array, Array, Array, float]:
        found: tuple[Array, Array, Array, float]
        found = kernel.energy_gradient(self.params, y, *near, self.w, self.species)
        return found

    def _virials(self, y: Array, near: HalfList) -> Array:
        X: Array = kernel.virials(self.params, y, *near, self.species)
        return X

    def _action(self, state: SiteState) -> Action:
        def action(v: Array) -> Array:
            known = (state.y, *state.neighbours, self.w, self.species)
            Hv: Array = kernel.hessian_action(self.params, *known, v)
            return Hv

        return action

    def _matrix(self, state: SiteState) -> csr_array:
        n, near = len(state.y), state.neighbours
        row, column = _common_sites(n, near)
        blocks = np.zeros((len(column), 3, 3))
        kernel.add_blocks(self.params, state.y, *near, self.w, self.species, row, column, blocks)
        return bsr_array((blocks, column, row), shape=(3 * n, 3 * n)).tocsr()


@dataclass(frozen=True)
class ManyBodyStencilSum(StencilSum):
    """Sites of weight 1 on a stencil, of a many-body form; see `StencilSum`."""

    def _evaluated(self, base: Array) -> tuple[Array, Array, Array, Array]:
        stencil = self.stencil
        found: tuple[Array, Array, Array, Array] = of_bonds.energy_gradient(
            self.params, base, stencil.on, stencil.start, stencil.shift
        )
        return found

    def _action(self, state: StencilState) -> Action:
        stencil = self.stencil

        def action(d: Array) -> Array:
            t: Array = of_bonds.hessian_action(
                self.params, state.base, stencil.on, stencil.start, stencil.shift, d
            )
            return t

        return action


def _common_sites(n: int, near: HalfList) -> tuple[Array, Array]:
    """Start (n + 1,) and sorted columns of the pairs of sites that a third has for neighbours, or
    that are neighbours."""
    ones = np.ones(len(near.site), np.int32)
    half = csr_array((ones, near.site.astype(np.int64), near.start), shape=(n, n))
    reach = half + half.T + eye_array(n, dtype=np.int32)
    reach.data[:] = 1
    pairs = csr_array(reach @ reach)
    pairs.sort_indices()
    return pairs.indptr.astype(np.int64), pairs.indices.astype(np.int64)
