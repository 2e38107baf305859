"""The ghost force of a method, and systems that carry it as a dead load: a frozen correction.

    g = f_force(y*) - f_method(y*) = dE(y*)/du + f_force(y*)

with y* the predictor (default), the homogeneous lattice at a given F (the published choice, Ortner
and Zhang 2016), or any corrector, for instance that of the last load step.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qcmethod.base.types import Array
from qcmethod.coupling.field import site_reach
from qcmethod.discretisation.resolve import healed, healed_dofs
from qcmethod.errors import CouplingError

if TYPE_CHECKING:
    from qcmethod.coupling.system import System


def frozen(system: System, reference: Array | None) -> System:
    """The system with its ghost force at the reference state frozen in."""
    corrected = _corrected(system)
    if not corrected.any():
        return system
    if reference is not None and reference.shape == (3, 3):
        if system.lattice_reach > 0.0:
            expected = "'predictor' or a corrector: lattice_reach is about the predictor"
            raise CouplingError("reference", reference.tolist(), expected)
        problem = system.problem.pristine(reference)
        reach = site_reach(problem, system.method, system.core, system.blend)
        body = healed(problem, system.body, reach)
        twin = replace(system, body=body, g=np.zeros((body.n_nodes, 3)))
        g, at = np.zeros_like(system.zero), healed_dofs(system.body, body)
        g[at[at >= 0]] = ghost_force(twin, twin.zero)[at >= 0]
        return replace(system, g=np.where(system.free, g, 0.0))
    u = system.zero if reference is None else reference
    if u.shape != system.zero.shape:
        raise CouplingError(
            "reference", f"shape {u.shape}", f"'predictor', (3, 3) or {system.zero.shape}"
        )
    return replace(system, g=np.where(corrected[:, None], ghost_force(system, u), 0.0))


def _corrected(system: System) -> NDArray[np.bool_]:
    """(n_k,) nodes whose ghost force is frozen in.

    All for a method with a frozen correction. A reconstruction balances bonds of the bulk: what its
    interface leaves where it meets a free surface, within two cut-offs of it, is frozen in as well.
    """
    body, problem = system.body, system.problem
    if system.method.frozen or not (system.method.reconstruct and problem.flank):
        return np.full(body.n_nodes, system.method.frozen)
    x = body.x_k
    near = np.abs(x[:, 1]) < 2.0 * problem.crystal.potential.cutoff
    return np.asarray(near & ((x[:, 0] < 0.0) | (problem.flank == "surface")))


def ghost_force(system: System, u: Array) -> Array:
    """Ghost force (n_k, 3) of a method at the corrector u, eV/A, zero on what is not free.

    g = f_force(u) - f_method(u): what must be added to the method's forces to make them the blended
    forces with the same beta, which have no ghost force.
    """
    if system.method.kind == "force":
        return system.zero
    g = system.force_model.at(u).forces - system.energy_model.at(u).forces
    return np.where(system.free, g, 0.0)
