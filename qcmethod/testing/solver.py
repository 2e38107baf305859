"""Is it a solver: does it answer M x = b on the free directions of a system, and always alike?

    |x - M^-1 b|_M,     <a, M^-1 b> = <b, M^-1 a>     with dense factors of M beside it

A preconditioner of conjugate gradients has to be symmetric; how many digits it has is its own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from qcmethod.base.arguments import number, seed_of
from qcmethod.base.door import door
from qcmethod.errors import InputError
from qcmethod.testing.sweep import require

if TYPE_CHECKING:
    from qcmethod.base.linear import Solver
    from qcmethod.coupling.system import System

MOST = 5000


@door
def check_solver(
    solver: Solver | str, system: System, *, tolerance: float = 1e-4, seed: int = 0
) -> dict[str, float]:
    """Check a solver on the elastic stiffness of a small system.

    Parameters
    ----------
    solver : a registered one, or its name
    system : with at most 5000 free components of displacement
    tolerance : of the answers, relative, in the norm of the stiffness

    Returns the errors by name. Raises AssertionError with the first that is too large, InputError
    for a system that is too large, CouplingError for a solver that is none or not installed.
    """
    from qcmethod.base.linear import usable
    from qcmethod.solve.linear import elastic

    name = usable(solver if isinstance(solver, str) else solver.name)
    if not 0 < system.n_dof <= MOST:
        raise InputError("system", f"{system.n_dof} free components", f"at least 1, at most {MOST}")
    tolerance = number("tolerance", tolerance, "a positive error, e.g. 1e-4", above=0.0)
    linear, on = elastic(replace(system, solver=name)), np.flatnonzero(system.free.ravel())
    M = system.elastic_stiffness[on][:, on].toarray()
    a, b = np.random.default_rng(seed_of(seed)).standard_normal((2, len(on)))
    given = b.copy()
    y, x = linear.solve(a), linear.solve(b)
    exact = np.linalg.solve(M, b)
    size = float(np.sqrt(b @ exact))
    error = float(np.sqrt((x - exact) @ M @ (x - exact))) / size
    crossed = abs(float(a @ x - b @ y)) / (size * float(np.sqrt(a @ np.linalg.solve(M, a))))
    return {
        "answer": require("M x = b", error, tolerance, name),
        "symmetry": require("<a, M^-1 b> = <b, M^-1 a>", crossed, tolerance, name),
        "again": require("the same again", float(np.abs(linear.solve(b) - x).max()), 0.0, name),
        "input": require("b is left as it was", float(np.abs(b - given).max()), 0.0, name),
    }
