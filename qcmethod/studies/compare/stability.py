"""The stability constant of an energy method: how far its Hessian is from a zero mode.

    gamma = inf_v <E''(u) v, v> / <K v, v>

over the free directions, with K the Cauchy-Born stiffness of the reference crystal on the cells
that touch no missing site: |grad v|^2 where there is matter, in units of the crystal. (Cells of a
vacancy would clamp its neighbours to the missing site, and gamma would fall like 1/log of the
extent.) gamma has no units and hardly depends on the mesh, where a plain eigenvalue of E'' falls
with the size of the domain and says nothing (Dobson, Luskin and Ortner 2010, J. Mech. Phys. Solids
58, 1741). E'' = K in the far field, so the spectrum piles up at 1 and Lanczos, in the inner product
of K, finds what lies below in some dozens of products. In space K is not factorised: there it is
LOBPCG, preconditioned by a cycle of multigrid (Knyazev 2001, SIAM J. Sci. Comput. 23, 517).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
from scipy.linalg import eigh
from scipy.sparse import csr_array
from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigsh, lobpcg

from qcmethod.base.types import Array
from qcmethod.coupling.system import System
from qcmethod.solve.free import FreeSystem
from qcmethod.solve.linear import Linear, elastic, on_mesh

SMALL = 40
"""So few directions are diagonalised densely."""
BLOCK, STEPS = 4, 150
"""Vectors and steps of LOBPCG: of symmetric defects several of the lowest values are alike."""
ENOUGH, POOR = 1e-4, 1e-2
"""Residuals |H v - gamma K v| that end it, and with which there is no value: it is off by about
their square."""


def stability_constant(system: System, u: Array, tolerance: float = 1e-6) -> float | None:
    """gamma of an energy method at the corrector u (n_k, 3); None where nothing is free, or
    Lanczos does not end.

    Of a force method: of the blended energy whose forces at u are its own (`conservative_twin`).
    """
    twin = system.conservative_twin(u)
    free = FreeSystem(twin)
    H = free.jacobian(free.at(u))
    n = H.shape[0]
    if n == 0:
        return None
    K = stiffness(twin)
    inner = K.tocsr()[free.index][:, free.index]
    if n <= SMALL:
        dense = np.stack([H.matvec(e) for e in np.eye(n)])
        return float(eigh(0.5 * (dense + dense.T), inner.toarray(), eigvals_only=True)[0])
    if system.problem.crystal.lattice.dim == 3:
        return lowest_by_blocks(H, inner, elastic(twin))
    lu = on_mesh(twin, K, free.index)
    inverse = LinearOperator((n, n), matvec=lu.solve, dtype=np.float64)
    start = lu.solve(np.random.default_rng(0).standard_normal(n))
    options = {"which": "SA", "tol": tolerance, "v0": start, "maxiter": 200, "ncv": min(n, 40)}
    try:
        found = eigsh(H, k=1, M=inner, Minv=inverse, return_eigenvectors=False, **options)
    except ArpackNoConvergence:
        return None
    return float(found[0])


def lowest_by_blocks(H: LinearOperator, K: csr_array, near: Linear) -> float | None:
    """The lowest gamma with H v = gamma K v, `near` being close to the inverse of K; None where it
    is not found."""
    n = H.shape[0]

    def each(product: Callable[[Array], Array]) -> LinearOperator:
        def of_block(V: Array) -> Array:
            return np.stack([product(v) for v in V.T], axis=1)

        return LinearOperator((n, n), lambda v: product(v.ravel()), matmat=of_block, dtype=float)

    start = np.random.default_rng(0).standard_normal((n, BLOCK))
    M = each(near.solve)
    options = {"B": K, "M": M, "tol": ENOUGH, "maxiter": STEPS, "largest": False}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it tells of each vector that is not yet known
        value, v = lobpcg(each(H.matvec), M.matmat(start), **options)
    first = int(np.argmin(value))
    residual = np.linalg.norm(H.matvec(v[:, first]) - value[first] * (K @ v[:, first]))
    return float(value[first]) if residual < POOR else None


def stiffness(system: System) -> csr_array:
    """K (3 n_k, 3 n_k), eV/A^2: the elastic stiffness without the cells of missing sites."""
    body, crystal = system.body, system.problem.crystal
    cells = body.cells
    volume = system.elastic.volume
    void = body.is_removed[cells.vertices].any(axis=1)
    held = np.zeros(body.n_nodes, dtype=bool)
    held[cells.vertices[~void & (volume > 0.0)]] = True
    # a free node among missing sites keeps its cells: K must have no zero mode
    alone = (~held & system.free.any(axis=1))[cells.vertices].any(axis=1)
    volume = np.where(void & ~alone, 0.0, volume)
    return cells.elastic(
        crystal.tangent(system.problem.predictor.F) * crystal.lattice.site_volume, volume
    )
