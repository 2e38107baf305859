"""`couple`: the door from a problem to a coupled system.

It resolves the core and the blending zone, grades the mesh to the extent, weighs sites and cells
(`coupling.weights`), gives free surfaces their energy, and freezes the ghost force of
methods that have one at the reference state (`ghost`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Unpack

from qcmethod.base.door import door
from qcmethod.base.told import remembered
from qcmethod.coupling.choice import AnyMethod, Chosen, Coupling, Words
from qcmethod.coupling.field import site_reach
from qcmethod.coupling.ghost import frozen
from qcmethod.coupling.system import System
from qcmethod.crystal.stretched_surface import SurfaceEnergy
from qcmethod.crystal.surface import surface_energy
from qcmethod.discretisation.body import Body
from qcmethod.discretisation.resolve import resolve
from qcmethod.problems.problem import Problem
from qcmethod.problems.surface_layers import Relaxation


@door
@remembered("coupling")
def couple(
    problem: Problem,
    method: AnyMethod = "bgfc",
    core: float | None = None,
    blend: float | None = None,
    **choice: Unpack[Words],
) -> System:
    """Couple atoms and continuum.

    Parameters
    ----------
    problem : from `crack`, `dislocation`, `indentation`, `vacancy`, `microcrack`, `homogeneous`
    method : "atomistic", "local", "qce", "gfc", "bqce", "bgfc", "qnl", "grac", "qcf", "bqcf",
        "cluster" or "cluster-force"; or all choices in one value, a `Coupling`
    core : radius of the fully atomistic core about the defect, A (not used by "atomistic")
    blend : width of the blending zone, A (not used by sharp methods)
    blending : "linear", "cubic", "quintic" (default), or the field "min-hessian" (see
        `coupling.blend`)
    grading : exponent of the mesh size beyond the blending zone, up to 3 (default: the optimal
        one of the elements, 3/2 for P1 and 4/3 for P2)
    reference : where the ghost force of gfc and bgfc is frozen: "predictor" (default), a
        homogeneous gradient (3, 3), or a corrector (n_k, 3) of a system with the same mesh
    surface : give the continuum part of a free surface the potential's surface energy (default)
    metric : shape of the core: "euclid" (disc, default) or "hops" (hexagon of lattice lines: flat
        interfaces for sharp methods; its corners cost blended ones accuracy, except with the
        field "min-hessian") or "strip" (a band of rows along A1 across the whole domain: plane
        interfaces, not for a crack); of all atoms it says nothing
    cluster : radius of the clusters of "cluster" and "cluster-force" about the nodes, A (default:
        a node and its neighbours on the shortest lattice lines; 0: nodes alone)
    elements : of the continuum beyond the blending zone, "P1" (default) or "P2" (see
        `mesh.bubbles`)
    edge_ratio : of a crack: the longest edge of a cell over its distance from the tip, in place of
        the grading (see `discretisation.grading`); 0.3 is fine
    round_rim : draw the nodes at the clamped rim to a circle (see `mesh.round_rim`), so that coarse
        cells do not enlarge the domain (default: False)
    lattice_reach : of a crack: distance from the tip, A, within which the continuum of bgfc, gfc,
        bqcf or qcf carries the force of the lattice on the closed-form predictor, which it misses
        where gradients are steep (see `coupling.lattice_force`); a few times the core (default: 0)
    solver : what factorises the elastic stiffness, the preconditioner of `relax`: "superlu"
        (default) or "pardiso", which `pip install 'qcmethod[pardiso]'` brings; the results agree

    law : energy of the continuum's cells: "cauchy-born", the potential on the deformed lattice (of
        an engine its unit cells); "tabulated", a polynomial fitted to it, where strains are small
        (`crystal.laws.tabulated`); or one of a script (default: that of the potential, "tabulated"
        where an engine computes it)

    Raises
    ------
    CouplingError : unknown method, keyword, blending, metric, elements, reference, solver, law, or
        one that is not installed, core and blend that do not fit the extent or the cut-off, P2
        elements without a continuum, an edge_ratio, round_rim or lattice_reach that the problem
        or the method does not take, clusters whose weights are not positive.
    """
    chosen = Coupling.of(method, core, blend, choice).checked(problem)
    layers = _layers(chosen)
    system = System.of(_body(chosen, layers), chosen.partition, layers, chosen.lattice_reach)
    system = replace(system, solver=chosen.solver, law=chosen.law)
    if system.method.reconstruct is not None:
        _ = system.energy_model  # refuses an interface that it cannot serve
    return frozen(system, chosen.reference)


def _layers(chosen: Chosen) -> SurfaceEnergy | None:
    """What is known of the free surface of the problem, where the system needs it.

    The predictor of a plane surface is the relaxed one, whatever the method.
    """
    problem = chosen.problem
    film = problem.ends or (problem.cuts and not chosen.partition.method.all_atoms)
    return surface_energy(problem.crystal) if chosen.surface and film else None


def _body(chosen: Chosen, layers: SurfaceEnergy | None) -> Body:
    problem, partition = chosen.problem, chosen.partition
    return resolve(
        problem,
        # one lattice step more: all unit cells around a node with beta < 1 are whole
        partition.outer + problem.crystal.lattice.step,
        site_reach(problem, partition),
        chosen.grading,
        None if layers is None else Relaxation(layers.relaxation, partition.core),
        chosen.elements,
        chosen.cluster,
        chosen.edge_ratio,
        chosen.round_rim,
    )
