"""The continuum sum over cells, E_c = sum_q omega_q (W(F_q) - V_0), and its stiffness.

    F_q = grad y0(x_q) + sum_k u_k (x) grad N_k,    dE_c/du_k = sum_q omega_q P(F_q) grad N_k
    K_kl = sum_q omega_q grad N_k . A(F_q) . grad N_l

omega counts lattice sites. The corrector is P1, so F_q varies inside a cell only as the predictor
does: cells of one lattice step have one quadrature point, larger ones six (degree 4; Strang and
Fix 1973, Dunavant 1985) wherever the predictor is not homogeneous.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from qcmethod import cauchy_born
from qcmethod.cauchy_born import SHELL_FACTOR
from qcmethod.crystal import Crystal

Array = NDArray[np.float64]
Index = NDArray[np.int64]

# Dunavant's rule of degree 4: two orbits (a, a, 1 - 2a) with weights
_ORBITS = ((0.445948490915965, 0.223381589678011), (0.091576213509771, 0.109951743655322))


def six_points() -> tuple[Array, Array]:
    """Barycentric points (6, 3) and weights (6,) of the degree 4 rule on a triangle."""
    points = [np.roll([a, a, 1.0 - 2.0 * a], s) for a, _ in _ORBITS for s in range(3)]
    return np.array(points), np.repeat([weight for _, weight in _ORBITS], 3)


@dataclass(frozen=True)
class CellGeometry:
    """P1 cells: vertices (n_c, v), gradients of shape functions (n_c, v, dim), volumes (n_c,)
    in sites, quadrature: cell of each point (n_q,), fraction of the cell's volume (n_q,), and the
    operator D (n_c dim, n_k) with (D u)[c, i] = sum_k d N_k/d x_i u_k, and Q (n_c, n_q), which sums
    over the points of a cell."""

    vertices: Index
    gradients: Array
    volume: Array
    point_cell: Index
    fraction: Array
    D: csr_array
    Q: csr_array

    @classmethod
    def build(
        cls, vertices: Index, gradients: Array, volume: Array, fine: NDArray[np.bool_], n_nodes: int
    ) -> tuple[CellGeometry, Array]:
        """Geometry, and barycentric coordinates (n_q, v) of its points; `fine` cells get one."""
        n_c, v, dim = gradients.shape
        rows = np.repeat(np.arange(n_c * dim), v)
        columns = np.repeat(vertices, dim, axis=0).ravel()
        values = gradients.transpose(0, 2, 1).ravel()
        D = csr_array((values, (rows, columns)), shape=(n_c * dim, n_nodes))
        one, six = np.flatnonzero(fine), np.flatnonzero(~fine)
        points, weights = six_points() if v == 3 else (np.array([[0.5, 0.5]]), np.ones(1))
        cell = np.concatenate([one, np.repeat(six, len(weights))])
        fraction = np.concatenate([np.ones(len(one)), np.tile(weights, len(six))])
        centres = np.full((len(one), v), 1.0 / v)
        barycentric = np.concatenate([centres, np.tile(points, (len(six), 1))])
        Q = csr_array((np.ones(len(cell)), (cell, np.arange(len(cell)))), shape=(n_c, len(cell)))
        return cls(vertices, gradients, volume, cell, fraction, D, Q), barycentric

    def gradient_of(self, u: Array) -> Array:
        """grad u at the quadrature points (n_q, 3, 3) of nodal values u (n_k, 3)."""
        n_c, _, dim = self.gradients.shape
        G = np.zeros((n_c, 3, 3))
        G[:, :, :dim] = (self.D @ u).reshape(n_c, dim, 3).transpose(0, 2, 1)
        return G[self.point_cell]

    def over_points(self, values: Array) -> Array:
        """Sums (n_c, ...) over the points of each cell of values (n_q, ...)."""
        sums: Array = self.Q @ values.reshape(len(values), -1)
        return sums.reshape(-1, *values.shape[1:])

    def load(self, P_q: Array) -> Array:
        """Nodal gradient (n_k, 3) of stresses already weighted by the points (n_q, 3, 3)."""
        n_c, _, dim = self.gradients.shape
        P_c = self.over_points(P_q)
        flux = P_c[:, :, :dim].transpose(0, 2, 1).reshape(n_c * dim, 3)
        nodal: Array = self.D.T @ flux
        return nodal

    def assemble(self, A_c: Array) -> csr_array:
        """Stiffness (3 n_k, 3 n_k) from cell tangents A_c (n_c, 3, 3, 3, 3), eV."""
        g, v = self.gradients, self.vertices.shape[1]
        dim = g.shape[2]
        K = np.einsum("cvi,caibj,cwj->cvawb", g, A_c[:, :, :dim, :, :dim], g, optimize=True)
        dof = (3 * self.vertices[:, :, None] + np.arange(3)).reshape(-1, 3 * v)
        rows = np.repeat(dof, 3 * v, axis=1).ravel()
        columns = np.tile(dof, (1, 3 * v)).ravel()
        n = 3 * self.D.shape[1]
        return csr_array((K.ravel(), (rows, columns)), shape=(n, n))


@dataclass(frozen=True)
class CellState:
    """One evaluation: energy (eV), gradient on the nodes (n_k, 3) eV/A, and what K needs."""

    energy: float
    gradient: Array
    F_q: Array
    density: Array


@dataclass(frozen=True)
class CellSum:
    """Weighted cells of one potential; omega (n_c,) counts sites, `radius` is that of the shell."""

    params: Any
    shell: Array
    radius: float
    geometry: CellGeometry
    omega: Array
    reference_energy: float

    @classmethod
    def build(
        cls, crystal: Crystal, geometry: CellGeometry, omega: Array, reference_energy: float
    ) -> CellSum:
        """A sum over the cells with omega > 0, with the shell of neighbours that covers them."""
        params, radius = crystal.potential.params, SHELL_FACTOR * crystal.potential.cutoff
        shell = crystal.lattice.shell(radius)
        return cls(params, shell, radius, geometry, omega, reference_energy)

    @cached_property
    def active(self) -> NDArray[np.bool_]:
        """(n_q,) points of the cells with omega > 0."""
        active: NDArray[np.bool_] = self.omega[self.geometry.point_cell] > 0.0
        return active

    @cached_property
    def weight(self) -> Array:
        """Weights of the active points, in sites."""
        on = self.active
        return self.omega[self.geometry.point_cell[on]] * self.geometry.fraction[on]

    def at(self, F_q: Array) -> CellState:
        """Evaluate at the gradients F_q (n_q, 3, 3). Raises InvertedCellError, OffTableError."""
        geometry, weight, on = self.geometry, self.weight, self.active
        W, P, density, shortest = cauchy_born.energy_stress(self.params, F_q[on], self.shell)
        cauchy_born.check(self.params, self.radius, F_q[on], density, shortest)
        energy = float(weight @ (W - self.reference_energy))
        P_q = np.zeros(F_q.shape)
        P_q[on] = weight[:, None, None] * P
        return CellState(energy, geometry.load(P_q), F_q, density)

    def stiffness(self, state: CellState) -> csr_array:
        """E_c'' (3 n_k, 3 n_k) at a state, eV/A^2."""
        on = self.active
        A = cauchy_born.tangent(self.params, state.F_q[on], self.shell, state.density)
        A_q = np.zeros((len(on), 3, 3, 3, 3))
        A_q[on] = self.weight[:, None, None, None, None] * A
        return self.geometry.assemble(self.geometry.over_points(A_q))
