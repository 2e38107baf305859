"""Coarsening: atoms that are no longer needed leave the zone, and the mesh opens behind them.

A site must stay where the corrector jumps between nearest neighbours,

    |v_j - v_i| > ELASTIC |R_ij|,      v = S u

which is how slip, an open or healed bond and a vacancy show on top of a predictor: only atoms can
hold them. The mesh is coarsened where the zone went, by undoing bisections.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.spatial import cKDTree

from qcmethod import mesh as meshing
from qcmethod.analysis.strain import REACH
from qcmethod.base.types import Array
from qcmethod.coupling.system import System
from qcmethod.errors import InputError
from qcmethod.lattice.neighbours import half_list
from qcmethod.mesh import Mesh
from qcmethod.problems.problem import Problem
from qcmethod.studies.adapt.discretise import Choice, carried, coarsest, resolved, system_on
from qcmethod.studies.adapt.result import AdaptResult
from qcmethod.studies.adapt.zone import with_zone

ELASTIC = 0.04
"""Strain of a bond by the corrector beyond which it is not elastic."""


def continued(problem: Problem, start: AdaptResult) -> tuple[Problem, Mesh, System, Array]:
    """Problem, mesh, system and corrector from which a run at another load goes on.

    Raises InputError when the result is of another crystal or defect.
    """
    if not isinstance(start, AdaptResult) or start.solution is None:
        raise InputError("start", repr(start), "a result with an equilibrium")
    before = start.solution.system
    same = before.problem.crystal is problem.crystal or (
        before.problem.crystal.potential.name == problem.crystal.potential.name
        and np.array_equal(before.problem.crystal.lattice.basis, problem.crystal.lattice.basis)
    )
    if not same or before.problem.name != problem.name:
        raise InputError("start", before.problem, f"a result of the problem {problem.name}")
    zone = needed(
        before, start.solution.u, problem.watch.zone(problem, start.choice.pad), start.choice
    )
    problem = replace(with_zone(problem, zone), extent=before.problem.extent)
    mesh = coarser(problem, before.problem, start.mesh, start.choice)
    mesh = resolved(problem, mesh, start.choice.resolved(problem))
    system = system_on(problem, mesh, start.choice)
    return problem, mesh, system, carried(before, start.solution.u, system)


def needed(system: System, u: Array, least: Array, choice: Choice) -> Array:
    """Sites of the zone (m, 2 or 3) that must stay, and the first zone `least`, A.

    Of the zone, the nearest site to each one that must stay atomistic: that one stays within `pad`.
    """
    body, zone = system.body, system.problem.centres
    near = system.problem.distance(body.x_l) <= choice.pad
    keep = system.problem.across(body.x_l[near & (largest_jump(system, u) > ELASTIC)])
    if len(keep):
        least = np.concatenate([least, zone[np.unique(cKDTree(zone).query(keep)[1])]])
    return np.unique(np.round(least, 9), axis=0)


def largest_jump(system: System, u: Array) -> Array:
    """Largest |v_j - v_i|/|R_ij| over the nearest neighbours of each listed site, (n_l,)."""
    body, lattice = system.body, system.problem.crystal.lattice
    period, reach = lattice.period, REACH * lattice.neighbour
    bonds = half_list(body.x_l, period, reach, np.ones(len(body.x_l), dtype=bool))
    i, j = bonds.owner, bonds.site
    R = body.x_l[j] - body.x_l[i]
    if np.isfinite(period):
        R[:, 2] += bonds.shift
    v = body.S @ u
    jump = np.linalg.norm(v[j] - v[i], axis=1) / np.maximum(np.linalg.norm(R, axis=1), 1e-12)
    jump[np.linalg.norm(R, axis=1) > reach] = 0.0
    largest = np.zeros(len(body.x_l))
    np.maximum.at(largest, i, jump)
    np.maximum.at(largest, j, jump)
    return largest


def coarser(new: Problem, old: Problem, mesh: Mesh, choice: Choice) -> Mesh:
    """The mesh without the resolution that only the old zone asked for."""
    while True:
        corners = mesh.x[mesh.cells]
        edge = longest_edge(corners)
        centre = corners.mean(axis=1)
        wanted = coarsest(new, choice, centre)
        marked = (wanted > 1.2 * coarsest(old, choice, centre)) & (wanted >= 2.0 * edge)
        smaller = meshing.coarsen(mesh, marked)
        if smaller.n_cells == mesh.n_cells:
            return mesh
        mesh = smaller


def longest_edge(corners: Array) -> Array:
    """(n,) of simplices with corners (n, v, dim), A."""
    v = corners.shape[1]
    edges = [corners[:, a] - corners[:, b] for a in range(v) for b in range(a)]
    return np.asarray(np.max([np.linalg.norm(edge, axis=1) for edge in edges], axis=0))
