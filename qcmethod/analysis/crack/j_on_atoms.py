"""The J-integral on a ring of atoms: the energy-momentum balance of the lattice itself.

With q = 1 inside and 0 outside of the ring, D the derivative along x by differences over lattice
steps (fourth order), and V_l the site energies, the virtual motion q_l D y_l does no work on atoms
in equilibrium; summed by parts on the lattice,

    J + J_s = 1/L [ -sum_l (V_l - V_0) D q_l + sum_lm dV_l/dy_m . (q_m - q_l) D u_m ]

(Noether's theorem; Eshelby 1951, 1975; the continuum limit is the domain form of J). Only atoms of
the ring count: q is constant elsewhere. J_s = -2 gamma is the share of the two flanks that the ring
crosses: their atoms, and their tension, are in the sum like all others.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qcmethod.base.ramps import SHAPES
from qcmethod.base.types import Array
from qcmethod.coupling.models import site_sum
from qcmethod.crystal.surface import surface_energy
from qcmethod.errors import EngineError
from qcmethod.lattice.plane import radius
from qcmethod.lattice.sites import Sites
from qcmethod.potentials.can import Can
from qcmethod.solve.solution import Solution


def on_atoms(solution: Solution, inner: float, outer: float) -> float:
    """J, eV/A^2, on the ring inner < r < outer (A); the atoms up to outer + 2 cut-offs are listed
    and in equilibrium up to outer."""
    system, body = solution.system, solution.system.body
    crystal, y = system.problem.crystal, body.positions(solution.u)
    if Can.SITE_ENERGY not in crystal.potential.can:
        raise EngineError(
            f"j_integral: {crystal.potential.name} gives no energies of single sites, which a ring "
            "of atoms needs. Try: a coupled system, and a ring in its continuum"
        )
    r = radius(body.x_l)
    s = np.clip(np.log(np.maximum(r, 1e-9) / inner) / np.log(outer / inner), 0.0, 1.0)
    q = 1.0 - SHAPES["quintic"](s)
    near = (r < outer + 2.2 * crystal.potential.cutoff).astype(np.float64)
    columns = np.column_stack([q, y - body.x_l])
    Dq, Du = np.split(_along_x(body.ij_l, columns, crystal.lattice.basis[0, 0]), [1], axis=1)

    whole, part = (site_sum(system, w, 0.0 * w) for w in (near, q * near))
    V = near * (whole.energies(y) - system.reference_energy)
    work = float(np.vdot(whole.at(y).gradient, q[:, None] * Du) - np.vdot(part.at(y).gradient, Du))
    total = (work - float(V @ Dq[:, 0])) / float(crystal.lattice.period)
    return total + 2.0 * surface_energy(crystal).per_area


def _along_x(ij: NDArray[np.int64], values: Array, step: float) -> Array:
    """d/dx of values (n, m) on sites ij (n, 2), per A, by differences over one and two steps along
    A1; 0 where a neighbour is not listed."""
    sites = Sites(ij)
    at = {k: sites.find(ij + np.array([k, 0])) for k in (-2, -1, 1, 2)}
    known = np.all([at[k] >= 0 for k in at], axis=0)
    d = 8.0 * (values[at[1]] - values[at[-1]]) - (values[at[2]] - values[at[-2]])
    return np.where(known[:, None], d / (12.0 * step), 0.0)
