"""The words of `couple`, checked before anything is built: each refusal names the nearest.

Lengths are checked in `size_checks`, what refines a mesh in `mesh_checks`.
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.arguments import as_numbers, is_number, nearest
from qcmethod.base.types import Array
from qcmethod.coupling.blend import BLENDINGS, MIN_HESSIAN
from qcmethod.coupling.method import METHODS, Method
from qcmethod.crystal.law import LAWS
from qcmethod.discretisation.grading_in_space import usual_exponent
from qcmethod.errors import CouplingError, InputError
from qcmethod.mesh.element import ELEMENTS, Elements
from qcmethod.problems.problem import METRICS, Metric, Problem


def require_words(
    problem: Problem, method: Method, metric: Metric, blending: str, elements: Elements
) -> None:
    """Known words that fit the problem and the method (CouplingError)."""
    for name, word, known in (
        ("metric", metric, METRICS),
        ("blending", blending, BLENDINGS),
        ("elements", elements, tuple(ELEMENTS)),
    ):
        if not isinstance(word, str) or word not in known:
            raise CouplingError(name, word, f"one of {sorted(known)}", nearest(word, known))
    if problem.crystal.lattice.dim == 3:
        _require_of_space(method, metric, blending)
    if metric == "strip" and problem.cuts:
        expected = "'euclid' or 'hops' at a free surface"
        raise CouplingError("metric", metric, expected, "metric='hops'")
    if problem.external and (not method.core or method.sampled):
        expected = "a method with an atomistic core, for the indenter to press on"
        raise CouplingError("method", method.name, expected, "bgfc or bqcf")
    if ELEMENTS[elements].on_edges and not method.continuum:
        raise CouplingError("elements", elements, "a method with a continuum", "elements='P1'")


def _require_of_space(method: Method, metric: Metric, blending: str) -> None:
    """What is made for lines and planes is refused in space (CouplingError)."""
    if method.sampled or method.reconstruct:
        expected = f"a method of space: {method.name} is one of chains and planes"
        raise CouplingError("method", method.name, expected, "bgfc, bqcf or gfc")
    if metric != "euclid":
        raise CouplingError("metric", metric, "'euclid' in space: cores are balls")
    if blending == MIN_HESSIAN:
        expected = f"one of {sorted(set(BLENDINGS) - {MIN_HESSIAN})} in space"
        raise CouplingError("blending", blending, expected)


def require_served(problem: Problem, method: Method) -> None:
    """A potential that can what the method needs (CouplingError naming the methods it serves)."""
    potential = problem.crystal.potential
    if problem.foreign is not None and (method.reconstruct or method.sampled or not method.core):
        expected = "a method with an atomistic core, without clusters or reconstructed bonds"
        raise CouplingError("method", method.name, f"{expected}: sites have other species", "bqcf")
    if problem.crystal.lattice.dim == 3 and (method.reconstruct or method.sampled):
        expected = "another in space: interfaces are reconstructed, clusters weighed, in a plane"
        raise CouplingError("method", method.name, expected, "bgfc or bqcf")
    missing = method.needs & ~potential.can
    if missing:
        served = [name for name, other in METHODS.items() if not other.needs & ~potential.can]
        words = " and ".join(str(can.name).lower().replace("_", " ") for can in missing)
        expected = f"a method that {potential.name} serves: it does not give {words}"
        raise CouplingError("method", method.name, expected, ", ".join(served))


def checked_law(problem: Problem, law: str | None) -> str:
    """The name of a registered law of cells, by default that of the potential (CouplingError)."""
    potential, lattice = problem.crystal.potential, problem.crystal.lattice
    name = potential.law if law is None else law
    if not isinstance(name, str) or name not in LAWS:
        raise CouplingError("law", law, f"one of {sorted(LAWS)}", nearest(name, LAWS))
    if name == "tabulated" and lattice.n_components != 3:
        raise CouplingError(
            "law", name, f"'cauchy-born': cells of {lattice.structure} cost nothing"
        )
    return name


def exponent(problem: Problem, elements: Elements, grading: float | None) -> float:
    """The grading, by default that of the elements in the problem's dimension (CouplingError)."""
    if grading is None:
        grading = usual_exponent(problem, ELEMENTS[elements])
    if not (is_number(grading) and 0.0 < float(grading) <= 3.0):
        raise CouplingError("grading", grading, "an exponent above 0, up to 3", "1.5")
    return float(grading)


def reference_state(method: Method, reference: Array | str) -> Array | None:
    """None for the predictor, else a finite array (CouplingError)."""
    expected = "'predictor', F (3, 3) or u (n_k, 3)"
    if isinstance(reference, str):
        if reference != "predictor":
            raise CouplingError("reference", reference, expected)
        return None
    if not method.frozen:
        expected = f"'predictor': {method.name} has no ghost force to freeze"
        raise CouplingError("reference", reference, expected, "bgfc or gfc")
    try:
        state = as_numbers("reference", reference, expected)
    except InputError as error:
        raise CouplingError("reference", reference, expected) from error
    if not np.isfinite(state).all():
        raise CouplingError("reference", f"shape {state.shape}, not finite", expected)
    return state
