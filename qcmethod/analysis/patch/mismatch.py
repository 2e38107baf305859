"""Does the continuum have the stress of the atoms? What forces on perfect crystal cannot tell.

    m = max_F |P_law(F) - P_atoms(F)| / max_F |P_atoms(F)|,      P_atoms = X F^-T

A method of forces has no ghost force whatever the law of its cells: on homogeneous crystal atoms
and cells balance each by themselves (Tadmor and Miller 2011, Modeling Materials, ch. 12). What they
balance is another stress, and a wrong law strains the core of a defect wrongly. X is the virial of
an atom among its neighbours in a column of perfect crystal (`potentials.sums`): bonds, not the law.
Of an engine it is that of a periodic cell. The Frobenius norm, eV a site.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qcmethod.base.types import Array
from qcmethod.coupling.system import System
from qcmethod.crystal.crystal import Crystal
from qcmethod.crystal.law import LAWS
from qcmethod.crystal.laws.cauchy_born import true_law

SMALLEST = 1e-6
"""Of the moduli: stresses below it are rounding, at a gradient without stress."""


def stress_mismatch(system: System, gradients: Sequence[Array]) -> float | None:
    """The largest difference of the stress of the cells and of the atoms at gradients (3, 3), over
    the largest stress; None of a method without cells."""
    if not (system.method.continuum and gradients):
        return None
    crystal, F = system.problem.crystal, np.array(gradients)
    own = LAWS.find(system.law)(crystal).at(F).P
    atoms = np.array([stress_of_atoms(crystal, one) for one in F])
    rounding = SMALLEST * float(np.linalg.norm(crystal.tangent(np.eye(3))))
    largest = max(_largest(atoms), rounding * crystal.lattice.site_volume)
    return _largest(own - atoms) / largest


def stress_of_atoms(crystal: Crystal, F: Array) -> Array:
    """P (3, 3) of homogeneous crystal at F, eV a site, as its atoms have it."""
    potential, lattice = crystal.potential, crystal.lattice
    if potential.engine is not None:
        P: Array = true_law(potential, lattice).at(F[None]).P[0]
        return P
    # an atom, its neighbours, and theirs
    stretch = min(float(np.linalg.svd(F, compute_uv=False)[-1]), 1.0)
    around = lattice.steps(2.01 * potential.cutoff / stretch)
    ij = np.concatenate([np.zeros((1, lattice.dim), dtype=np.int64), around[around.any(axis=1)]])
    y = lattice.positions(ij) @ F.T
    sites = potential.site_sum(lattice.period, np.ones(len(y)), np.zeros(len(y)))
    found: Array = sites.virials(y)[0] @ np.linalg.inv(F).T
    return found


def _largest(P: Array) -> float:
    return float(np.linalg.norm(P, axis=(1, 2)).max())
