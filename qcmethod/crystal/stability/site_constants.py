"""Force constants of a many-body form between the sites of a deformed Bravais lattice.

A wave u_R = e exp(i k.R) changes the vectors of a site by e (exp(i k.R) - 1), so that

    D(k) = sum_RS (exp(-i k.R) - 1) V''_RS (exp(i k.S) - 1) = sum_T 2 sin^2(k.T/2) M_T
    M_T  = sum_S V''_TS + sum_R V''_RT - sum_{S - R = T} V''_RS

by cos x = 1 - 2 sin^2(x/2), real for the lattice's centre of inversion (Born and Huang 1954). With
T and -T together D(k) = sum_{T half} 4 sin^2(k.T/2) K_T: the form that pairs have, over twice their
range and without an embedding term.
"""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from qcmethod.base.types import Array
from qcmethod.crystal.laws.cauchy_born import CauchyBorn
from qcmethod.crystal.many_body import site_hessian
from qcmethod.lattice.lattice import Lattice


def between_sites(law: CauchyBorn, lattice: Lattice, F: Array) -> tuple[Array, Array, Array, float]:
    """T (m, 3), A, of a half shell and K (m, 3, 3), eV/A^2, at F (3, 3); g = 0 (m, 3) and 0."""
    R, H = site_hessian(law.params, F, law.shell)
    half, n = lattice.shell(2.0 * law.radius), len(R)
    every = cKDTree(np.concatenate([half, -half, np.zeros((1, 3))]))
    site = every.query(R)[1]
    difference = every.query((R[None] - R[:, None]).reshape(-1, 3))[1]
    M = np.zeros((every.n, 3, 3))
    np.add.at(M, site, H.sum(axis=2) + H.sum(axis=0).transpose(1, 0, 2))
    np.subtract.at(M, difference, H.transpose(0, 2, 1, 3).reshape(n * n, 3, 3))
    K = 0.5 * (M[: len(half)] + M[len(half) : -1])
    return half, 0.5 * (K + K.transpose(0, 2, 1)), np.zeros_like(half), 0.0
