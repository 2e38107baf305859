"""The mean Cauchy stress of a domain: what its outer boundary carries, if all inside is in balance.

    V sigma = sum_l w_l X_l + sum_q omega_q P(F_q) F_q^T,      V = n Omega_0 <det F>

X_l are the virials of the atoms (`potentials.sums.virial_kernel`), <det F> the mean over the cells
of the mesh, n = sum w + sum omega: every site that is represented counts once (mean stress theorem:
Gurtin 1981, An Introduction to Continuum Mechanics, sec. 18).
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.types import Array
from qcmethod.coupling.models import Modelled, site_sum


def mean_stress(system: Modelled, u: Array) -> Array:
    """sigma (3, 3), eV/A^3, of a system without cuts at the corrector u (n_k, 3)."""
    body, w = system.body, system.weights.w_l
    cells = system.energy_model.continuum.cells
    F = body.deformation(u)
    found = cells.law.at(F[cells.active]).P
    total = np.einsum("q,qai,qbi->ab", cells.weight, found, F[cells.active])
    if w.any():
        X = site_sum(system, np.ones(len(w)), np.zeros(len(w))).virials(body.positions(u))
        total += np.einsum("l,lab->ab", w, X)
    share = body.cells.volume[body.cells.point_cell] * body.cells.fraction
    swelling = float(share @ np.linalg.det(F) / share.sum())
    lattice = system.problem.crystal.lattice
    return np.asarray(total / (system.represented * lattice.site_volume * swelling))
