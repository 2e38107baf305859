r"""Triangles along a free surface in space: the surface energy that the continuum lacks.

    E_f = sum_t beta_t n_t [gamma + tau_ab E_ab],    E = (F^T F - 1)/2,    F_ia = sum_v y_vi d_a N_v

over the mesh triangles t of the surface, n_t surface sites large, beta_t the mean blending of their
corners; d_a are derivatives along the surface. The energy is that of a membrane under the constant
tension tau, a quadratic form of the positions,

    E_f = E_0 + g . u + 1/2 sum_i u_i . L u_i,    L_vw = sum_t beta_t n_t d_a N_v tau_ab d_b N_w

so it has no geometry to follow. Of second order in the strain, the stiffness of the surface less
what the cells count too little in its row (`film`) would have to be carried by cells with hardly
any weight at the inner rim of the blending zone; it is left out, as in the plane, where too it acts
through the strain of the predictor only. Coefficients are those of `crystal.face`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array, kron

from qcmethod.base.types import Array, Index
from qcmethod.crystal.face import FaceEnergy
from qcmethod.discretisation.body import Body
from qcmethod.mesh.space.surface import areas


@dataclass(frozen=True, eq=False)
class MembraneState:
    """One evaluation: energy (eV), gradient (n_k, 3) eV/A."""

    energy: float
    gradient: Array


@dataclass(frozen=True, eq=False)
class MembraneSum:
    """Energy at u = 0, eV; the gradient there (n_k, 3), eV/A; L (n_k, n_k), eV/A^2."""

    energy: float
    gradient: Array
    L: csr_array

    @classmethod
    def build(cls, body: Body, y0_k: Array, surface: FaceEnergy, beta_k: Array) -> MembraneSum:
        """Elements of the free surface of a body with its nodes predicted at y0_k (n_k, 3), A,
        weighted by beta at the nodes (n_k,)."""
        found = [cut.faces(body.mesh, body.used) for cut in body.problem.cuts]
        faces = np.concatenate([one.edges for one in found])
        corner = body.mesh.corners(faces) @ body.mesh.basis  # next to each other, across a period
        n = areas(corner) / surface.area * beta_k[faces].mean(axis=1)
        slopes = _slopes(corner)
        L_t = n[:, None, None] * (slopes @ surface.stress @ slopes.transpose(0, 2, 1))
        y = corner + (y0_k - body.x_k)[faces]
        d = y - y[:, :1]  # far from the origin sums of positions would be rounding
        F = np.einsum("tvi,tva->tia", d, slopes)
        strain = 0.5 * (np.einsum("tia,tib->tab", F, F) - _tangent(corner))
        energy = n @ (surface.gamma + np.einsum("tab,ab->t", strain, surface.stress))
        gradient = np.zeros((body.n_nodes, 3))
        np.add.at(gradient, faces, np.einsum("tvw,twi->tvi", L_t, d))
        return cls(float(energy), gradient, _sum(faces, L_t, body.n_nodes))

    def at(self, u: Array) -> MembraneState:
        """Evaluate at the corrector u (n_k, 3)."""
        Lu = self.L @ u
        energy = self.energy + float(np.vdot(self.gradient + 0.5 * Lu, u))
        return MembraneState(energy, self.gradient + Lu)

    def hessian(self, state: MembraneState) -> csr_array:
        """E_f'' (3 n_k, 3 n_k), eV/A^2, the same at every state."""
        return csr_array(kron(self.L, np.eye(3), format="csr"))


def _slopes(corner: Array) -> Array:
    """Derivatives (n, 3, 3) [t, v, a] of the P1 functions of triangles with corners (n, 3, 3) along
    their planes, 1/A."""
    one, two = corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]
    normal = np.cross(one, two)
    dual = np.stack([np.cross(two, normal), np.cross(normal, one)], axis=1)
    dual = dual / (normal**2).sum(axis=1)[:, None, None]
    return np.concatenate([-dual.sum(axis=1, keepdims=True), dual], axis=1)


def _tangent(corner: Array) -> Array:
    """The identity (n, 3, 3) of the planes of triangles."""
    normal = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    normal /= np.linalg.norm(normal, axis=1)[:, None]
    return np.eye(3) - normal[:, :, None] * normal[:, None]


def _sum(faces: Index, L_t: Array, n_nodes: int) -> csr_array:
    """L (n_k, n_k) from that of each triangle (n, 3, 3)."""
    rows, columns = np.repeat(faces, 3, axis=1).ravel(), np.tile(faces, (1, 3)).ravel()
    return csr_array((L_t.ravel(), (rows, columns)), shape=(n_nodes, n_nodes))
