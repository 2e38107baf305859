"""Marking (Doerfler 1996): the smallest set of nodes that holds a fraction theta of the estimate.

    sum over marked |eta_k|  >=  theta sum |eta_k|

What a marked node asks for depends on its kind: one that is not fully atomistic joins the zone with
its neighbours, a new one cuts the cells around it, a clamped one widens the domain.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from qcmethod import mesh as meshing
from qcmethod.base.types import Array
from qcmethod.coupling.field import padding_of
from qcmethod.mesh import Mesh
from qcmethod.problems.problem import Problem
from qcmethod.studies.adapt.discretise import Choice, cells_at, resolved
from qcmethod.studies.adapt.estimate import Estimate
from qcmethod.studies.adapt.zone import grown, with_zone

GROWTH = 1.01
"""The zone takes in what lies within this many lattice steps of a marked site."""

WIDER = 0.03
"""The domain widens when the truncation holds this fraction of the estimate's square: the outer
shell of a graded mesh costs next to nothing."""

EARLY = {"energy norm": 8.0, "displacement": 2.0, "energy": 8.0}
"""As long as the estimate of a goal is above this many tolerances, a cycle marks EAGER of it and
cuts cells twice: few cycles far from the goal, careful ones near it."""

EAGER = 0.8


def doerfler(weight: Array, theta: float) -> NDArray[np.bool_]:
    """Mask (n,) of the largest weights that add up to theta of their sum."""
    order = np.argsort(-weight, kind="stable")
    total = np.cumsum(weight[order])
    mask = np.zeros(len(weight), dtype=bool)
    if len(weight) and total[-1] > 0.0:
        mask[order[: int(np.searchsorted(total, theta * total[-1])) + 1]] = True
    return mask


def improved(
    problem: Problem,
    mesh: Mesh,
    choice: Choice,
    found: Estimate,
    weight: Array,
    theta: float,
    widen: bool,
    early: bool = False,
) -> tuple[Problem, Mesh]:
    """The problem (zone, extent) and the mesh of the next cycle.

    weight : (n_k,) numbers by which the nodes of the enriched mesh are marked (`indicator`)
    early : the goal is far, see EARLY
    """
    marked = doerfler(np.where(found.kind == 2, 0.0, weight), max(theta, EAGER) if early else theta)
    if widen and found.parts["truncation"] > WIDER * sum(found.parts.values()):
        problem = replace(problem, extent=2.0 * problem.extent)
    body = found.rich.body
    model = marked & (found.kind == 0)
    if model.any():
        problem = larger_zone(problem, choice, problem.across(body.x_k[model]), widen)
    cut = marked & (found.kind == 1)
    ij, lower = body.mesh.ij[cut], body.mesh.lower_of[cut] >= 0
    if cut.any():
        on = cells_at(mesh, ij, lower)
        finer = meshing.refine(mesh, on)
        mesh = meshing.refine(finer, _children(mesh, on, finer)) if early else finer
    return problem, resolved(problem, mesh, choice.resolved(problem))


def _children(mesh: Mesh, on: NDArray[np.bool_], finer: Mesh) -> NDArray[np.bool_]:
    """Cells of a refined mesh that lie in the cells `on` (n_c,) of the old one."""
    parent = np.searchsorted(mesh.first, finer.first, side="right") - 1
    return on[parent] & ~finer.is_finest


def larger_zone(
    problem: Problem, choice: Choice, at: Array, widen: bool, far: bool = False
) -> Problem:
    """The problem with the sites about the points `at` (n, 2 or 3), A, in its zone.

    The domain widens when the zone comes near its rim; where it must not, the zone stops there.
    far : points anywhere count, not only those next to the zone
    """
    step = problem.crystal.lattice.step
    limit = choice.resolved(problem) + GROWTH * step
    if far:
        limit = max(limit, float(problem.euclidean(at).max()) + GROWTH * step)
    zone = grown(problem, at, GROWTH * step, limit)
    potential = problem.crystal.potential
    margin = choice.pad + choice.blend + padding_of(potential) * potential.cutoff
    reach = float(np.linalg.norm(zone, axis=1).max())
    if widen:
        while reach + margin > problem.free.radius:
            problem = replace(problem, extent=2.0 * problem.extent)
    else:
        kept = np.linalg.norm(zone, axis=1) <= _room(problem, choice)
        zone = np.unique(np.concatenate([problem.centres, zone[kept]]), axis=0)
    return with_zone(problem, zone)


def _room(problem: Problem, choice: Choice) -> float:
    """Radius within which sites of the zone leave the clamped rim to the continuum, A."""
    return max(problem.free.radius - choice.pad - choice.blend, 0.0)


def at_rim(problem: Problem, choice: Choice) -> bool:
    """Whether the zone ends where the rim lets it grow no further."""
    step = problem.crystal.lattice.step
    reach = float(np.linalg.norm(problem.centres, axis=1).max())
    return reach + GROWTH * step > _room(problem, choice)
