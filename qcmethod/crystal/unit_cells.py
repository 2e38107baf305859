"""The continuum of an engine, cell by cell: periodic unit cells at the gradient F.

    W(F) = E / n,    P(F) = X F^-T / n,    X = dE/d(strain)        (n atoms in the cell)
    A_aibj = F_ak C_kilj F_bl + delta_ab S_ij,   C = dS/dE by central differences,  S = F^-1 P

What the Cauchy-Born law is to a form (Born and Huang 1954), a periodic cell is to an engine: the
same numbers, at the price of a call each. The tangent is that of the six strains E = (F^T F - 1)/2,
so it has the symmetries of an energy of F^T F.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from qcmethod.base.types import Array
from qcmethod.crystal.law import Response
from qcmethod.errors import EngineError
from qcmethod.lattice.compact import compact
from qcmethod.lattice.lattice import Lattice
from qcmethod.potentials.contract import Potential
from qcmethod.potentials.engine import Engine, Session
from qcmethod.potentials.range import refuse_inverted
from qcmethod.potentials.sums.engine import Kept

STEP = 2e-6
"""Of a strain, in differences of stresses: their error is of its square."""
VOIGT = ((0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1))


@dataclass(frozen=True, eq=False)
class UnitCells:
    """The law of an engine on the primitive cell of a lattice, vectors (3, 3) in rows, A."""

    engine: Engine
    cell: Array
    _kept: Kept = field(default_factory=Kept, repr=False)

    @classmethod
    def of(cls, potential: Potential, lattice: Lattice) -> UnitCells:
        """The law of a potential with an engine. Raises EngineError for a plane or a chain."""
        if potential.engine is None or lattice.n_components != 3:
            raise EngineError(
                f"{potential.name}: a {lattice.structure} lattice has no unit cell in space. Try: "
                "fcc or bcc"
            )
        short = compact(lattice.basis) @ lattice.basis
        if np.linalg.det(short) < 0.0:
            short = short[[1, 0, 2]]
        return cls(potential.engine, short)

    def at(self, F: Array) -> Response:
        """Energy and stress, eV a site. Raises InvertedCellError, OffTableError, EngineError."""
        refuse_inverted(F)
        W, P = np.empty(len(F)), np.empty((len(F), 3, 3))
        for q, one in enumerate(F):
            W[q], P[q] = self._cell(one)
        return Response(W, P, P)

    def tangent(self, F: Array, found: Response) -> Array:
        """A (n, 3, 3, 3, 3), eV a site: twelve cells each."""
        A = [self._tangent(one, P) for one, P in zip(F, found.kept, strict=True)]
        return np.array(A).reshape(-1, 3, 3, 3, 3)

    def trust(self, F: Array) -> Array:
        """Nothing but an inverted cell bounds it (n,)."""
        return np.where(np.linalg.det(F) > 0.0, np.inf, -1.0)

    def _made(self) -> Session:
        x, species = np.zeros((1, 3)), np.zeros(1, dtype=np.int64)
        return self.engine.session(x, self.cell, (True, True, True), species)

    def _cell(self, F: Array) -> tuple[float, Array]:
        session = self._kept.asked(self._made)
        W, _ = session.at(np.zeros((1, 3)), self.cell @ F.T)
        return W, session.virial() @ np.linalg.inv(F).T

    def _tangent(self, F: Array, P: Array) -> Array:
        C, S = np.empty((3, 3, 3, 3)), np.linalg.solve(F, P)
        step = max(STEP, self.engine.floor**0.5)  # of numbers in single precision a long one
        for k, l in VOIGT:
            ahead, behind = (self._second(F, k, l, h) for h in (step, -step))
            C[:, :, k, l] = C[:, :, l, k] = (ahead - behind) / (2.0 * step)
        C = 0.5 * (C + C.transpose(2, 3, 0, 1))  # of an energy, but for differences
        A = np.einsum("ak,kilj,bl->aibj", F, C, F, optimize=True)
        found: Array = A + np.einsum("ab,ij->aibj", np.eye(3), 0.5 * (S + S.T))
        return found

    def _second(self, F: Array, k: int, l: int, h: float) -> Array:
        """S (3, 3) where the strain is E + h (e_k e_l + e_l e_k)/2."""
        D = np.zeros((3, 3))
        D[k, l] += 0.5 * h
        D[l, k] += 0.5 * h
        U2 = F.T @ F + 2.0 * D
        values, modes = np.linalg.eigh(U2)
        U = (modes * np.sqrt(values)) @ modes.T  # rotations leave S as it is
        _, P = self._cell(U)
        return np.linalg.solve(U, P)
