"""Sites with reconstructed bonds: E = sum_i (V_i - V0), bond vectors linear in the positions.

    d_(i, m, k) = (B y)_im + (c_im + k period) e_z

B is a sparse matrix of finite-difference stencils, one row for each column m of atoms about a site,
so that gradient and Hessian are  B^T dV/dd  and  B^T V'' B. The topology is that of the reference
lattice: these bonds never break (E, Lu and Yang 2006; Ortner and Zhang 2012).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from qcmethod.base.types import Action, Array, Bools, Index
from qcmethod.potentials.range import check
from qcmethod.potentials.site import Params
from qcmethod.potentials.sums import fixed_bonds_kernel as stencil_kernel


@dataclass(frozen=True, eq=False)
class StencilState:
    """One evaluation: energy (eV), gradient on the sites (n_l, 3) eV/A, and what E'' needs."""

    energy: float
    gradient: Array
    base: Array
    density: Array


@dataclass(frozen=True, eq=False)
class Stencil:
    """The bonds of n_i sites with m columns each.

    Attributes
    ----------
    B : (n_i m, n_l) stencils on the positions of the sites
    height : (n_i, m) c of the docstring, A: it undoes the wrapping of heights into one period
    on : (n_i, m) columns that the site has
    vectors : (m, 3) columns of the reference lattice, A
    radius : of the shell of all bonds, A
    start, shift : (m + 1,), (n,) bonds of column m reach shift[start[m]:start[m+1]] along z, A
    """

    B: csr_array
    height: Array
    on: Bools
    vectors: Array
    radius: float
    start: Index
    shift: Array

    def base(self, y: Array) -> Array:
        """Vectors (n_i, m, 3) of the columns at the site positions y (n_l, 3), A."""
        base: Array = (self.B @ y).reshape(*self.height.shape, 3)
        base[:, :, 2] += self.height
        return base

    def gradients(self, base: Array) -> Array:
        """Local deformation gradients (n_i, 3, 3): least squares over the columns of a site."""
        X = self.on[:, :, None] * self.vectors
        X[:, :, 2] = 0.0
        unseen = np.flatnonzero(~np.abs(X).max(axis=(0, 1)).astype(bool))
        M = np.einsum("ima,imb->iab", X, X)
        M[:, unseen, unseen] = 1.0  # directions without columns: F is 1 there
        moved = base - self.vectors
        return np.eye(3) + np.einsum("ima,imb->iab", moved, X) @ np.linalg.inv(M)


@dataclass(frozen=True)
class StencilSum:
    """Sites of weight 1 on a stencil: params of the potential, and V0 of each site, eV."""

    params: Params
    stencil: Stencil
    reference: float

    def at(self, y: Array) -> StencilState:
        """Evaluate at the site positions y (n_l, 3), A.

        Raises OffTableError, and InvertedCellError where a site is compressed beyond its shell.
        """
        stencil = self.stencil
        base = stencil.base(y)
        V, g, density, shortest = self._evaluated(base)
        check(self.params, stencil.radius, stencil.gradients(base), density, shortest)
        energy = float((V - self.reference).sum())
        return StencilState(energy, stencil.B.T @ g.reshape(-1, 3), base, density)

    def hessian(self, state: StencilState) -> Action:
        """The map v (n_l, 3) -> E'' v (n_l, 3) at a state."""
        stencil, of_bases = self.stencil, self._action(state)

        def action(v: Array) -> Array:
            d = (stencil.B @ v).reshape(state.base.shape)
            on_sites: Array = stencil.B.T @ of_bases(d).reshape(-1, 3)
            return on_sites

        return action

    def _evaluated(self, base: Array) -> tuple[Array, Array, Array, Array]:
        """V (n,), gradients (n, m, 3) in the bases, densities (n,), shortest bonds (n,)."""
        stencil = self.stencil
        found: tuple[Array, Array, Array, Array] = stencil_kernel.energy_gradient(
            self.params, base, stencil.on, stencil.start, stencil.shift
        )
        return found

    def _action(self, state: StencilState) -> Action:
        """The map d (n, m, 3) -> V'' d of the bases."""
        stencil = self.stencil
        K, N, c = stencil_kernel.linearise(
            self.params, state.base, stencil.on, stencil.start, stencil.shift, state.density
        )

        def action(d: Array) -> Array:
            dn = c * np.einsum("ima,ima->i", N, d)
            t: Array = np.einsum("imab,imb->ima", K, d) + dn[:, None, None] * N
            return t

        return action
