"""The coupling of a system on perfect crystal, whose forces are its ghost forces (patch test)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from qcmethod.base.types import Array
from qcmethod.coupling.field import site_reach
from qcmethod.coupling.ghost import frozen
from qcmethod.discretisation.resolve import healed
from qcmethod.errors import InvertedCellError, OffTableError, UnstableCrystalError

if TYPE_CHECKING:
    from qcmethod.coupling.system import System

PROBES = (((0.0, 0.0), (0.0, 0.0)), ((0.02, 0.0), (0.0, 0.0)), ((0.0, 0.02), (0.0, 0.0)))
"""Displacement gradients at which every system is tested: none, a stretch along x, a shear."""


def pristine(system: System, F: Array) -> System:
    """The same coupling on perfect crystal at the gradient F; the reference of g stays."""
    problem = system.problem.pristine(system.problem.predictor.F)
    reach = site_reach(problem, system.method, system.core, system.blend)
    body = healed(problem, system.body, reach)
    at_reference = frozen(replace(system, body=body, g=np.zeros((body.n_nodes, 3))), None)
    return at_reference.at_gradient(F)


def at_gradient(system: System, F: Array) -> System:
    """A pristine system with another homogeneous predictor (mesh, beta and g are kept)."""
    problem = system.problem.pristine(F)
    F = problem.predictor.F
    body = replace(
        system.body,
        problem=problem,
        F0_q=np.broadcast_to(F, system.body.F0_q.shape).copy(),
        y0_l=system.body.x_l @ F.T,
    )
    return replace(system, body=body)


def patch_number(system: System) -> float:
    """Largest ghost force, eV/A, undeformed and, where the crystal bears it, at the PROBES."""
    F_ref, n = system.problem.predictor.F, system.problem.crystal.lattice.n_components
    patch, worst = system.pristine(F_ref), 0.0
    for probe in PROBES:
        G = np.eye(3)
        G[: min(n, 2), : min(n, 2)] += np.array(probe)[: min(n, 2), : min(n, 2)]
        try:
            at_F = patch.at_gradient(G @ F_ref)
            f = np.where(at_F.free, at_F.model.at(at_F.zero).forces, 0.0)
        except (UnstableCrystalError, OffTableError, InvertedCellError):
            continue
        worst = max(worst, float(np.linalg.norm(f, axis=1).max()))
    return worst
