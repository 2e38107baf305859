"""The error of a solution against a reference.

    error    = |grad(v - v_ref)|_L2 / |grad v_ref|_L2            energy norm, relative
    gradient = max |grad(v - v_ref)| over cells, displacement = max |v - v_ref| over points,
               both within `near` of the defect

with v the correctors (`analysis.corrector`) as P1 fields on the reference's cells: Luskin, Ortner
and Van Koten 2013, Math. Models Methods Appl. Sci. 23. Both are taken over one predictor, so
v - v_ref is the difference of the deformations themselves; relative to grad v_ref the error says
how much of what the predictor misses is found. Cells that touch a missing site or the lower flank
are left out, a field has no value there; with a cut only cells of one lattice step count, coarse
ones do not resolve its surface layers. `within` limits the norms to a disc: the corrector of a
crack decays slowly and ends at the clamped rim, which a coarse mesh puts elsewhere than a fine one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qcmethod.analysis.corrector import corrector_at
from qcmethod.base.types import Array
from qcmethod.coupling.system import System
from qcmethod.errors import InputError
from qcmethod.mesh.shape import p1_gradients
from qcmethod.problems.problem import Problem
from qcmethod.studies.compare.reference import Reference


@dataclass(frozen=True)
class Errors:
    """Errors of one solution: `error` relative, `absolute` in A^(dim/2), `displacement` in A."""

    error: float
    absolute: float
    gradient: float
    displacement: float


class Yardstick:
    """The cells and points of a reference that count, for one problem and two radii, A."""

    def __init__(
        self, reference: Reference, problem: Problem, near: float, within: float = np.inf
    ) -> None:
        self.reference = reference
        void = problem.is_removed(reference.ij) | reference.lower
        keep = ~void[reference.cells].any(axis=1)
        if problem.cuts:
            keep &= reference.finest
        x = problem.position(reference.ij)
        keep &= problem.euclidean(x[reference.cells].mean(axis=1)) <= within
        if not keep.any():
            raise InputError("within", within, "a radius in A about the defect that holds a cell")
        self.cells = reference.cells[keep]
        corners = x[self.cells][:, :, : problem.crystal.lattice.dim]
        self.gradients, volume = p1_gradients(corners)
        self.volume = np.abs(volume)
        self.near_k = (problem.euclidean(x) <= near) & ~void
        self.near_c = problem.euclidean(x[self.cells].mean(axis=1)) <= near
        if not (self.near_k.any() and self.near_c.any()):
            raise InputError("near", near, "a radius in A about the defect that holds a site")
        self.norm = self._norm(self._gradient(reference.v))
        if not self.norm > 0.0:
            expected = "one that is not the predictor itself, or no relative error exists"
            raise InputError("reference", "corrector 0 everywhere", expected)

    def errors(self, system: System, u: Array) -> Errors:
        """Errors of the state u (n_k, 3) of a system."""
        reference = self.reference
        difference = corrector_at(system, u, reference.ij, reference.lower) - reference.v
        G = self._gradient(difference)
        absolute = self._norm(G)
        return Errors(
            error=absolute / self.norm,
            absolute=absolute,
            gradient=float(np.sqrt((G[self.near_c] ** 2).sum(axis=(1, 2)).max())),
            displacement=float(np.linalg.norm(difference[self.near_k], axis=1).max()),
        )

    def _gradient(self, v: Array) -> Array:
        return np.einsum("cva,cvi->cia", self.gradients, v[self.cells])

    def _norm(self, G: Array) -> float:
        return float(np.sqrt(self.volume @ (G**2).sum(axis=(1, 2))))
