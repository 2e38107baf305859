"""What two discretisations of one problem are compared by: the corrector and an energy.

The corrector of a solution is what it adds to the predictor y0 that the problem itself defines,

    v(x_l) = y_l - y0(x_l) = sum_k N_k(x_l) u_k  (+ the relaxation of a flank's surface layers),

a function on the lattice that does not know of meshes and cores: both solutions are evaluated at
the same lattice points.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qcmethod import mesh as meshing
from qcmethod.base.types import Array
from qcmethod.coupling.system import System
from qcmethod.problems.identity import identity


def corrector_at(
    system: System, u: Array, ij: NDArray[np.int64], lower: NDArray[np.bool_]
) -> Array:
    """The corrector v (n, 3) of a state u (n_k, 3) at lattice points ij (n, dim), A.

    Zero beyond the mesh of the system; between its extent and the clamped nodes beyond it the cells
    that straddle the rim decide. `lower` (n,) marks points of the lower side of an opened flank.
    """
    problem = system.problem
    x = problem.position(ij)
    on_mesh = meshing.covers(system.body.mesh, ij)
    v = np.zeros((len(ij), 3))
    v[on_mesh] = interpolated(system, u, ij[on_mesh], lower[on_mesh])
    inside = problem.domain.contains(x)
    if system.relaxation is not None:
        v += np.where(inside[:, None], system.relaxation.displacement(problem, ij, x), 0.0)
    return v


def description(system: System, u: Array) -> dict[str, Any]:
    """What a comparison needs of a solution, without its mesh and its system.

    `problem` (identity), `method`, `core`, `blend`, `extent`, `rim` (A), `repatoms`, `energy`
    (comparable, None if there is none), and on the nodes of the mesh `ij` (n_k, dim), `lower`
    (n_k,), `cells` (n_c, v), `finest` (n_c,) and the corrector `v` (n_k, 3), A.
    """
    problem, mesh = system.problem, system.body.mesh
    lower = mesh.lower_of >= 0
    return {
        "problem": identity(problem),
        "method": system.method.name,
        "core": float(system.core),
        "blend": float(system.blend),
        "extent": float(problem.extent),
        "rim": float(problem.rim),
        "repatoms": system.n_repatoms,
        "energy": comparable_energy(system, u),
        "ij": mesh.ij,
        "lower": lower,
        "cells": meshing.canonical(mesh),
        "finest": mesh.is_finest,
        "v": corrector_at(system, u, mesh.ij, lower),
    }


def as_arrays(described: dict[str, Any]) -> dict[str, Any]:
    """A description as named arrays for `numpy.savez`; no energy is nan."""
    values = {**described, "energy": np.nan if described["energy"] is None else described["energy"]}
    return {f"reference_{name}": np.asarray(value) for name, value in values.items()}


def comparable_energy(system: System, u: Array) -> float | None:
    """An energy that methods on different meshes should agree on, eV per period.

    The excess energy where the predictor is homogeneous. Where it is singular, cells beyond the
    extent hold energy of the predictor that depends on the mesh, so the energy of relaxation
    E(u) - E(0). None for force methods, which have no energy, and for cracks: the flank of a
    coupled system carries a surface energy already at u = 0, that of an atomistic one relaxes.
    """
    if not system.method.conservative or system.problem.cuts:
        return None
    energy = system.model.at(u).energy
    return None if energy is None else over_predictor(system, energy)


def over_predictor(system: System, energy: float) -> float:
    """An excess energy, eV; where the predictor is singular, over that of the predictor itself.

    Cells beyond the extent hold energy of a singular predictor that depends on the mesh alone.
    """
    if system.problem.predictor.singular is None:
        return energy
    return energy - system.predictor_energy


def interpolated(
    system: System, u: Array, ij: NDArray[np.int64], lower: NDArray[np.bool_] | None = None
) -> Array:
    """sum_k N_k(x_l) u_k (n, 3), A, at lattice points ij (n, dim) of the mesh; see `corrector_at`.

    Without the relaxation of layers.
    """
    body = system.body
    side = lower if body.mesh.is_split else None
    if body.round_rim:  # P1 alone; the nodes there are not at their sites
        cell, weight = body.located(ij, side)
        found: Array = np.einsum("nv,nvi->ni", weight, u[meshing.canonical(body.mesh)[cell]])
        return found
    values: Array = meshing.interpolation(body.mesh, ij, side, bubbles=body.bubbles) @ u
    return values
