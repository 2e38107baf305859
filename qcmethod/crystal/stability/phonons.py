"""Phonons of a homogeneously deformed Bravais lattice with pair and embedding energy.

    D(k) = sum_{R half} 4 sin^2(k.R/2) K_R  +  E''(n) s s^T,      m w^2 e = D(k) e
    s(k) = sum_{R half} 2 rho'/r d sin(k.R),                      d = F R,  f = phi + 2 E'(n) rho
    K_R  = f'' d d^T/r^2 + f'/r (1 - d d^T/r^2)

(Born and Huang 1954; Daw and Hatcher 1985, Solid State Commun. 56, 697, for the embedding energy).
The second term couples sites two ranges apart. A Bravais lattice has a centre of inversion, so D is
real, symmetric and even in k. A many-body form has constants of the first kind alone, between sites
up to two cut-offs apart (`site_constants`). For long waves D(k) -> site volume times Q_ab =
A_aibj k_i k_j. R and k belong to the reference lattice: k is not deformed with F.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba.extending import register_jitable

from qcmethod.base.jit import entry
from qcmethod.base.types import Array
from qcmethod.base.voigt import NUMBER
from qcmethod.crystal.laws.cauchy_born import CauchyBorn
from qcmethod.crystal.stability.displaced import between_atoms
from qcmethod.crystal.stability.site_constants import between_sites
from qcmethod.lattice.lattice import Lattice
from qcmethod.potentials.contract import Potential
from qcmethod.potentials.site import Params, embed, is_many_body, pair2

THZ = math.sqrt(1.602176634e-19 * 1e20 / 1.66053906660e-27) / (2.0 * math.pi) * 1e-12
"""THz of the frequency w/2 pi at D = 1 eV/A^2 and a mass of 1 u: 15.633304."""


@register_jitable
def bonds(p, F, shell, density, K, g):
    """Fill K (m, 6: xx yy zz yz xz xy) and g (m, 3) = 2 rho' d/r at F (3, 3); E''(n)."""
    energy, slope, curvature = embed(p, density)
    for m in range(shell.shape[0]):
        x, y, z = shell[m, 0], shell[m, 1], shell[m, 2]
        a = F[0, 0] * x + F[0, 1] * y + F[0, 2] * z
        b = F[1, 0] * x + F[1, 1] * y + F[1, 2] * z
        c = F[2, 0] * x + F[2, 1] * y + F[2, 2] * z
        r = np.sqrt(a * a + b * b + c * c)
        K[m, :] = 0.0
        g[m, :] = 0.0
        if r < p.cutoff:
            phi, dphi, d2phi, rho, drho, d2rho = pair2(p, r)
            f1 = (dphi + 2.0 * slope * drho) / r
            f2 = (d2phi + 2.0 * slope * d2rho - f1) / (r * r)
            K[m, 0], K[m, 1], K[m, 2] = f2 * a * a + f1, f2 * b * b + f1, f2 * c * c + f1
            K[m, 3], K[m, 4], K[m, 5] = f2 * b * c, f2 * a * c, f2 * a * b
            t = 2.0 * drho / r
            g[m, 0], g[m, 1], g[m, 2] = t * a, t * b, t * c
    return curvature


@entry
def _bonds(p, F, shell, density):
    K, g = np.zeros((shell.shape[0], 6)), np.zeros((shell.shape[0], 3))
    curvature = bonds(p, F, shell, density, K, g)
    return K, g, curvature


class ForceConstants(NamedTuple):
    """K (m, 3, 3) eV/A^2, g (m, 3) and E'' of the half shell R (m, 3), A; n components."""

    R: Array
    K: Array
    g: Array
    curvature: float
    n: int

    def matrix(self, k: Array) -> Array:
        """D (n_k, n, n), eV/A^2, at k (n_k, 3), 1/A."""
        phase, n = k @ self.R.T, self.n
        s = np.sin(phase) @ self.g[:, :n]
        D = np.tensordot(4.0 * np.sin(0.5 * phase) ** 2, self.K[:, :n, :n], axes=1)
        return D + self.curvature * s[:, :, None] * s[:, None, :]

    def expectation_slope(self, k: Array, e: Array) -> Array:
        """d(e.D e)/dk (3,), eV/A, at k (3,) for a fixed polarisation e (n,)."""
        phase, n = self.R @ k, self.n
        bond = np.einsum("mab,a,b->m", self.K[:, :n, :n], e, e)
        along = self.g[:, :n] @ e
        both = 2.0 * self.curvature * float(np.sin(phase) @ along)
        return (2.0 * np.sin(phase) * bond + both * np.cos(phase) * along) @ self.R


def of_lattice(potential: Potential, lattice: Lattice, F: Array) -> ForceConstants:
    """Force constants at F (3, 3). Raises InvertedCellError, OffTableError."""
    n = lattice.n_components
    if potential.engine is not None:
        return ForceConstants(*between_atoms(potential, lattice, F), n)
    law = CauchyBorn.covering(potential, lattice, F[None])
    density = law.at(F[None]).kept[0]
    if is_many_body(potential.params):
        return ForceConstants(*between_sites(law, lattice, F), n)
    return force_constants(potential.params, F, law.shell, density, n)


def force_constants(p: Params, F: Array, shell: Array, density: float, n: int) -> ForceConstants:
    """Force constants at F (3, 3) with the density from `cauchy_born.energy_stress`."""
    K, g, curvature = _bonds(p, F, shell, density)
    square = K[:, NUMBER]
    return ForceConstants(shell, square, g, float(curvature), n)


def frequency(stiffness: Array, mass: float) -> Array:
    """THz from eigenvalues of D (eV/A^2) and the mass (u); imaginary frequencies are negative."""
    return np.sign(stiffness) * np.sqrt(np.abs(stiffness) / mass) * THZ


def modes(constants: ForceConstants, k: Array, mass: float) -> tuple[Array, Array]:
    """Frequencies (n_k, n), ascending, THz, and unit polarisations (n_k, n, 3)."""
    values, vectors = np.linalg.eigh(constants.matrix(k))
    polarisation = np.zeros((*values.shape, 3))
    polarisation[:, :, : constants.n] = vectors.transpose(0, 2, 1)
    return frequency(values, mass), polarisation
