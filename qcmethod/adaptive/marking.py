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
from qcmethod.adaptive.discretise import Choice, cells_at, resolved
from qcmethod.adaptive.estimate import Estimate
from qcmethod.adaptive.zone import grown, with_zone
from qcmethod.mesh import Mesh
from qcmethod.problem import Problem
from qcmethod.system import PADDING

Array = NDArray[np.float64]
GROWTH = 1.01
"""The zone takes in what lies within this many lattice steps of a marked site."""

WIDER = 0.1
"""The domain widens when marked clamped nodes hold this fraction of the estimate."""


def doerfler(weight: Array, theta: float) -> NDArray[np.bool_]:
    """Mask (n,) of the largest weights that add up to theta of their sum."""
    order = np.argsort(-weight, kind="stable")
    total = np.cumsum(weight[order])
    mask = np.zeros(len(weight), dtype=bool)
    if len(weight) and total[-1] > 0.0:
        mask[order[: int(np.searchsorted(total, theta * total[-1])) + 1]] = True
    return mask


def improved(
    problem: Problem, mesh: Mesh, choice: Choice, found: Estimate, theta: float, widen: bool
) -> tuple[Problem, Mesh]:
    """The problem (zone, extent) and the mesh of the next cycle."""
    weight = np.abs(found.eta)
    marked = doerfler(weight, theta)
    if widen and weight[marked & (found.kind == 2)].sum() > WIDER * weight.sum():
        problem = replace(problem, extent=2.0 * problem.extent)
    body = found.rich.body
    model = marked & (found.kind == 0)
    if model.any():
        problem = larger_zone(problem, choice, body.x_k[model][:, :2], widen)
    cut = marked & (found.kind == 1)
    ij, lower = body.mesh.ij[cut], body.mesh.lower_of[cut] >= 0
    mesh = meshing.refine(mesh, cells_at(mesh, ij, lower)) if cut.any() else mesh
    return problem, resolved(problem, mesh, choice.resolved(problem))


def larger_zone(problem: Problem, choice: Choice, at: Array, widen: bool) -> Problem:
    """The problem with the sites about the points `at` (n, 2), A, in its zone.

    The domain widens when the zone comes near its rim; where it must not, the zone stops there.
    """
    step = float(np.linalg.norm(problem.crystal.lattice.plane_basis, axis=1).max())
    limit = choice.resolved(problem) + GROWTH * step
    zone = grown(problem, at, GROWTH * step, limit)
    margin = choice.pad + choice.blend + PADDING * problem.crystal.potential.cutoff
    far = float(np.linalg.norm(zone, axis=1).max())
    if widen:
        while far + margin > problem.extent - problem.rim:
            problem = replace(problem, extent=2.0 * problem.extent)
    else:
        room = problem.extent - problem.rim - choice.pad - choice.blend
        kept = np.linalg.norm(zone, axis=1) <= max(room, 0.0)
        zone = np.unique(np.concatenate([problem.centres, zone[kept]]), axis=0)
    return with_zone(problem, zone)
