"""The Jacobian H = -df/du as a sparse matrix, and its factors with their inertia.

    H = S^T E_a'' S + E_c''            energies      (symmetric)
    H = R E_a'' S + diag(beta) E_c''   force fields  (R: rows of the mixture)

with E_a'' of the sum over sites (`potentials.sums.assembled`). Elimination without pivoting gives
H = L D L^T, and by Sylvester's law the number of negative pivots is the number of negative
eigenvalues of H: the unstable directions of an equilibrium.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array, kron

from qcmethod.base.types import Array
from qcmethod.coupling.energy import EnergyModel, State
from qcmethod.coupling.force import ForceModel
from qcmethod.coupling.system import System
from qcmethod.errors import CouplingError, EngineError
from qcmethod.potentials.can import Can
from qcmethod.solve.linear import Factors, factorised

REFINEMENTS = 2


def require_assembled(system: System) -> None:
    """Raise CouplingError for methods whose Jacobian is known by its action only, EngineError for
    potentials that have no second derivatives."""
    potential = system.problem.crystal.potential
    if Can.HESSIAN not in potential.can:
        raise EngineError(
            f"{potential.name} has no second derivatives, so its Jacobian cannot be factorised. "
            "Try: relax, ramp, adapt, compare, which ask for forces alone"
        )
    if system.method.reconstruct:
        expected = "a method without reconstructed bonds: their Hessian is not assembled"
        raise CouplingError("method", system.method.name, expected, "bgfc or bqcf")


def assembled(model: EnergyModel | ForceModel, state: State) -> csr_array:
    """-df/du (3 n_k, 3 n_k) at a state, eV/A^2."""
    H_a = model.sites.hessian_matrix(state.sites)
    H_c = model.continuum.stiffness(state.continuum)
    S = kron(model.kinematics.S, np.eye(3), format="csr")
    if isinstance(model, ForceModel):
        R = kron(model.rows, np.eye(3), format="csr")
        return csr_array(R @ H_a @ S + diags_array(np.repeat(model.continuum_k, 3)) @ H_c)
    return csr_array(S.T @ H_a @ S + H_c)


@dataclass(frozen=True, eq=False)
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
    factors = factorised(H, order, index % 3, symmetric)
    negative = 0
    for _, lu in factors.parts:
        negative += int((lu.U.diagonal() < 0.0).sum())
        if not symmetric and _odd(lu.perm_r) != _odd(lu.perm_c):
            negative += 1
    return Inertia(H, factors, negative)


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
