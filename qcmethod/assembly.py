"""`couple`: the door from a problem to a coupled system.

It resolves the core and the blending zone, grades the mesh to the extent, weighs sites and cells
(`coupling.weights`), gives crack flanks their surface energy, and freezes the ghost force of
methods that have one at the reference state (`system`).
"""

from __future__ import annotations

from numbers import Real

import numpy as np
from numpy.typing import NDArray

from qcmethod.blend import BLENDINGS
from qcmethod.body import Body, resolve
from qcmethod.coupling.cluster import neighbour_radius
from qcmethod.coupling.methods import Method, find_method
from qcmethod.errors import CouplingError
from qcmethod.grading import GRADING, Elements
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
    grading: float | None = None,
    reference: Array | str = "predictor",
    surface: bool = True,
    metric: Metric = "euclid",
    elements: Elements = "P1",
    cluster: float | None = None,
) -> System:
    """Couple atoms and continuum.

    Parameters
    ----------
    problem : from `crack`, `vacancy`, `microcrack`, `homogeneous`
    method : "atomistic", "local", "qce", "gfc", "bqce", "bgfc", "qnl", "grac", "qcf", "bqcf",
        "cluster" or "cluster-force"
    core : radius of the fully atomistic core about the defect, A (not used by "atomistic")
    blend : width of the blending zone, A (not used by sharp methods)
    blending : "linear", "cubic", "quintic", or the field "min-hessian" (see `qcmethod.blend`)
    grading : exponent of the mesh size beyond the blending zone, up to 3 (default: the optimal
        one of the elements, 3/2 for P1 and 4/3 for P2)
    reference : where the ghost force of gfc and bgfc is frozen: "predictor", a homogeneous
        gradient (3, 3), or a corrector (n_k, 3) of a system with the same mesh
    surface : give the continuum part of a crack flank the potential's surface energy
    metric : shape of the core: "euclid" (disc) or "hops" (hexagon of lattice lines: flat
        interfaces for sharp methods; its corners cost blended ones accuracy, except with the
        field "min-hessian") or "strip" (a band of rows along A1 across the whole domain: plane
        interfaces, not for a crack)
    cluster : radius of the clusters of "cluster" and "cluster-force" about the nodes, A (default:
        a node and its nearest neighbours; 0: nodes alone)
    elements : of the continuum beyond the blending zone, "P1" or "P2" (see `mesh.bubbles`)

    Raises
    ------
    CouplingError : unknown method, blending, metric, elements or reference, core and blend that do
        not fit the extent or the cut-off, P2 elements without a continuum.
    """
    if not isinstance(problem, Problem):
        raise CouplingError("problem", problem, "a Problem", "qcmethod.crack(crystal, ...)")
    row = find_method(method)
    if metric not in ("euclid", "hops", "strip"):
        raise CouplingError("metric", metric, "'euclid', 'hops' or 'strip'")
    if metric == "strip" and problem.flank:
        raise CouplingError("metric", metric, "'euclid' or 'hops' for a crack", "metric='hops'")
    if blending not in BLENDINGS:
        raise CouplingError("blending", blending, f"one of {sorted(BLENDINGS)}")
    if elements not in tuple(GRADING):
        raise CouplingError("elements", elements, f"one of {sorted(GRADING)}")
    if elements == "P2" and row.beta in ("zero", "cluster"):
        raise CouplingError("elements", elements, "a method with a continuum", "elements='P1'")
    if grading is None:
        grading = GRADING[elements]
    if not (isinstance(grading, Real) and 0.0 < float(grading) <= 3.0):
        raise CouplingError("grading", grading, "an exponent above 0, up to 3", "1.5")
    frozen_at = _reference(reference)
    problem = problem.with_metric(metric)
    core_A, blend_A = _checked(problem, row, core, blend)
    cluster_A = _cluster(problem, row, core_A, cluster)
    film = surface and problem.flank and row.beta != "zero"
    layers = surface_energy(problem.crystal) if film else None
    if row.beta != "zero":
        _require_few(problem, "grading", grading, _graded_nodes(problem, core_A + blend_A, grading))
    body = _mesh_of(problem, row, core_A, blend_A, layers, grading, elements, cluster_A)
    system = System(body, row, core_A, blend_A, blending, layers, np.zeros((body.n_nodes, 3)))
    if row.reconstruct:
        _ = system.energy_model  # refuses an interface that it cannot serve
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
    centres = problem.centres[:, 1:] if problem.metric == "strip" else problem.centres
    row_end = float(np.linalg.norm(centres, axis=1).max())
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


def _cluster(problem: Problem, row: Method, core: float, given: float | None) -> float | None:
    """Radius of the clusters, A; None for the methods without (CouplingError)."""
    if row.beta != "cluster":
        if given is not None:
            raise CouplingError("cluster", given, f"None: {row.name} has no clusters")
        return None
    if problem.flank:
        expected = "a problem without a crack: clusters at a flank count its atoms as if in bulk"
        raise CouplingError("method", row.name, expected, "bgfc or bqcf")
    if given is None:
        return neighbour_radius(problem.crystal.lattice.plane_basis)
    if not (isinstance(given, Real) and 0.0 <= float(given) <= core):
        raise CouplingError("cluster", given, f"a radius in A between 0 and the core, {core:.4g}")
    return float(given)


def _require_few(problem: Problem, name: str, given: object, n: float) -> None:
    """No more than MAX_NODES nodes, said before an hour of meshing (CouplingError)."""
    if problem.crystal.lattice.dim == 2 and n > MAX_NODES:
        expected = f"at most {MAX_NODES:.0e} nodes; this needs about {n:.1e}"
        hint = "a smaller core, a larger grading, or a coupled method instead of atomistic"
        raise CouplingError(name, given, expected, hint)


def _sites_within(problem: Problem, radius: float) -> float:
    """Lattice sites in a disc or a strip, about."""
    cell = abs(float(np.linalg.det(problem.crystal.lattice.plane_basis)))
    if problem.metric == "strip":
        return float(4.0 * radius * problem.extent / cell)
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
    elements: Elements,
    cluster: float | None,
) -> Body:
    """Mesh a problem for a method."""
    relaxation = None if surface is None else Relaxation(surface.relaxation, core)
    # one lattice step more: all unit cells around a node with beta < 1 are whole
    step = float(np.linalg.norm(problem.crystal.lattice.plane_basis, axis=1).max())
    reach = site_reach(problem, row, core, blend)
    return resolve(problem, core + blend + step, reach, grading, relaxation, elements, cluster)
