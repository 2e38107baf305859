"""The Cauchy-Born stiffness of the mesh as a preconditioner of ASE's PreconLBFGS and PreconFIRE.

    P = K_CB on the free directions, the identity on the clamped ones

factorised once (see `qcmethod.solve`). Iterations then do not grow with the domain; the interface
is that of Packwood et al. 2016, J. Chem. Phys. 144, 164109.
"""

from __future__ import annotations

import numpy as np
from ase import Atoms
from ase.optimize.precon.precon import Precon
from numpy.typing import NDArray

from qcmethod.base.types import Array
from qcmethod.coupling.system import System
from qcmethod.solve.free import FreeSystem


class ElasticPrecon(Precon):
    """Elastic stiffness on the flattened positions (3 n,) of the repatoms `node` of a system."""

    def __init__(self, system: System, node: NDArray[np.int64]) -> None:
        self.system, self.node = system, node
        free = FreeSystem(system)
        row = np.full(len(system.zero), -1)
        row[node] = np.arange(len(node))
        self._lu = free.lu
        self._free = 3 * row[free.index // 3] + free.index % 3
        self._K = system.elastic_stiffness.tocsr()[free.index][:, free.index]

    def make_precon(self, atoms: Atoms, reinitialize: bool | None = None) -> None:
        """Nothing to do: the stiffness is that of the reference crystal."""

    def Pdot(self, x: Array) -> Array:
        """P x."""
        y = x.copy()
        y[self._free] = self._K @ x[self._free]
        return y

    def solve(self, x: Array) -> Array:
        """P^-1 x, refined once: the factors may be in single precision."""
        y, b = x.copy(), x[self._free]
        first = self._lu.solve(b)
        y[self._free] = first + self._lu.solve(b - self._K @ first)
        return y

    def copy(self) -> ElasticPrecon:
        """Another one of the same system."""
        return ElasticPrecon(self.system, self.node)

    def asarray(self) -> Array:
        """P as a dense matrix (3 n, 3 n): for tests of small systems."""
        return np.stack([self.Pdot(e) for e in np.eye(3 * len(self.node))], axis=1)
