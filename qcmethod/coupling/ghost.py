"""The ghost force of a method, and systems that carry it as a dead load: a frozen correction.

    g = f_force(y*) - f_method(y*) = dE(y*)/du + f_force(y*)

with y* the predictor (default), the homogeneous lattice at a given F (the published choice, Ortner
and Zhang 2016), or any corrector, for instance that of the last load step.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

import numpy as np

from qcmethod.base.types import Array, Bools
from qcmethod.coupling.models import Modelled
from qcmethod.discretisation.resolve import healed_dofs
from qcmethod.errors import CouplingError

Coupled = TypeVar("Coupled", bound=Modelled)


def frozen(system: Coupled, reference: Array | None) -> Coupled:
    """The system with its ghost force at the reference state frozen in."""
    corrected = _corrected(system)
    if not corrected.any():
        return system
    if reference is not None and reference.shape == (3, 3):
        return _at_gradient(system, reference)
    u = system.zero if reference is None else reference
    if u.shape != system.zero.shape:
        raise CouplingError(
            "reference", f"shape {u.shape}", f"'predictor', (3, 3) or {system.zero.shape}"
        )
    return replace(system, g=np.where(corrected[:, None], ghost_force(system, u), 0.0))


def closed(system: Coupled, F: Array) -> Coupled:
    """The coupling of a system on the healed crystal at F, without a frozen force."""
    twin = system.of(system.healed(F), system.partition, system.surface, system.lattice_reach)
    return replace(twin, law=system.law)


def _at_gradient(system: Coupled, F: Array) -> Coupled:
    """The ghost force of the homogeneous lattice, node by node."""
    if system.lattice_reach > 0.0:
        expected = "'predictor' or a corrector: lattice_reach is about the predictor"
        raise CouplingError("reference", F.tolist(), expected)
    twin = closed(system, F)
    g, at = np.zeros_like(system.zero), healed_dofs(system.body, twin.body)
    g[at[at >= 0]] = ghost_force(twin, twin.zero)[at >= 0]
    return replace(system, g=np.where(system.free, g, 0.0))


def _corrected(system: Modelled) -> Bools:
    """(n_k,) nodes whose ghost force is frozen in.

    All for a method with a frozen correction. A reconstruction balances bonds of the bulk: what its
    interface leaves where it meets a free surface, within two cut-offs of it, is frozen in as well.
    """
    body, problem, method = system.body, system.problem, system.method
    if method.frozen or not (method.reconstruct and problem.cuts):
        return np.full(body.n_nodes, method.frozen)
    x, width = body.x_k, 2.0 * problem.crystal.potential.cutoff
    near = [(cut.distance(x) < width) & cut.is_beside(x) for cut in problem.cuts]
    return np.any(near, axis=0)


def ghost_force(system: Modelled, u: Array) -> Array:
    """Ghost force (n_k, 3) of a method at the corrector u, eV/A, zero on what is not free.

    g = f_force(u) - f_method(u): what must be added to the method's forces to make them the blended
    forces with the same beta, which have no ghost force.
    """
    if not system.method.conservative:
        return system.zero
    g = system.force_model.at(u).forces - system.energy_model.at(u).forces
    return np.where(system.free, g, 0.0)
