"""The Cauchy-Born stiffness of the reference crystal on a whole mesh, assembled when it is asked.

    K_kl = sum_c vol_c grad N_k . A(F_0) . grad N_l

The preconditioner of everything; it belongs to a mesh and its weights, and serves all loads. Where
A does not couple some components of displacement to the others, K falls apart into groups.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import csr_array

from qcmethod.base.linear import apart, without_noise
from qcmethod.base.types import Array, Index
from qcmethod.coupling.weights import Weights
from qcmethod.crystal.crystal import Crystal
from qcmethod.discretisation.body import Body
from qcmethod.mesh.assembly import Pattern, elastic_blocks, products
from qcmethod.mesh.cells import CellGeometry


@dataclass(frozen=True, eq=False)
class Elastic:
    """F (3, 3) of the predictor; volumes (n_c,) of the cells, in sites."""

    crystal: Crystal
    F: Array
    cells: CellGeometry
    volume: Array

    @classmethod
    def of(cls, body: Body, weights: Weights) -> Elastic:
        """That of a body: nodes of the lower flank have no site under them, so their cells count
        as weighted."""
        volume = np.where(body.on_lower_flank, weights.omega_c, body.cells.volume)
        return cls(body.problem.crystal, body.problem.predictor.F, body.cells, volume)

    @cached_property
    def tangent(self) -> Array:
        """A (3, 3, 3, 3) of a site, eV, with zeros where it is rounding."""
        return without_noise(self.crystal.tangent(self.F) * self.crystal.lattice.site_volume)

    @property
    def stiffness(self) -> csr_array:
        """K (3 n_k, 3 n_k), eV/A^2."""
        return self.cells.elastic(self.tangent, self.volume)

    def groups(self, nodes: Index) -> Iterator[tuple[Index, csr_array]]:
        """The components (c,) of displacement that A couples, and K (n c, n c) between them on some
        nodes (n,) in their order, component by component of each; group by group."""
        cells, dim = self.cells, self.cells.gradients.shape[2]
        number = np.full(cells.D.shape[1], -1)
        number[nodes] = np.arange(len(nodes))
        pattern = Pattern.of(cells.shapes, number)
        L = products(cells.shapes, pattern, cells.row_volume(self.volume))
        coupled = (self.tangent[:, :dim, :, :dim] != 0.0).any(axis=(1, 3))
        for group in apart(coupled):
            yield group, pattern.matrix(elastic_blocks(L, self.tangent, group))
