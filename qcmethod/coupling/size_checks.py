"""The lengths of `couple`, checked before anything is built: do they fit the cut-off, the extent?

A mesh of more nodes than MAX_NODES is refused as well. They are estimated from the grading: the
integral of their density 2 pi r/h(r)^2 (of a chain 2/h) from the resolved zone to the extent.
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.amounts import require_few
from qcmethod.base.arguments import is_number, number
from qcmethod.base.types import Index
from qcmethod.coupling.cluster import cluster_steps
from qcmethod.coupling.field import padding_of
from qcmethod.coupling.method import Method
from qcmethod.errors import CouplingError
from qcmethod.problems.problem import Problem

MAX_NODES = 1_000_000
"""More nodes than this are a mistake in the core, the grading or the method."""
MIN_BLEND = 1e-3
"""A narrower blending zone, A, holds no site: it is a sharp interface."""


def core_and_blend(
    problem: Problem, method: Method, core: float | None, blend: float | None
) -> tuple[float, float]:
    """Core and blend as numbers that fit the cut-off and the extent (CouplingError)."""
    cutoff, padding = problem.crystal.potential.cutoff, padding_of(problem.crystal.potential)
    if method.all_atoms:
        require_few_nodes("extent", problem.extent, _sites_within(problem, problem.extent))
        return problem.extent, 0.0
    core_A = _length(
        "core", cutoff if core is None and not method.core else core, f"at least {cutoff:.4g}"
    )
    if core_A < cutoff:
        raise CouplingError("core", core, f"at least the cut-off, {cutoff:.4f} A")
    hint = f"blend={2.0 * cutoff:.1f}, or a sharp method: qce, gfc, qcf"
    blend_A = _length("blend", blend, hint) if method.blended else 0.0
    if 0.0 < blend_A < MIN_BLEND:
        raise CouplingError("blend", blend, f"a width of {MIN_BLEND:g} A or more", hint)
    outer = (core_A + blend_A) * problem.stretch + padding * cutoff
    centres = problem.centres[:, 1:] if problem.metric == "strip" else problem.centres
    row_end = float(np.linalg.norm(centres, axis=1).max())
    available = min(problem.extent, problem.extent - problem.rim + padding * cutoff) - row_end
    if not outer <= available:
        raise CouplingError(
            "core, blend",
            (core, blend),
            f"core + blend + {padding} cut-offs = {outer:.1f} A within {available:.1f} A (extent "
            f"{problem.extent:.1f} A, clamped rim {problem.rim:.1f} A)",
            "a larger extent, or method='atomistic'",
        )
    n_resolved = _sites_within(problem, core_A + blend_A)
    require_few_nodes("core, blend", (core, blend), n_resolved)
    return core_A, blend_A


def checked_cluster(
    problem: Problem, method: Method, core: float, given: float | None
) -> Index | None:
    """Steps (m, dim) from a node to its cluster; None for the methods without (CouplingError)."""
    if not method.sampled:
        if given is not None:
            raise CouplingError("cluster", given, f"None: {method.name} has no clusters")
        return None
    if problem.cuts:
        expected = "a problem without a crack: clusters at a flank count its atoms as if in bulk"
        raise CouplingError("method", method.name, expected, "bgfc or bqcf")
    if given is not None and not (is_number(given) and 0.0 <= float(given) <= core):
        raise CouplingError("cluster", given, f"a radius in A between 0 and the core, {core:.4g}")
    basis = problem.crystal.lattice.plane_basis
    return cluster_steps(basis, None if given is None else float(given))


def require_few_nodes(name: str, given: object, n: float) -> None:
    """No more than MAX_NODES nodes, said before an hour of meshing (CouplingError)."""
    hint = "a smaller core, a larger grading, or a coupled method instead of atomistic"
    require_few(name, given, n, MAX_NODES, "nodes", hint, CouplingError)


def _row_length(problem: Problem) -> float:
    """How far the row, or the zone, from which distances are measured stretches, A."""
    return float(np.linalg.norm(np.ptp(problem.centres, axis=0)))


def _sites_within(problem: Problem, radius: float) -> float:
    """Sites of the domain near its row, or in a strip (of a chain: an interval), about."""
    cell = abs(float(np.linalg.det(problem.crystal.lattice.plane_basis)))
    length, extent = _row_length(problem), problem.extent
    if problem.crystal.lattice.dim == 3:
        ball = (4.0 / 3.0 * radius + length) * np.pi * radius**2
        return float(min(ball, 4.0 / 3.0 * np.pi * extent**3) / cell)
    if problem.crystal.lattice.dim == 1:
        return min(2.0 * radius + length, 2.0 * extent) / cell
    if problem.metric == "strip":
        return float(4.0 * radius * problem.extent / cell)
    return float(min((np.pi * radius + 2.0 * length) * radius, np.pi * extent * extent) / cell)


def graded_nodes(problem: Problem, resolved: float, grading: float) -> float:
    """Nodes beyond the resolved zone, about: the integral of 2 pi r/h^2, of a chain of 2/h, in
    space of 4 pi r^2/h^3."""
    r = np.geomspace(resolved, max(problem.extent, 1.01 * resolved), 400)
    with np.errstate(over="ignore"):  # then the other is the lesser
        h = np.minimum((r / resolved) ** grading, 1.0 + 0.05 * (r - resolved))
    dim = problem.crystal.lattice.dim
    density = {1: 2.0 / h, 2: 2.0 * np.pi * (r / h) / h, 3: 4.0 * np.pi * (r / h) ** 2 / h}[dim]
    sites = np.trapezoid(density, r)
    return float(sites) / abs(float(np.linalg.det(problem.crystal.lattice.plane_basis)))


def _length(name: str, value: float | None, hint: str) -> float:
    """A positive, finite length in A (CouplingError)."""
    expected = "a positive length in A"
    return number(name, value, expected, hint, above=0.0, refusal=CouplingError)
