"""Interface sites whose bonds are written as finite differences of resolved neighbours.

    V_l({d_(l,r)}),   d_(l,r) = sum_s C_(l,r,s) (y_(l+s) - y_l),   sum_s C_(l,r,s) s = r

over the lattice vectors r of a shell that covers stretched bonds. The condition keeps the energy
of every homogeneous state exact; which C is used is the coupling method (`qnl`, `grac`). The atoms
deeper inside keep their own neighbours. A quasi-2-D crystal needs one C for all r above one
another: their differences are whole periods along z.

Shimokawa et al. 2004 (Phys. Rev. B 69, 214104); E, Lu and Yang 2006 (Phys. Rev. B 74, 214115);
Ortner and Zhang 2012 (SIAM J. Numer. Anal. 50, 2940).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from qcmethod.base.types import Array, Index
from qcmethod.coupling.reconstruct.shell import Columns
from qcmethod.discretisation.body import Body
from qcmethod.errors import CouplingError
from qcmethod.lattice.sites import Sites
from qcmethod.potentials.sums.fixed_bonds import Stencil, StencilSum
from qcmethod.problems.problem import Problem


@dataclass(frozen=True, eq=False)
class Reconstruction:
    """Coefficients C of the interface sites, one entry an l, r and s.

    Attributes
    ----------
    ij : (n_i, dim) interface sites
    columns : the shell
    site, column : (nnz,) interface site l and column r of an entry
    offset : (nnz, dim) s
    value : (nnz,) C_(l,r,s)
    on : (n_i, m) bonds that exist
    residual : largest violation of the balance of forces, in bonds (0 up to rounding)
    """

    ij: Index
    columns: Columns
    site: Index
    column: Index
    offset: Index
    value: Array
    on: NDArray[np.bool_]
    residual: float = 0.0

    def without(self, body: Body, w: Array) -> Array:
        """Weights (n_l,) with zeros at the interface sites."""
        w = w.copy()
        w[Sites(body.ij_l).find(self.ij)] = 0.0
        return w

    def sum_on(self, body: Body, reference: float) -> StencilSum:
        """The energy of the interface sites on a body; `reference` is V0, eV.

        Bonds to missing sites do not exist. Raises CouplingError when another bond needs one.
        """
        problem, sites = body.problem, Sites(body.ij_l)
        n_i, n_c = self.on.shape
        ends = (self.ij[:, None] + self.columns.ij).reshape(n_i * n_c, -1)
        on = self.on & ~problem.is_removed(ends).reshape(n_i, n_c)
        exists = on[self.site, self.column]
        site, column = self.site[exists], self.column[exists]
        other_ij = self.ij[site] + self.offset[exists]
        own, other, value = sites.find(self.ij), sites.find(other_ij), self.value[exists]
        _require(problem, np.concatenate([self.ij[own < 0], other_ij[other < 0]]))
        row = site * n_c + column
        rows, columns = np.concatenate([row, row]), np.concatenate([other, own[site]])
        values = np.concatenate([value, -value])
        B = csr_array((values, (rows, columns)), shape=(n_i * n_c, len(body.ij_l)))
        B.sum_duplicates()
        vectors = self.columns.vectors
        height = np.where(on, vectors[:, 2] - (B @ body.x_l[:, 2]).reshape(n_i, n_c), 0.0)
        stencil = Stencil(
            B=B,
            height=height,
            on=on,
            vectors=vectors,
            radius=self.columns.radius,
            start=self.columns.start,
            shift=self.columns.shift,
        )
        return problem.crystal.potential.stencil_sum(stencil, reference)

    def opened(self, problem: Problem) -> Reconstruction:
        """The same on a crystal with its cuts open: sites with a bond across it are left out.

        They keep their own neighbours, which a fixed stencil could not lose.
        """
        bonds = _crosses(problem, self.ij[:, None], self.columns.ij[None])
        torn = np.array(bonds.any(axis=1), ndmin=1)
        torn[self.site[_crosses(problem, self.ij[self.site], self.offset)]] = True
        torn |= problem.is_removed(self.ij)
        number = np.cumsum(~torn) - 1
        keep = ~torn[self.site]
        return replace(
            self,
            ij=self.ij[~torn],
            site=number[self.site[keep]],
            column=self.column[keep],
            offset=self.offset[keep],
            value=self.value[keep],
            on=self.on[~torn],
        )


def _crosses(problem: Problem, ij: Index, offset: Index) -> NDArray[np.bool_]:
    """Whether bonds from ij (..., 2) to ij + offset cross a cut."""
    basis, origin = problem.crystal.lattice.plane_basis, problem.origin
    across = [cut.crosses(ij, offset, basis, origin) for cut in problem.cuts]
    return np.any(across, axis=0)


def _require(problem: Problem, missing: Index) -> None:
    """Refuse an interface that feels missing sites (CouplingError)."""
    if len(missing):
        x = problem.position(missing[:1])[0]
        given = f"an interface that needs the site at ({x[0]:.2f}, {x[1]:.2f}) A, which is missing"
        expected = "missing sites well inside the core, further than two cut-offs from its edge"
        raise CouplingError("core", given, expected, "a larger core")
