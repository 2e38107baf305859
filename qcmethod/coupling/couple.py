"""`couple`: the door from a problem to a coupled system.

It resolves the core and the blending zone, grades the mesh to the extent, weighs sites and cells
(`coupling.weights`), gives crack flanks their surface energy, and freezes the ghost force of
methods that have one at the reference state (`system`).
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.types import Array
from qcmethod.coupling.checks import (
    cluster_radius,
    core_and_blend,
    exponent,
    graded_nodes,
    reference_state,
    require_few,
    require_words,
)
from qcmethod.coupling.mesh_checks import (
    checked_edge_ratio,
    checked_lattice_reach,
    require_round_rim,
)
from qcmethod.coupling.methods import find_method
from qcmethod.coupling.system import System, frozen, site_reach
from qcmethod.crystal.surface import surface_energy
from qcmethod.discretisation.grading import Elements
from qcmethod.discretisation.resolve import resolve
from qcmethod.errors import CouplingError
from qcmethod.problems.problem import Metric, Problem
from qcmethod.problems.surface_layers import Relaxation


def couple(
    problem: Problem,
    method: str,
    core: float | None = None,
    blend: float | None = None,
    *,
    blending: str = "quintic",
    grading: float | None = None,
    reference: Array | str = "predictor",
    surface: bool = True,
    metric: Metric = "euclid",
    elements: Elements = "P1",
    cluster: float | None = None,
    edge_ratio: float | None = None,
    round_rim: bool = False,
    lattice_reach: float = 0.0,
) -> System:
    """Couple atoms and continuum.

    Parameters
    ----------
    problem : from `crack`, `dislocation`, `indentation`, `vacancy`, `microcrack`, `homogeneous`
    method : "atomistic", "local", "qce", "gfc", "bqce", "bgfc", "qnl", "grac", "qcf", "bqcf",
        "cluster" or "cluster-force"
    core : radius of the fully atomistic core about the defect, A (not used by "atomistic")
    blend : width of the blending zone, A (not used by sharp methods)
    blending : "linear", "cubic", "quintic", or the field "min-hessian" (see `coupling.blend`)
    grading : exponent of the mesh size beyond the blending zone, up to 3 (default: the optimal
        one of the elements, 3/2 for P1 and 4/3 for P2)
    reference : where the ghost force of gfc and bgfc is frozen: "predictor", a homogeneous
        gradient (3, 3), or a corrector (n_k, 3) of a system with the same mesh
    surface : give the continuum part of a free surface the potential's surface energy
    metric : shape of the core: "euclid" (disc) or "hops" (hexagon of lattice lines: flat
        interfaces for sharp methods; its corners cost blended ones accuracy, except with the
        field "min-hessian") or "strip" (a band of rows along A1 across the whole domain: plane
        interfaces, not for a crack)
    cluster : radius of the clusters of "cluster" and "cluster-force" about the nodes, A (default:
        a node and its nearest neighbours; 0: nodes alone)
    elements : of the continuum beyond the blending zone, "P1" or "P2" (see `mesh.bubbles`)
    edge_ratio : of a crack: the longest edge of a cell over its distance from the tip, in place of
        the grading (see `discretisation.grading`); 0.3 is fine
    round_rim : draw the nodes at the clamped rim to a circle (see `mesh.round_rim`), so that coarse
        cells do not enlarge the domain
    lattice_reach : of a crack: distance from the tip, A, within which the continuum of bgfc, gfc,
        bqcf or qcf carries the force of the lattice on the closed-form predictor, which it misses
        where gradients are steep (see `coupling.lattice_force`); a few times the core

    Raises
    ------
    CouplingError : unknown method, blending, metric, elements or reference, core and blend that do
        not fit the extent or the cut-off, P2 elements without a continuum, an edge_ratio, round_rim
        or lattice_reach that the problem or the method does not take.
    """
    if not isinstance(problem, Problem):
        raise CouplingError("problem", problem, "a Problem", "qcmethod.crack(crystal, ...)")
    row = find_method(method)
    require_words(problem, row, metric, blending, elements)
    ratio = checked_edge_ratio(problem, elements, edge_ratio, grading)
    grading = exponent(elements, grading)
    frozen_at = reference_state(reference)
    problem = problem.with_metric(metric)
    core_A, blend_A = core_and_blend(problem, row, core, blend)
    cluster_A = cluster_radius(problem, row, core_A, cluster)
    require_round_rim(problem, row, elements, round_rim)
    reach = checked_lattice_reach(problem, row, lattice_reach)
    # the predictor of a plane surface is the relaxed one, whatever the method
    film = surface and (problem.flank == "surface" or (problem.flank and row.beta != "zero"))
    layers = surface_energy(problem.crystal) if film else None
    if row.beta != "zero" and ratio is None:
        require_few("grading", grading, graded_nodes(problem, core_A + blend_A, grading))
    relaxation = None if layers is None else Relaxation(layers.relaxation, core_A)
    # one lattice step more: all unit cells around a node with beta < 1 are whole
    resolved = core_A + blend_A + problem.crystal.lattice.step
    listed = site_reach(problem, row, core_A, blend_A)
    body = resolve(
        problem, resolved, listed, grading, relaxation, elements, cluster_A, ratio, round_rim
    )
    no_ghost = np.zeros((body.n_nodes, 3))
    system = System(body, row, core_A, blend_A, blending, layers, no_ghost, reach)
    if row.reconstruct:
        _ = system.energy_model  # refuses an interface that it cannot serve
    return frozen(system, frozen_at)
