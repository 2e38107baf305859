"""`couple`: the door from a problem to a coupled system.

It resolves the core and the blending zone, grades the mesh to the extent, weighs sites and cells
(`coupling.weights`), gives crack flanks their surface energy, and freezes the ghost force of
methods that have one at the reference state (`system`).
"""

from __future__ import annotations

from dataclasses import replace
from numbers import Real

import numpy as np
from numpy.typing import NDArray

from qcmethod.blend import SHAPES
from qcmethod.body import Body, resolve
from qcmethod.coupling.methods import Method, find_method
from qcmethod.errors import CouplingError
from qcmethod.problem import Metric, Problem
from qcmethod.surface import Relaxation, SurfaceEnergy, surface_energy
from qcmethod.system import PADDING, System, frozen, site_reach

Array = NDArray[np.float64]
MAX_NODES = 1_000_000
"""More nodes than this are a mistake in the core, the grading or the method."""


def couple(
    problem: Problem,
    method: str,
    core: float | None = None,
    blend: float | None = None,
    *,
    blending: str = "quintic",
    grading: float = 1.5,
    reference: Array | str = "predictor",
    surface: bool = True,
    metric: Metric = "euclid",
) -> System:
    """Couple atoms and continuum.

    Parameters
    ----------
    problem : from `crack`, `vacancy`, `microcrack`, `homogeneous`
    method : "atomistic", "local", "qce", "gfc", "bqce", "bgfc", "qcf" or "bqcf"
    core : radius of the fully atomistic core about the defect, A (not used by "atomistic")
    blend : width of the blending zone, A (not used by sharp methods)
    blending : "linear", "cubic" or "quintic"
    grading : exponent of the mesh size beyond the blending zone, up to 3
    reference : where the ghost force of gfc and bgfc is frozen: "predictor", a homogeneous
        gradient (3, 3), or a corrector (n_k, 3) of a system with the same mesh
    surface : give the continuum part of a crack flank the potential's surface energy
    metric : shape of the core: "euclid" (disc) or "hops" (hexagon of lattice lines: flat
        interfaces for sharp methods; its corners cost blended ones accuracy)

    Raises
    ------
    CouplingError : unknown method, blending, metric or reference, core and blend that do not fit
        the extent or the cut-off.
    """
    if not isinstance(problem, Problem):
        raise CouplingError("problem", problem, "a Problem", "qcmethod.crack(crystal, ...)")
    row = find_method(method)
    if metric not in ("euclid", "hops"):
        raise CouplingError("metric", metric, "'euclid' or 'hops'")
    if blending not in SHAPES:
        raise CouplingError("blending", blending, f"one of {sorted(SHAPES)}")
    if not (isinstance(grading, Real) and 0.0 < float(grading) <= 3.0):
        raise CouplingError("grading", grading, "an exponent above 0, up to 3", "1.5")
    frozen_at = _reference(reference)
    problem = replace(problem, metric=metric)
    core_A, blend_A = _checked(problem, row, core, blend)
    film = surface and problem.flank and row.beta != "zero"
    layers = surface_energy(problem.crystal) if film else None
    if row.beta != "zero":
        _require_few(problem, "grading", grading, _graded_nodes(problem, core_A + blend_A, grading))
    body = _mesh_of(problem, row, core_A, blend_A, layers, grading)
    system = System(body, row, core_A, blend_A, blending, layers, np.zeros((body.n_nodes, 3)))
    return frozen(system, frozen_at)


def _reference(reference: Array | str) -> Array | None:
    """None for the predictor, else an array (CouplingError for another word)."""
    if isinstance(reference, str):
        if reference != "predictor":
            raise CouplingError("reference", reference, "'predictor', F (3, 3) or u (n_k, 3)")
        return None
    return np.asarray(reference, dtype=np.float64)


def _checked(
    problem: Problem, row: Method, core: float | None, blend: float | None
) -> tuple[float, float]:
    """Core and blend as numbers that fit the cut-off and the extent (CouplingError)."""
    cutoff = problem.crystal.potential.cutoff
    if row.beta == "zero":
        _require_few(problem, "extent", problem.extent, _sites_within(problem, problem.extent))
        return problem.extent, 0.0
    core_A = _length(
        "core", cutoff if core is None and row.beta == "one" else core, f"at least {cutoff:.4g}"
    )
    if core_A < cutoff:
        raise CouplingError("core", core, f"at least the cut-off, {cutoff:.4f} A")
    hint = f"blend={2.0 * cutoff:.1f}, or a sharp method: qce, gfc, qcf"
    blend_A = _length("blend", blend, hint) if row.beta == "smooth" else 0.0
    outer = (core_A + blend_A) * problem.stretch + PADDING * cutoff
    row_end = float(np.linalg.norm(problem.row, axis=1).max())
    available = min(problem.extent, problem.extent - problem.rim + PADDING * cutoff) - row_end
    if not outer <= available:
        raise CouplingError(
            "core, blend",
            (core, blend),
            f"core + blend + {PADDING} cut-offs = {outer:.1f} A within {available:.1f} A (extent "
            f"{problem.extent:.1f} A, clamped rim {problem.rim:.1f} A)",
            "a larger extent, or method='atomistic'",
        )
    n_resolved = _sites_within(problem, core_A + blend_A)
    _require_few(problem, "core, blend", (core, blend), n_resolved)
    return core_A, blend_A


def _require_few(problem: Problem, name: str, given: object, n: float) -> None:
    """No more than MAX_NODES nodes, said before an hour of meshing (CouplingError)."""
    if problem.crystal.lattice.dim == 2 and n > MAX_NODES:
        expected = f"at most {MAX_NODES:.0e} nodes; this needs about {n:.1e}"
        hint = "a smaller core, a larger grading, or a coupled method instead of atomistic"
        raise CouplingError(name, given, expected, hint)


def _sites_within(problem: Problem, radius: float) -> float:
    """Lattice sites in a disc, about."""
    cell = abs(float(np.linalg.det(problem.crystal.lattice.plane_basis)))
    return float(np.pi * radius**2 / cell)


def _graded_nodes(problem: Problem, resolved: float, grading: float) -> float:
    """Nodes beyond the resolved zone, about: the integral of 2 pi r/h^2 over sites (see `body`)."""
    r = np.geomspace(resolved, max(problem.extent, 1.01 * resolved), 400)
    h = np.minimum((r / resolved) ** grading, 1.0 + 0.05 * (r - resolved))
    sites = np.trapezoid(2.0 * np.pi * r / h**2, r)
    return float(sites) / abs(float(np.linalg.det(problem.crystal.lattice.plane_basis)))


def _length(name: str, value: float | None, hint: str) -> float:
    """A positive, finite length in A (CouplingError)."""
    if not isinstance(value, Real) or not (np.isfinite(float(value)) and float(value) > 0.0):
        raise CouplingError(name, value, "a positive length in A", hint)
    return float(value)


def _mesh_of(
    problem: Problem,
    row: Method,
    core: float,
    blend: float,
    surface: SurfaceEnergy | None,
    grading: float,
) -> Body:
    """Mesh a problem for a method."""
    relaxation = None if surface is None else Relaxation(surface.relaxation, core)
    # one lattice step more: all unit cells around a node with beta < 1 are whole
    step = float(np.linalg.norm(problem.crystal.lattice.plane_basis, axis=1).max())
    reach = site_reach(problem, row, core, blend)
    return resolve(problem, core + blend + step, reach, grading, relaxation)
