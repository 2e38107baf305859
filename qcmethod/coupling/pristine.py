"""The coupling of a system on perfect crystal, whose forces are its ghost forces (patch test)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from qcmethod.base.types import Array
from qcmethod.coupling.ghost import Coupled, closed, frozen
from qcmethod.coupling.models import Modelled
from qcmethod.errors import InvertedCellError, OffTableError, UnstableCrystalError

PROBES = (((0.0, 0.0), (0.0, 0.0)), ((0.02, 0.0), (0.0, 0.0)), ((0.0, 0.02), (0.0, 0.0)))
"""Displacement gradients at which every system is tested: none, a stretch along x, a shear."""


def pristine(system: Coupled, F: Array) -> Coupled:
    """The same coupling on perfect crystal at the gradient F; the reference of g stays."""
    return at_gradient(frozen(closed(system, system.problem.predictor.F), None), F)


def at_gradient(system: Coupled, F: Array) -> Coupled:
    """A pristine system with another homogeneous predictor (mesh, beta, weights and g are kept)."""
    problem = system.problem.pristine(F)
    F, body = problem.predictor.F, system.body
    F0 = np.broadcast_to(F, body.F0_q.shape).copy()
    kinematics = replace(body.kinematics, y0=body.x_l @ F.T, F0=F0)
    body = replace(body, problem=problem, kinematics=kinematics)
    return replace(system, body=body, known_patch=None)


def patch_number(system: Modelled) -> float:
    """Largest ghost force, eV/A, undeformed and, where the crystal bears it, at the PROBES."""
    F_ref, n = system.problem.predictor.F, system.problem.crystal.lattice.n_components
    patch, worst = pristine(system, F_ref), 0.0
    for probe in PROBES:
        G = np.eye(3)
        G[: min(n, 2), : min(n, 2)] += np.array(probe)[: min(n, 2), : min(n, 2)]
        try:
            at_F = at_gradient(patch, G @ F_ref)
            f = np.where(at_F.free, at_F.model.at(at_F.zero).forces, 0.0)
        except (UnstableCrystalError, OffTableError, InvertedCellError):
            continue
        worst = max(worst, float(np.linalg.norm(f, axis=1).max()))
    return worst
