"""Line elements along free surfaces: the surface energy that the continuum lacks.

    E_f = sum_e beta_e n_e gamma(eps_e),    eps_e = |y_b - y_a|/L_e - 1
    gamma(eps) = gamma + tau eps + 1/2 S_+- eps^2,   linear in eps about the predictor's eps_0

over the mesh edges e = (a, b) of both flanks, n_e surface sites long, beta_e the mean blending of
their ends. The flanks are the row j = 0 (upper) and its doubled copies (lower): the cells above
leave out half of the surface row and those below count half a row too many, hence
S_+- = S +- 1/2 S_bulk. A crystal that ends at the row j = 0 has S_+ along all of it: the cells
leave out half of that row.

S_+- may be negative, and at the inner rim of the blending zone the cells next to an edge have
hardly any weight to carry it: therefore the stiffness acts through the strain of the predictor
only, as the tension tau + S_+- eps_0. Coefficients are those of `qcmethod.crystal.surface`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from qcmethod.base.types import Array, Index
from qcmethod.crystal.stretched_surface import SurfaceEnergy
from qcmethod.discretisation.body import Body


@dataclass(frozen=True, eq=False)
class FilmState:
    """One evaluation: energy (eV), gradient (n_k, 3) eV/A, unit vectors and lengths of edges."""

    energy: float
    gradient: Array
    direction: Array
    length: Array


@dataclass(frozen=True, eq=False)
class FilmSum:
    """Edges (n_e, 2) with reference lengths (n_e,), A, and coefficients times beta_e n_e, eV."""

    edges: Index
    length0: Array
    span: Array  # (n_e, 3) vector of the edge at the predictor, A
    gamma: Array
    tension: Array
    n_nodes: int

    @classmethod
    def build(cls, body: Body, y0_k: Array, surface: SurfaceEnergy, beta_k: Array) -> FilmSum:
        """Elements of the free surfaces of a body with its nodes predicted at y0_k (n_k, 3), A,
        weighted by beta at the nodes (n_k,)."""
        found = [cut.faces(body.mesh, body.used) for cut in body.problem.cuts]
        edges = np.concatenate([one.edges for one in found])
        half_row = np.concatenate([one.half_row for one in found])
        shift = y0_k - body.x_k
        reference = body.x_k[edges[:, 1]] - body.x_k[edges[:, 0]]
        reference[:, 2] = 0.0  # heights are wrapped; the edge runs along x
        span = reference + shift[edges[:, 1]] - shift[edges[:, 0]]
        length0 = np.linalg.norm(reference, axis=1)
        n = length0 / body.problem.crystal.lattice.basis[0, 0] * beta_k[edges].mean(axis=1)
        eps0 = np.linalg.norm(span, axis=1) / length0 - 1.0
        stiffness = surface.stiffness + half_row * surface.bulk_stiffness
        return cls(
            edges=edges,
            length0=length0,
            span=span,
            gamma=n * (surface.gamma - 0.5 * stiffness * eps0**2),
            tension=n * (surface.tension + stiffness * eps0),
            n_nodes=body.n_nodes,
        )

    def at(self, u: Array) -> FilmState:
        """Evaluate at the corrector u (n_k, 3)."""
        d = self.span + u[self.edges[:, 1]] - u[self.edges[:, 0]]
        length = np.linalg.norm(d, axis=1)
        direction = d / length[:, None]
        eps = length / self.length0 - 1.0
        energy = self.gamma + eps * self.tension
        pull = (self.tension / self.length0)[:, None] * direction
        gradient = np.zeros((self.n_nodes, 3))
        np.add.at(gradient, self.edges[:, 1], pull)
        np.add.at(gradient, self.edges[:, 0], -pull)
        return FilmState(float(energy.sum()), gradient, direction, length)

    def hessian(self, state: FilmState) -> csr_array:
        """E_f'' (3 n_k, 3 n_k) at a state, eV/A^2."""
        nn = state.direction[:, :, None] * state.direction[:, None, :]
        k = (self.tension / (self.length0 * state.length))[:, None, None] * (np.eye(3) - nn)
        sign = np.array([[1.0, -1.0], [-1.0, 1.0]])
        K = sign[None, :, None, :, None] * k[:, None, :, None, :]
        dof = (3 * self.edges[:, :, None] + np.arange(3)).reshape(-1, 6)
        rows, columns = np.repeat(dof, 6, axis=1).ravel(), np.tile(dof, (1, 6)).ravel()
        n = 3 * self.n_nodes
        return csr_array((K.ravel(), (rows, columns)), shape=(n, n))
