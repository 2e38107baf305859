"""The stability margin of many gradients at once: is the Cauchy-Born rule valid in these cells?

    margin(F) = min over waves of  eig[ sum_R a_R K_R(F) + E'' s s^T ] / site volume
    s = sum_R b_R g_R(F)
    short waves k:  a_R = 4 sin^2(k.R/2)/N(k),  b_R = sin(k.R)/N(k)^(1/2)
    long waves n:   a_R = (n.R)^2,              b_R = n.R

The same sum serves both, with tables that do not depend on F. Waves come from a fixed grid: the
margin lies above the true minimum of `Crystal.stability` by no more than the grid misses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba.extending import register_jitable
from numpy.typing import ArrayLike

from qcmethod.base.door import door
from qcmethod.base.jit import entry
from qcmethod.base.types import Array
from qcmethod.base.voigt import COLUMN, NUMBER, ROW
from qcmethod.crystal.at_gradient import many_gradients
from qcmethod.crystal.laws.cauchy_born import CauchyBorn
from qcmethod.crystal.stability.displaced import between_atoms
from qcmethod.crystal.stability.phonons import bonds
from qcmethod.crystal.stability.site_constants import between_sites
from qcmethod.crystal.stability.verdict import acoustic
from qcmethod.crystal.stability.waves import directions, grid, laplacian, reciprocal
from qcmethod.lattice.lattice import Lattice
from qcmethod.potentials.site import is_many_body, is_pair

if TYPE_CHECKING:
    from qcmethod.crystal.crystal import Crystal

PER_AXIS = {1: 64, 2: 18, 3: 8}
"""Wave vectors of the grid along each axis; X, L, W, K of fcc, H, N, P of bcc, M, K of hex2d lie on
it."""

CHUNK = 16384


@door
def margin(crystal: Crystal, F_q: ArrayLike, *, plane: bool = False, long: bool = False) -> Array:
    """Stability margin (n,) of the lattice at the gradients F_q (n, 3, 3), eV/A^3.

    Parameters
    ----------
    plane : only waves that are uniform along z, as those of a quasi-2-D problem are
    long : only long waves: the margin of the Cauchy-Born continuum

    A cell is trusted where the margin is positive. It is that of `crystal.stability(F)` on a coarse
    grid of waves, never below it. Raises InputError, InvertedCellError, OffTableError.
    """
    F_q, lattice = many_gradients(F_q), crystal.lattice
    result = np.zeros(len(F_q))
    for first in range(0, len(F_q), CHUNK):
        part = F_q[first : first + CHUNK]
        n, of = lattice.n_components, slice(first, first + CHUNK)
        if crystal.potential.engine is not None:
            result[of] = [_of_engine(crystal, F, plane, long) for F in part]
            continue
        law = CauchyBorn.covering(crystal.potential, lattice, part)
        density = law.at(part).kept
        if is_many_body(law.params):
            result[of] = [_of_many_body(law, lattice, F, plane, long) for F in part]
            continue
        a, b = _tables(lattice, law.shell, plane, long)
        result[of] = _softest(law.params, part, law.shell, density, a, b, n)
    return result / lattice.site_volume


def _of_many_body(law: CauchyBorn, lattice: Lattice, F: Array, plane: bool, long: bool) -> float:
    """The same of one gradient, eV per site, from constants that reach two cut-offs."""
    return _of_constants(lattice, between_sites(law, lattice, F), plane, long)


def _of_engine(crystal: Crystal, F: Array, plane: bool, long: bool) -> float:
    """The same, from forces; of long waves from the tangent, which asks for unit cells alone."""
    lattice = crystal.lattice
    if long:
        return acoustic(crystal.potential, lattice, F, plane).value * lattice.site_volume
    return _of_constants(lattice, between_atoms(crystal.potential, lattice, F), plane, long)


def _of_constants(
    lattice: Lattice, constants: tuple[Array, Array, Array, float], plane: bool, long: bool
) -> float:
    T, K, g, curvature = constants
    a, b = _tables(lattice, T, plane, long)
    return float(_softest_of(K[:, ROW, COLUMN], g, curvature, a, b, lattice.n_components))


def _tables(lattice: Lattice, shell: Array, plane: bool, long: bool) -> tuple[Array, Array]:
    """a, b (m, n_w) of the waves, long ones first."""
    along = directions(lattice, plane, order=3) @ shell.T
    a, b = along**2, along
    if not long:
        B = reciprocal(lattice, plane)
        k = grid(B, PER_AXIS[len(B)])
        phase, N = k @ shell.T, laplacian(k, lattice)[:, None]
        a = np.concatenate([a, 4.0 * np.sin(0.5 * phase) ** 2 / N])
        b = np.concatenate([b, np.sin(phase) / np.sqrt(N)])
    return np.ascontiguousarray(a.T), np.ascontiguousarray(b.T)


@register_jitable
def _above(M, t, n):
    """Whether M - t is positive definite (Cholesky): then no eigenvalue is below t."""
    if not t < np.inf:
        return False
    l00 = M[0, 0] - t
    if not l00 > 0.0:
        return False
    if n == 1:
        return True
    l10 = M[1, 0] / l00
    l11 = M[1, 1] - t - l10 * M[1, 0]
    if n == 2 or not l11 > 0.0:
        return l11 > 0.0
    l20 = M[2, 0] / l00
    l21 = M[2, 1] - l20 * M[1, 0]
    return M[2, 2] - t - l20 * M[2, 0] - l21 * l21 / l11 > 0.0


@register_jitable
def _lowest(K, g, curvature, embedded, a, b, D, M):
    """The lowest eigenvalue over waves; D (9, n_w) and M (n, n) are overwritten."""
    n_m, n_w, n = a.shape[0], a.shape[1], M.shape[0]
    D[:, :] = 0.0
    for m in range(n_m):
        if K[m, 0] == 0.0 and K[m, 1] == 0.0 and K[m, 2] == 0.0:
            continue  # beyond the cut-off
        for x in range(6):
            if (x == 0) or (n > 1 and x == 1) or (n > 1 and x == 5) or n == 3:
                t = K[m, x]
                for w in range(n_w):
                    D[x, w] += t * a[m, w]
        if embedded:
            for x in range(n):
                t = g[m, x]
                for w in range(n_w):
                    D[6 + x, w] += t * b[m, w]
    lowest = np.inf
    for w in range(n_w):
        for i in range(n):
            for j in range(n):
                M[i, j] = D[NUMBER[i, j], w] + curvature * D[6 + i, w] * D[6 + j, w]
        if not _above(M, lowest, n):
            lowest = np.linalg.eigvalsh(M)[0]
    return lowest


@entry
def _softest(p, F_q, shell, density, a, b, n):
    """min over waves of the lowest eigenvalue (n_q,), eV per site."""
    n_m, n_w = a.shape
    result = np.empty(F_q.shape[0])
    K, g, D, M = np.zeros((n_m, 6)), np.zeros((n_m, 3)), np.zeros((9, n_w)), np.zeros((n, n))
    for q in range(F_q.shape[0]):
        curvature = bonds(p, F_q[q], shell, density[q], K, g)
        result[q] = _lowest(K, g, curvature, not is_pair(p, 0), a, b, D, M)
    return result


@entry
def _softest_of(K, g, curvature, a, b, n):
    """The same from given constants K (m, 6), g (m, 3) and E''."""
    D, M = np.zeros((9, a.shape[1])), np.zeros((n, n))
    return _lowest(K, g, curvature, curvature != 0.0, a, b, D, M)
