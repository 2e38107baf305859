"""The same system at another load: mesh, sites, beta and weights stay, the predictor is replaced.

    y = y0(K + dK) + u,     F = grad y0(K + dK) + grad u

so the corrector u of the last load is the first guess of the next, u_K(K + dK) - u_K(K) further on.
The ghost force of a method that has one is frozen anew.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from qcmethod.base.types import Array
from qcmethod.coupling.field import site_reach
from qcmethod.coupling.ghost import Coupled, frozen
from qcmethod.coupling.parts import Parts
from qcmethod.discretisation.body import Body
from qcmethod.discretisation.resolve import reloaded
from qcmethod.problems.problem import Problem


def repredicted(system: Coupled, problem: Problem, reference: Array | None = None) -> Coupled:
    """The system on its mesh, of a problem that differs by the predictor only.

    `reference` is where the ghost force is frozen, as in `couple`; None: at the new predictor.
    Weights and elastic stiffness depend on the mesh alone: they are kept.
    """
    body, g = body_of(system, problem), np.zeros_like(system.g)
    return frozen(replace(system, body=body, g=g, known_patch=None), reference)


def body_of(system: Parts, problem: Problem) -> Body:
    """The body of a problem that differs by the predictor, or by what presses on it."""
    if problem.predictor is system.problem.predictor:  # an indenter moves, nothing else
        return replace(system.body, problem=problem)
    reach = site_reach(problem, system.partition)
    return reloaded(problem, system.body, reach, system.relaxation)
