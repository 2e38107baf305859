"""Strain measures of sites and cells, for pictures and files.

    F_i = (sum_j dy_ij (x) dx_ij) (sum_j dx_ij (x) dx_ij)^-1,      E = (F^T F - 1)/2

F_i is the least-squares fit over the reference neighbours j of a site (Falk and Langer 1998, Phys.
Rev. E 57, 7192; Shimizu, Ogata and Li 2007); cells have their own F. Bonds that have grown by more
than half are broken, so the two flanks of a crack do not see each other. In n dimensions

    shear = sqrt(dev E : dev E / 2),      volumetric = tr E / n

Both are strain of the lattice. Behind a dislocation the field of a cell is that of perfect crystal;
a fit to the neighbours that an atom once had counts the slip, too. So a bond that has become
another one, by a lattice vector, is that one:

    dx_ij = the lattice vector v closest to dy_ij,    if |dy_ij - v| < |dy_ij - dx_ij| / 2

A stacking fault is no perfect crystal: its bonds lie between lattice vectors and stay what they
were, so it is seen as sheared.
"""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from qcmethod.base.types import Array
from qcmethod.coupling.system import System
from qcmethod.lattice.lattice import Lattice
from qcmethod.lattice.neighbours import half_list

REACH = 1.2
"""Bonds up to this many nearest-neighbour distances enter the fit."""
BROKEN = 1.5
"""Bonds stretched beyond this are left out of it."""
SUSPECT = 0.4
"""Bonds that changed by less than this part of the nearest distance are what they were."""
CLOSER = 0.5
"""Another bond must be closer by this factor; in a stacking fault three are equally close."""


def green_lagrange(F: Array) -> Array:
    """E = (F^T F - 1)/2, (n, 3, 3), of gradients F (n, 3, 3)."""
    return 0.5 * (F.transpose(0, 2, 1) @ F - np.eye(3))


def shear(E: Array, n: int = 3) -> Array:
    """sqrt(dev E : dev E / 2) (m,) in n dimensions: the radius of Mohr's circle for n = 2."""
    block = E[:, :n, :n]
    deviator = block - volumetric(E, n)[:, None, None] * np.eye(n)
    return np.sqrt(0.5 * (deviator**2).sum(axis=(1, 2)))


def volumetric(E: Array, n: int = 3) -> Array:
    """tr E / n (m,) in n dimensions."""
    return np.einsum("mii->m", E[:, :n, :n]) / n


def fitted_gradient(
    x: Array, y: Array, line: Array, reach: float, lattice: Lattice | None = None
) -> Array:
    """Least-squares gradients F (n, 3, 3) of sites at x (n, 3) in the reference, y (n, 3) now.

    Parameters
    ----------
    line : (2, 3) repeat along the z axis in the reference and in the deformed state, A
    reach : longest reference bond of the fit, A
    lattice : whose vectors are no strain; None: all of the displacement is

    A direction in which a site has no intact bond keeps F = 1.
    """
    bonds = half_list(x, float(line[0, 2]), reach, np.ones(len(x), dtype=bool))
    i, j = bonds.owner, bonds.site
    images = np.zeros(len(j)) if not np.isfinite(line[0, 2]) else bonds.shift / line[0, 2]
    repeat = np.where(np.isfinite(line), line, 0.0)
    dx = x[j] - x[i] + images[:, None] * repeat[0]
    dy = y[j] - y[i] + images[:, None] * repeat[1]
    intact = np.linalg.norm(dx, axis=1) <= reach
    intact &= np.linalg.norm(dy, axis=1) <= BROKEN * np.linalg.norm(dx, axis=1)
    if lattice is not None:
        dx = relinked(dx, dy, lattice)
    moved, shape = np.zeros((2, len(x), 3, 3))
    for end in (i[intact], j[intact]):
        np.add.at(moved, end, (dy - dx)[intact, :, None] * dx[intact, None, :])
        np.add.at(shape, end, dx[intact, :, None] * dx[intact, None, :])
    return np.eye(3) + moved @ np.linalg.pinv(shape, rcond=1e-8, hermitian=True)


def relinked(dx: Array, dy: Array, lattice: Lattice) -> Array:
    """The lattice vectors (m, 3) that bonds dx (m, 3) have become at dy (m, 3), A."""
    half = lattice.shell(BROKEN * lattice.neighbour)
    apart, found = np.linalg.norm(dy - dx, axis=1), dx.copy()
    asked = np.flatnonzero(apart > SUSPECT * lattice.neighbour)
    if len(asked):
        distance, nearest = cKDTree(np.concatenate([half, -half])).query(dy[asked])
        now = distance < CLOSER * apart[asked]
        found[asked[now]] = np.concatenate([half, -half])[nearest[now]]
    return found


def site_gradient(system: System, u: Array) -> Array:
    """Fitted gradient (n_l, 3, 3) of the listed sites at the corrector u (n_k, 3)."""
    body, lattice = system.body, system.problem.crystal.lattice
    period = lattice.period
    line = np.array([[0.0, 0.0, period], [0.0, 0.0, np.inf]])
    if np.isfinite(period):
        line[1] = period * system.problem.predictor.F[:, 2]
    reach = REACH * lattice.neighbour
    return fitted_gradient(body.x_l, body.positions(u), line, reach, lattice)


def site_strain(system: System, u: Array) -> Array:
    """Green-Lagrange strain (n_l, 3, 3) of the listed sites at the corrector u (n_k, 3)."""
    return green_lagrange(site_gradient(system, u))


def cell_strain(system: System, u: Array) -> Array:
    """Green-Lagrange strain (n_c, 3, 3) of the mean gradient of each cell."""
    cells = system.body.cells
    F = np.zeros((len(cells.volume), 3, 3))
    weighted = cells.fraction[:, None, None] * system.body.deformation(u)
    np.add.at(F, cells.point_cell, weighted)
    return green_lagrange(F)
