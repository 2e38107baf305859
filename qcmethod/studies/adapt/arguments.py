"""The arguments of `adapt`, checked before anything is computed."""

from __future__ import annotations

from qcmethod.base.arguments import flag, nearest, number, whole_number
from qcmethod.base.ramps import SHAPES
from qcmethod.coupling.checks import require_served
from qcmethod.coupling.choice import Coupling
from qcmethod.coupling.method import find_method
from qcmethod.crystal.surface import surface_energy
from qcmethod.errors import CouplingError, InputError
from qcmethod.problems.problem import Problem
from qcmethod.studies.adapt.discretise import Choice
from qcmethod.studies.adapt.indicator import INDICATORS, RESIDUAL

GOALS = ("energy norm", "displacement", "energy")
FLOOR = 1e-4
"""Smallest tolerance in any goal's unit: below it the kinks of splines and the linear estimate
decide, not the mesh."""


def choice_of(
    problem: Problem, method: str | Coupling, pad: float | None, blend: float | None, blending: str
) -> Choice:
    """Method, pad, blend and blending with their defaults (CouplingError, InputError).

    A `Coupling` may say all four; a mesh, a metric or a reference is not for it to choose.
    """
    if isinstance(method, Coupling):
        own = {name: value for name, value in method.words.items() if name != "blending"}
        if own:
            expected = "a Coupling of a method, its core, blend and blending: adapt makes the mesh"
            raise CouplingError("method", sorted(own), expected)
        pad, blend = method.core if pad is None else pad, method.blend if blend is None else blend
        return choice_of(problem, method.method, pad, blend, method.blending)
    if not isinstance(problem, Problem):
        raise InputError("problem", problem, "a Problem", "qcmethod.crack(crystal, ...)")
    lattice = problem.crystal.lattice
    if lattice.dim == 1 or lattice.repeats:
        expected = "a plane or quasi-2-D problem, or a compact defect in space"
        raise CouplingError("problem", problem.name, expected)
    found = find_method(method)
    require_served(problem, found)
    if not (found.core and found.continuum) or found.reconstruct:
        expected = "a method with a core of any shape: bgfc, bqcf, bqce, gfc, qcf or qce"
        raise CouplingError("method", method, expected)
    if not (isinstance(blending, str) and blending in SHAPES):
        expected = f"one of {sorted(SHAPES)}"
        raise CouplingError("blending", blending, expected, nearest(blending, SHAPES))
    cutoff = problem.crystal.potential.cutoff
    most = problem.extent
    pad = _length("pad", 1.05 * cutoff if pad is None else pad, cutoff, most)
    wide = 1.0 if lattice.is_space else 2.0  # in space a wide blending zone does not pay
    blend = wide * cutoff if blend is None else blend
    width = _length("blend", blend, 0.0, most) if found.blended else 0.0
    layers = surface_energy(problem.crystal) if problem.cuts else None
    return Choice(found, pad, width, blending, layers)


def checked(
    tolerance: float,
    goal: str,
    indicator: str,
    max_repatoms: int,
    max_cycles: int,
    theta: float,
    widen: bool,
) -> None:
    """Refuse by name what cannot be met (InputError)."""
    known = [RESIDUAL, *INDICATORS]
    if not (isinstance(indicator, str) and indicator in known):
        raise InputError("indicator", indicator, f"one of {known}", nearest(indicator, known))
    if not (isinstance(goal, str) and goal in GOALS):
        raise InputError("goal", goal, f"one of {list(GOALS)}", nearest(goal, GOALS))
    expected = f"at least {FLOOR:g}, the floor of what tabulated forces and the estimate allow"
    number("tolerance", tolerance, expected, least=FLOOR)
    whole_number("max_repatoms", max_repatoms, "a number of repatoms, e.g. 20000", least=1)
    whole_number("max_cycles", max_cycles, "a number of cycles, e.g. 40", least=1)
    flag("widen", widen)
    number("theta", theta, "a fraction above 0, up to 1", "0.3", above=0.0, most=1.0)


def _length(name: str, value: float, least: float, most: float) -> float:
    expected = f"a length of at least {least:.4g} A, up to the extent, {most:.4g}"
    return number(name, value, expected, least=least, above=0.0, most=most)
