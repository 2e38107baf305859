"""The Jacobian H = -df/du as a sparse matrix, and its factors with their inertia.

    H = S^T E_a'' S + E_c''            energies      (symmetric)
    H = R E_a'' S + diag(beta) E_c''   force fields  (R: rows of the mixture)

with E_a'' from bonds: K_b on the ends of a bond, and F''_i w_i grad n_i (x) grad n_i from the
embedding (see `site_kernel`). Elimination without pivoting gives H = L D L^T, and by Sylvester's
law the number of negative pivots is the number of negative eigenvalues of H: the unstable
directions of an equilibrium.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import bsr_array, coo_array, csr_array, diags_array, kron
from scipy.sparse.linalg import splu

from qcmethod.base.types import Array
from qcmethod.base.voigt import NUMBER
from qcmethod.coupling.energy import EnergyModel, State
from qcmethod.coupling.force import ForceModel
from qcmethod.coupling.system import System
from qcmethod.errors import CouplingError
from qcmethod.potentials.sums import site_kernel
from qcmethod.potentials.sums.sites import SiteState, SiteSum
from qcmethod.solve.free import Factors

REFINEMENTS = 2


def require_assembled(system: System) -> None:
    """Raise CouplingError for methods whose Jacobian is known by its action only."""
    if system.method.reconstruct:
        expected = "a method without reconstructed bonds: their Hessian is not assembled"
        raise CouplingError("method", system.method.name, expected, "bgfc or bqcf")


def assembled(model: EnergyModel | ForceModel, state: State) -> csr_array:
    """-df/du (3 n_k, 3 n_k) at a state, eV/A^2."""
    H_a = site_hessian(model.sites, state.sites)
    H_c = model.continuum.stiffness(state.continuum)
    S = kron(model.body.S, np.eye(3), format="csr")
    if isinstance(model, ForceModel):
        R = kron(model.rows, np.eye(3), format="csr")
        return csr_array(R @ H_a @ S + diags_array(np.repeat(model.continuum_k, 3)) @ H_c)
    return csr_array(S.T @ H_a @ S + H_c)


def site_hessian(sites: SiteSum, state: SiteState) -> csr_array:
    """E_a'' (3 n_l, 3 n_l) at a state, eV/A^2."""
    near, n = state.neighbours, len(state.y)
    K, N, c = site_kernel.linearise(sites.params, state.y, *near, sites.w, state.density)
    i = np.repeat(np.arange(n), np.diff(near.start))
    j = near.site.astype(np.int64)
    ends, axis = np.stack([i, j], axis=1), np.arange(3)
    sign = np.array([-1.0, 1.0])
    # blocks (bond, end, a, end, b) of the bonds
    block = np.einsum("e,f,mab->meafb", sign, sign, K[:, NUMBER])
    dof = 3 * ends[:, :, None] + axis
    row = np.broadcast_to(dof[:, :, :, None, None], block.shape)
    column = np.broadcast_to(dof[:, None, None, :, :], block.shape)
    bonds = coo_array((block.ravel(), (row.ravel(), column.ravel())), shape=(3 * n, 3 * n))
    # grad n_i (n, 3 n): every bond adds to the densities of both of its ends
    slope = np.einsum("f,ma->mfa", sign, N)
    slopes = np.broadcast_to(slope[:, None], (len(N), 2, 2, 3))
    of = np.broadcast_to(ends[:, :, None, None], slopes.shape)
    by = np.broadcast_to(dof[:, None], slopes.shape)
    G = coo_array((slopes.ravel(), (of.ravel(), by.ravel())), shape=(n, 3 * n)).tocsr()
    H = bonds.tocsr() + G.T @ (diags_array(c) @ G)
    if sites.external is not None:
        blocks = (sites.external.hessian(state.y), np.arange(n), np.arange(n + 1))
        H = H + bsr_array(blocks, shape=(3 * n, 3 * n))
    return csr_array(H)


@dataclass(frozen=True)
class Inertia:
    """Factors of H on the free directions.

    Attributes
    ----------
    H : (n, n) matrix, eV/A^2
    factors : of H
    negative : negative pivots: negative eigenvalues of a symmetric H; for a force field only
        whether their number is odd (the sign of det H) has a meaning
    """

    H: csr_array
    factors: Factors
    negative: int

    def solve(self, b: Array) -> Array:
        """x with H x = b (n,), refined: the elimination did not pivot for size."""
        x = self.factors.solve(b)
        for _ in range(REFINEMENTS):
            x = x + self.factors.solve(b - self.H @ x)
        return x


def factorise(
    model: EnergyModel | ForceModel,
    state: State,
    index: NDArray[np.int64],
    order: NDArray[np.int64],
) -> Inertia:
    """Factors of -df/du in the directions `index`, eliminated in an order."""
    H = assembled(model, state)[index][:, index]
    symmetric = isinstance(model, EnergyModel)
    lu = splu(
        H.tocsc()[:, order][order, :],
        permc_spec="NATURAL",
        diag_pivot_thresh=0.0 if symmetric else 1.0,
        options={"SymmetricMode": symmetric},
    )
    pivots = lu.U.diagonal()
    negative = int((pivots < 0.0).sum())
    if not symmetric and _odd(lu.perm_r) != _odd(lu.perm_c):
        negative += 1
    return Inertia(H, Factors(lu, order), negative)


def _odd(permutation: NDArray[np.int32]) -> bool:
    """Whether a permutation (n,) is odd: n minus its number of cycles."""
    seen, cycles = np.zeros(len(permutation), dtype=bool), 0
    for first in range(len(permutation)):
        if not seen[first]:
            cycles += 1
            k = first
            while not seen[k]:
                seen[k] = True
                k = int(permutation[k])
    return (len(permutation) - cycles) % 2 == 1
