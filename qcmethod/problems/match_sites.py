"""Atoms of another program in the frame of a problem, on its lattice, each at its own site.

    p = Q (r - origin) - t            Q: the problem's axes in the frame of the atoms
    x = p - u0(x)                     back through the predictor
    t from  arg <exp(2 pi i G_j . x)> the lattice is met to a translation, G_j its dual basis

The mean is taken where the atoms end, for there the predictor holds; its modulus is 1 where both
lattices are one, and 0 for another one, turned, stretched, or displaced by another field. A site
has the atom that is nearest to its predicted place; the period along z may be there many times.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from qcmethod.base.types import Array, Bools, Index
from qcmethod.errors import InputError
from qcmethod.lattice.plane import in_plane, radius
from qcmethod.lattice.shapes import Tube
from qcmethod.problems.problem import Problem

COHERENT = 0.6
"""Least modulus of a mean phase: atoms a sixth of a step off, at random, have it."""
FARTHEST = 0.6
"""Of a neighbour's distance: an atom further from all sites is at none."""
ALIKE = 0.05
"""Difference of the copies along z, A: no more than relaxed with a loose tolerance."""
SLACK = 0.05
"""Of a neighbour's distance: a smaller translation may be the defect's own, and stays."""
SAME = 2e-3
"""Of the period along z."""
STEPS = 30
"""Of the way back through the predictor."""


class Matched(NamedTuple):
    """Sites (n,) of a list that have an atom, their displacement v (n, 3) on top of the predictor,
    A, and those that have none."""

    site: Index
    v: Array
    missing: Index


def in_frame(problem: Problem, atoms: Any, origin: Array, axes: Array) -> tuple[Array, int]:
    """Positions (n, 3) in the frame of a problem, A, and how many periods along z they are.

    Raises InputError: no period along z, or another one.
    """
    x, period = (atoms.positions - origin) @ axes.T, problem.crystal.lattice.period
    if not np.isfinite(period):
        return x, 1
    cell, pbc = np.asarray(atoms.cell) @ axes.T, np.asarray(atoms.pbc, dtype=bool)
    length = np.linalg.norm(cell, axis=1)
    lies = pbc & (length > 0.0) & (np.linalg.norm(in_plane(cell), axis=1) < SAME * length)
    if lies.sum() != 1:
        expected = "one vector of the cell along the z axis of the problem, with a period"
        hint = "atoms.pbc = (False, False, True); axes= for atoms in another frame"
        raise InputError("atoms", f"pbc={pbc.tolist()}, cell={cell.tolist()}", expected, hint)
    long = float(length[lies][0])
    times = max(1, round(long / period))
    if abs(long - times * period) > SAME * long:
        expected = f"a period along z of {period:.6g} A, or a multiple"
        hint = f"atoms with the lattice constant {problem.crystal.lattice_constant:.6g} A, or a="
        raise InputError("atoms", f"{long:.6g} A along z", expected, hint)
    return x, times


def in_step(problem: Problem, p: Array, outer: float) -> Array:
    """Positions p (n, 3), moved so that they are on the lattice of the problem, A.

    outer : the mean is over atoms from half of it to it, A

    Raises InputError for another lattice.
    """
    lattice, origin = problem.crystal.lattice, problem.origin
    n = lattice.n_components
    ring = p[(radius(p) > 0.5 * outer) & (radius(p) < outer)]
    if not len(ring):
        raise InputError("radius", outer, "atoms in the outer half of this radius", "origin=")
    x, side = ring.copy(), np.zeros(len(ring), dtype=np.int8)
    for _ in range(STEPS):
        x = ring - problem.predictor.displacement(x, side)
    dual = np.linalg.inv(lattice.basis[:n, :n])
    phase = np.exp(2j * np.pi * ((x - origin)[:, :n] @ dual)).mean(axis=0)
    if (worst := float(np.abs(phase).min())) < COHERENT:
        expected = "atoms that are where the predictor has them, as their edge is neared"
        hint = "origin=, axes=, the lattice constant, the load, the sign of the Burgers vector"
        raise InputError("atoms", f"{worst:.0%} in step with the lattice", expected, hint)
    steps = np.stack(np.meshgrid(*[[-1, 0, 1]] * n), axis=-1).reshape(-1, n)
    moved = np.zeros((len(steps), 3))
    moved[:, :n] = (np.angle(phase) / (2.0 * np.pi) + steps) @ lattice.basis[:n, :n]
    size = np.round(radius(moved), 9) + 1e-3 * np.abs(moved[:, 2])
    t = moved[np.argmin(size)]
    if np.linalg.norm(t) < SLACK * lattice.neighbour:
        return p
    return np.asarray(p - t @ problem.predictor.F.T)


