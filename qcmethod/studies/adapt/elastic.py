"""The elastic answer of the enriched mesh, K e = R, without factors of its own.

    M^-1 = P K_h^-1 P^T + B_outer^-1 + D_new^-1

P prolongs from the solved mesh, whose factors the solver leaves behind; the nodes beyond its rim
have a small block of their own, new nodes inside their 3 x 3 diagonal blocks. Conjugate gradients
need a handful of steps, because the two levels of nested meshes are nearly orthogonal in K (Bank
and Dupont 1980; Yserentant 1986, Numer. Math. 49, 379). K is applied cell by cell.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.linalg import LinearOperator, gmres

from qcmethod.base.types import Array
from qcmethod.coupling.system import System
from qcmethod.solve.linear import Linear, block

REDUCTION, STEPS = 0.02, 60
"""Conjugate gradients stop when the residual, in the norm of M^-1, has fallen this far."""

KRYLOV = 24
"""Steps of GMRES on the exact Jacobian."""


class ElasticAnswer:
    """Solves with the elastic stiffness of `rich`, a refinement of the solved system `coarse`.

    lu : solves with the coarse elastic stiffness; P : prolongation (n_rich, n_coarse)
    """

    def __init__(self, coarse: System, lu: Linear, rich: System, P: csr_array) -> None:
        self.rich, self.lu, self.P, self.free = rich, lu, P, rich.free
        self._volume = rich.elastic.volume
        self.index_c = np.flatnonzero(coarse.free.ravel())
        known = np.zeros(rich.body.n_nodes, dtype=bool)
        single = np.flatnonzero(np.diff(P.indptr) == 1)
        column = P.indices[P.indptr[single]]
        known[single] = coarse.free[column].any(axis=1)
        self.outer = ~coarse.problem.free.contains(rich.body.x_k)
        self.new = ~known & ~self.outer
        self.steps = 0

    @cached_property
    def _tangent(self) -> Array:
        """(3, dim, 3, dim) elastic tangent per site."""
        crystal, F = self.rich.problem.crystal, self.rich.problem.predictor.F
        dim = self.rich.body.cells.gradients.shape[2]
        A: Array = crystal.tangent(F)[:, :dim, :, :dim] * crystal.lattice.site_volume
        return A

    def stiffness(self, v: Array) -> Array:
        """K v (n_k, 3)."""
        cells, A = self.rich.body.cells, self._tangent
        dim = A.shape[1]
        flat = A.transpose(1, 0, 3, 2).reshape(3 * dim, 3 * dim)
        G = (cells.D @ v).reshape(-1, 3 * dim) * self._volume[:, None]
        Kv: Array = cells.D.T @ (G @ flat).reshape(-1, 3)
        return Kv

    @cached_property
    def _diagonal(self) -> Array:
        """(n_k, 3, 3) inverses of the diagonal blocks, zero on what is not new or not free."""
        cells, n = self.rich.body.cells, self.rich.body.n_nodes
        blocks = np.zeros((n, 9))
        for v in range(cells.vertices.shape[1]):
            g, node = cells.gradients[:, v], cells.vertices[:, v]
            gg = (g[:, :, None] * g[:, None, :] * self._volume[:, None, None]).reshape(len(g), -1)
            flat = self._tangent.transpose(1, 3, 0, 2).reshape(gg.shape[1], 9)
            at = csr_array((np.ones(len(g)), (node, np.arange(len(g)))), shape=(n, len(g)))
            blocks += at @ (gg @ flat)
        on = self.free & self.new[:, None]
        D = np.where(on[:, :, None] & on[:, None, :], blocks.reshape(n, 3, 3), np.eye(3))
        return np.where(on[:, :, None] & on[:, None, :], np.linalg.inv(D), 0.0)

    @cached_property
    def _outer(self) -> tuple[NDArray[np.int64], Linear] | None:
        """Free directions beyond the solved rim, and factors of their block."""
        index = np.flatnonzero((self.free & self.outer[:, None]).ravel())
        if not len(index):
            return None
        cells, A = self.rich.body.cells, self._tangent
        on = np.flatnonzero(self.outer[cells.vertices].any(axis=1))
        g, node = cells.gradients[on], cells.vertices[on]
        K = np.einsum("cvi,aibj,cwj,c->cvawb", g, A, g, self._volume[on], optimize=True)
        dof = (3 * node[:, :, None] + np.arange(3)).reshape(len(on), -1)
        rows, columns = np.repeat(dof, dof.shape[1], axis=1), np.tile(dof, (1, dof.shape[1]))
        n = self.free.size
        whole = csr_array((K.ravel(), (rows.ravel(), columns.ravel())), shape=(n, n))
        return index, block(whole, index)

    def preconditioned(self, r: Array) -> Array:
        """M^-1 r (n_k, 3)."""
        z = np.einsum("kab,kb->ka", self._diagonal, r)
        coarse = np.zeros(self.P.shape[1] * 3)
        coarse[self.index_c] = self.lu.solve((self.P.T @ r).ravel()[self.index_c])
        z += self.P @ coarse.reshape(-1, 3)
        if self._outer is not None:
            index, lu = self._outer
            z.ravel()[index] += lu.solve(r.ravel()[index])
        return np.where(self.free, z, 0.0)

    def __call__(self, load: Array) -> Array:
        """e (n_k, 3) with K e = load on the free directions, by conjugate gradients."""
        r = np.where(self.free, load, 0.0)
        e, z = np.zeros_like(r), self.preconditioned(r)
        d, rz = z, float(np.vdot(r, z))
        start = rz
        for _ in range(STEPS):
            if not rz > REDUCTION**2 * start:
                break
            Kd = np.where(self.free, self.stiffness(d), 0.0)
            alpha = rz / float(np.vdot(d, Kd))
            e, r = e + alpha * d, r - alpha * Kd
            z = self.preconditioned(r)
            rz, before = float(np.vdot(r, z)), rz
            d = z + rz / before * d
            self.steps += 1
        return e

    def exact(self, J: LinearOperator, load: Array, guess: Array | None = None) -> Array:
        """e (n_k, 3) with the Jacobian J of the enriched model, by a few steps of GMRES.

        The first guess is the elastic answer.
        """
        guess = self(load) if guess is None else guess
        index = np.flatnonzero(self.free.ravel())

        def full(v: Array) -> Array:
            w = np.zeros(self.free.size)
            w[index] = v
            return w

        def preconditioned(v: Array) -> Array:
            return self.preconditioned(full(v).reshape(-1, 3)).ravel()[index]

        n = len(index)
        inner = LinearOperator((n, n), matvec=lambda v: J.matvec(full(v))[index], dtype=np.float64)
        M = LinearOperator((n, n), matvec=preconditioned, dtype=np.float64)
        b, x0 = load.ravel()[index], guess.ravel()[index]
        x, _ = gmres(inner, b, x0=x0, M=M, rtol=REDUCTION, atol=0.0, restart=KRYLOV, maxiter=1)
        return full(x).reshape(-1, 3)
