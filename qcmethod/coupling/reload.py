"""The same system at another load: mesh, sites, beta and weights stay, the predictor is replaced.

    y = y0(K + dK) + u,     F = grad y0(K + dK) + grad u

so the corrector u of the last load is the first guess of the next, u_K(K + dK) - u_K(K) further on.
The ghost force of a method that has one is frozen anew.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from qcmethod.coupling.system import System, frozen, site_reach
from qcmethod.discretisation.resolve import Body, reloaded
from qcmethod.problems.load import at_load
from qcmethod.problems.problem import Problem


def body_at(system: System, **loads: float) -> Body:
    """The body of a problem at another load: KI, KII, KIII (MPa sqrt(m)), shear (MPa), ...

    Raises InputError for a load that the problem does not have or refuses.
    """
    return _body_of(system, at_load(system.problem, **loads))


def reload(system: System, reference: NDArray[np.float64] | None = None, **loads: float) -> System:
    """The system of a problem at another load: KI, KII, KIII (MPa sqrt(m)), shear (MPa), ...

    `reference` is where the ghost force is frozen, as in `couple`; None: at the new predictor.
    Raises InputError for a load that the problem does not have or refuses.
    """
    return repredicted(system, at_load(system.problem, **loads), reference)


def repredicted(
    system: System, problem: Problem, reference: NDArray[np.float64] | None = None
) -> System:
    """The system on its mesh, of a problem that differs by the predictor only; see `reload`."""
    new = replace(system, body=_body_of(system, problem), g=np.zeros_like(system.g))
    # neither depends on the load: a linear program and an assembly that need not be done again
    new.__dict__["weights"] = system.weights
    new.__dict__["elastic_stiffness"] = system.elastic_stiffness
    return frozen(new, reference)


def _body_of(system: System, problem: Problem) -> Body:
    if problem.predictor is system.problem.predictor:  # an indenter moves, nothing else
        return replace(system.body, problem=problem)
    reach = site_reach(problem, system.method, system.core, system.blend)
    return reloaded(problem, system.body, reach, system.relaxation)
