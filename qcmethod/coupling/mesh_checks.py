"""The choices of `couple` that refine a coupling, checked before anything is built.

They are explained where they act: `discretisation.grading` (edge_ratio), `mesh.round_rim` and
`coupling.lattice_force` (lattice_reach).
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.amounts import require_few
from qcmethod.base.arguments import flag, is_number
from qcmethod.coupling.method import Method
from qcmethod.errors import CouplingError
from qcmethod.lattice.sites import LIMIT
from qcmethod.mesh.element import ELEMENTS, Elements
from qcmethod.problems.problem import Problem


def checked_edge_ratio(
    problem: Problem, elements: Elements, ratio: float | None, grading: float | None
) -> float | None:
    """The edge ratio of a crack's P1 mesh, None for a grading (CouplingError)."""
    if ratio is None:
        return None
    if grading is not None:
        raise CouplingError("grading", grading, "None with an edge_ratio, which takes its place")
    if not problem.jumps or ELEMENTS[elements].on_edges:
        expected = f"None for {problem.name} with {elements} elements"
        raise CouplingError("edge_ratio", ratio, expected, "a crack with P1 elements, or grading=")
    if not (is_number(ratio) and 0.1 <= float(ratio) <= 1.0):
        raise CouplingError("edge_ratio", ratio, "a number from 0.1 to 1", "0.33")
    return float(ratio)


def require_round_rim(
    problem: Problem, method: Method, elements: Elements, round_rim: bool
) -> None:
    """A rim that can be drawn to a circle (CouplingError)."""
    if not flag("round_rim", round_rim, CouplingError):
        return
    plane = problem.crystal.lattice.dim == 2
    if not method.continuum or ELEMENTS[elements].on_edges or not plane:
        expected = "False without a plane continuum of P1 cells"
        raise CouplingError("round_rim", round_rim, expected, "bgfc or bqcf, elements='P1'")
    if problem.metric == "strip" or problem.ends:
        raise CouplingError("round_rim", round_rim, "False for a core that crosses the rim")


def checked_lattice_reach(problem: Problem, method: Method, reach: float) -> float:
    """The reach of the lattice's force on the predictor, A (CouplingError)."""
    if not (is_number(reach) and 0.0 <= float(reach) <= problem.extent):
        expected = f"a distance in A from 0 to the extent, {problem.extent:.4g}"
        raise CouplingError("lattice_reach", reach, expected)
    sites = np.pi * reach * reach / abs(np.linalg.det(problem.crystal.lattice.plane_basis))
    require_few("lattice_reach", reach, float(sites), LIMIT, "sites", refusal=CouplingError)
    corrected = method.frozen or not method.conservative
    if reach and (not corrected or method.sampled):
        expected = f"0: {method.name} has no force-based continuum to correct"
        raise CouplingError("lattice_reach", reach, expected, "bgfc, gfc, bqcf or qcf")
    if reach and not problem.jumps:
        # atoms of a dislocation feel the cut of its field, which the continuum rightly does not
        expected = f"0: the predictor of {problem.name} is not that of a crack"
        raise CouplingError("lattice_reach", reach, expected)
    return float(reach)