def matched(problem: Problem, ij: Index, own: Bools, p: Array, times: int) -> Matched:
    """Which sites have an atom, and how far from their predicted places.

    Parameters
    ----------
    ij : (n, dim) sites, among them all neighbours of those that atoms are wanted for, `own` (n,)
    p : (m, 3) positions in the frame of the problem, A; times : periods along z

    Raises InputError: an atom at no site, more than one at one, or not the same along z.
    """
    site, away = _nearest(problem, ij, p)
    mine = own[site]
    index, site, away = np.flatnonzero(mine), site[mine], away[mine]
    most = FARTHEST * problem.crystal.lattice.neighbour
    if (far := np.linalg.norm(away, axis=1) > most).any():
        at = index[far][0]
        expected = f"atoms within {most:.3g} A of a site of the predictor: interstitials have none"
        raise InputError("atoms", f"atom at {p[at].round(3).tolist()}", expected, "a radius=")
    count = np.bincount(site, minlength=len(ij))
    if (count > times).any():
        at = int(np.argmax(count))
        given = f"{count[at]} atoms at {problem.position(ij[at : at + 1])[0].round(3).tolist()}"
        raise InputError("atoms", given, f"{times} at a site: interstitials have none")
    if ((count > 0) & (count < times)).any():
        given = f"{int(count[(count > 0) & (count < times)][0])} of {times} atoms of a column"
        raise InputError("atoms", given, "whole columns: nothing ends along z")
    v = np.zeros((len(ij), 3))
    np.add.at(v, site, away / times)
    if (unlike := float(np.abs(away - v[site]).max(initial=0.0))) > ALIKE:
        raise InputError("atoms", f"{unlike:.3g} A apart along z", f"the same to {ALIKE} A")
    found = np.flatnonzero(own & (count > 0))
    return Matched(found, v[found], np.flatnonzero(own & (count == 0)))


def _nearest(problem: Problem, ij: Index, p: Array) -> tuple[Index, Array]:
    """The site (m,) that each position p (m, 3) is nearest to, and how far from it, (m, 3), A."""
    from scipy.spatial import cKDTree

    lattice = problem.crystal.lattice
    x, side = problem.position(ij), np.zeros(len(ij), dtype=np.int8)
    y0, p = x + problem.predictor.displacement(x, side), p.copy()
    if not np.isfinite(lattice.period):
        p[:, 2] = y0[0, 2]
        near = cKDTree(y0).query(p)[1]
        return near, p - y0[near]
    y0[:, 2], p[:, 2] = (np.mod(z, lattice.period) for z in (y0[:, 2], p[:, 2]))
    up = np.array([0.0, 0.0, lattice.period])
    images = np.concatenate([y0 + k * up for k in (0, 1, -1)])
    near = cKDTree(images).query(p)[1]
    return near % len(y0), p - images[near]


def around(problem: Problem, outer: float) -> tuple[Index, Bools, NDArray[np.float64]]:
    """Lattice points ij (n, dim) within a radius and two neighbours beyond it, A, which of them
    (n,) are within it, and their places x (n, 3), A."""
    wide = Tube(outer + 2.0 * problem.crystal.lattice.neighbour)
    ij = problem.points(problem.domain & wide)
    ij = ij[~problem.is_void(ij)]
    x = problem.position(ij)
    return ij, radius(x) <= outer, x
