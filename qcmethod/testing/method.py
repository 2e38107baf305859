"""Is it a coupling method: does it hold on a vacancy, and is it what it says of itself?

    forces       f . v = -dE/dv, and  K v = -df/dv, at a state without symmetry
    kind         K = K^T where it is conservative
    sites        sum w + sum omega = the sites of the domain, less the missing one
    passes       its ghost forces at ten strained gradients are none, or none at the reference, and
                 the test could have found some
    rotation     at R F the forces are R f

Where a method cannot serve the problem, `couple` refuses it: its CouplingError goes through.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from qcmethod.base.door import door
from qcmethod.base.registry import Name
from qcmethod.errors import InputError
from qcmethod.testing.sweep import require, rotation

if TYPE_CHECKING:
    from qcmethod.coupling.method import Method
    from qcmethod.coupling.system import System
    from qcmethod.problems.problem import Problem
    from qcmethod.testing.patch import At

SYMMETRIC, TURNED = 1e-12, 1e-9


@door
def check_method(
    method: Method | str,
    problem: Problem | None = None,
    *,
    core: float | None = None,
    blend: float | None = None,
    **words: Any,
) -> dict[str, float]:
    """Check a coupling method.

    Parameters
    ----------
    method : a registered one, or its name
    problem : in a homogeneous gradient without symmetry, small (default: a vacancy in a strained
        plane crystal)
    core, blend : A (default: three cut-offs and one)
    words : further ones of `couple`, e.g. metric="strip" for a method of plane interfaces

    Returns the errors by name. Raises AssertionError with the first that is too large, and
    InputError for what is no registered method or no problem.
    """
    from qcmethod.coupling.choice import require_known
    from qcmethod.coupling.couple import couple
    from qcmethod.coupling.method import METHODS, Method, find_method
    from qcmethod.problems.example import EXAMPLES
    from qcmethod.testing import coupled

    found = find_method(method) if isinstance(method, str) else method
    if not isinstance(found, Method) or METHODS.get(found.name) is not found:
        hint = "qcmethod.coupling.method.register(...)"
        raise InputError("method", found, "a registered method, or its name", hint)
    name = found.name
    one = EXAMPLES["vacancy"]() if problem is None else problem
    require_known(words, "check_method", ("method", "problem", "core", "blend"))
    words |= coupled.lengths(one, core, blend)
    system = coupled.check(one, coupled.at_another_load(one), name, words)
    errors = {}
    if system.method.conservative:
        errors["K = K^T"] = require("K = K^T", _asymmetry(system), SYMMETRIC, name)
    errors["ghost force"] = _ghost(system)
    lattice = one.crystal.lattice
    R = rotation(np.random.default_rng(7), 3 if lattice.is_space else min(lattice.dim, 2))
    turned = couple(_turned(one, R), Name(name), **words)
    errors["R f"] = require("R f at R F", _difference(system, turned, R), TURNED, name)
    return errors


def _asymmetry(system: System) -> float:
    """|a . K b - b . K a| over |a||K b| for random fields a, b."""
    from qcmethod.testing.coupled import random_field

    rng, u = np.random.default_rng(3), random_field(system, 1)
    K = system.model.stiffness(system.model.at(0.01 * u))
    a, b = (np.where(system.free, rng.normal(size=u.shape), 0.0).ravel() for _ in range(2))
    Ka, Kb = K.matvec(a), K.matvec(b)
    return float(abs(a @ Kb - b @ Ka) / (np.linalg.norm(a) * np.linalg.norm(Kb)))


def _ghost(system: System) -> float:
    """The worst ghost force, eV/A, where the method claims none (AssertionError otherwise)."""
    from qcmethod.analysis.patch import patch_test
    from qcmethod.testing.patch import assert_patch_test

    method = system.method
    if method.passes == "no" or not method.coupled:  # without an interface there is nothing to find
        return patch_test(system).worst
    at: At = "every gradient" if method.passes == "every gradient" else "reference"
    report = assert_patch_test(system, at=at)
    return report.worst if at == "every gradient" else float(report.at_reference or 0.0)


def _turned(problem: Problem, R: np.ndarray) -> Problem:
    """The problem at R F, undeformed places and all."""
    predictor = replace(problem.predictor, F=R @ problem.predictor.F)
    return replace(problem, predictor=predictor)


def _difference(system: System, turned: System, R: np.ndarray) -> float:
    """Largest difference of forces, eV/A, at the correctors u and R u."""
    from qcmethod.testing.coupled import random_field

    u = 0.01 * random_field(system, 5)
    forces, other = system.model.at(u).forces, turned.model.at(u @ R.T).forces
    return float(np.abs(other - forces @ R.T).max())
