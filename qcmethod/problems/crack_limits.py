"""Which stress intensities a crack can be asked for: those that open it and that the crystal bears.

    opening at r:    |u(+) - u(-)| = 2 (2 r/pi)^(1/2) |L^-1 k|       (Ting 1996, ch. 11)

Where the cylinder ends (the core of a coupled one) the K-field must have opened the flanks beyond
the reach of the potential: else nothing holds them apart, and the crack closes. And the crystal
must be stable in the K-field there (strong ellipticity of its Cauchy-Born energy): else the
clamped rim, or the continuum, is asked to hold what no crystal can. Between them `relax` decides;
a crack that is trapped by the lattice below the Griffith load is not refused.
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.types import Array
from qcmethod.crystal.stability import margin
from qcmethod.errors import (
    ClosedCrackError,
    CouplingError,
    InvertedCellError,
    OffTableError,
    OverloadedCrackError,
    QCError,
    UnstableCrystalError,
)
from qcmethod.problems.coupled import Coupled
from qcmethod.problems.crack_tip import flanks_apart, require_open
from qcmethod.problems.griffith import griffith_load
from qcmethod.problems.problem import Problem

DIRECTIONS = 12
"""Points of the circle on which the crystal is asked."""
CLEARLY = 0.3
"""Of the stiffness of the crystal at rest: what a few waves keep needs no closer look."""


def require_loaded(system: Coupled) -> None:
    """Refuse a crack whose load does not open it (ClosedCrackError; CouplingError where a larger
    core helps), or that the crystal cannot bear (OverloadedCrackError)."""
    problem = system.problem
    if not system.method.core:
        return
    resolved = system.method.all_atoms
    radius = problem.free.radius if resolved else system.core + system.blend
    _require_bearable(problem, radius)
    if resolved:
        _require_open_somewhere(problem, radius)
    else:
        try:
            require_open(system)
        except CouplingError as error:
            _require_open_somewhere(problem, problem.free.radius)
            raise error
        if problem.loads["KI"] <= 0.0:  # flanks that slide far enough are not thereby open
            _require_open_somewhere(problem, radius)


def load_of(problem: Problem) -> str:
    """How a crack is loaded, and how to come closer, as the end of a message."""
    ramp = "qcmethod.ramp raises the load in steps and brackets where it fails."
    given = ", ".join(f"{name} = {K:.4g}" for name, K in problem.loads.items() if K)
    try:
        K = griffith_load(problem.crystal, problem.loads["KII"], problem.loads["KIII"])
    except (QCError, ArithmeticError, np.linalg.LinAlgError):
        return f"The load is {given} MPa sqrt(m). {ramp}"
    ratio = f"{problem.loads['KI'] / K:.3g} times in KI" if K > 0.0 else "beside"
    return f"The load is {given} MPa sqrt(m), {ratio} the Griffith load of {K:.4g}. {ramp}"


def advice(problem: Problem) -> str:
    """The Griffith load of a crack, as a part of a message."""
    try:
        K = griffith_load(problem.crystal, problem.loads["KII"], problem.loads["KIII"])
    except QCError:
        return "loads near qcmethod.griffith_load(crystal)"
    others = "" if problem.loads["KII"] == problem.loads["KIII"] == 0.0 else " beside these shears"
    return f"KI near the Griffith load, {K:.4g} MPa sqrt(m){others}"


def _require_open_somewhere(problem: Problem, radius: float) -> None:
    """ClosedCrackError where the flanks are within reach of each other all along."""
    lattice, cutoff = problem.crystal.lattice, problem.crystal.potential.cutoff
    behind = np.array([-int(radius / lattice.basis[0, 0])])
    apart = float(flanks_apart(problem, behind)[0, 1])
    if apart < cutoff:
        expected = (
            f"a load that opens the crack: {radius:.0f} A behind the tip its flanks are "
            f"{apart:.2f} A apart, within the cut-off of {cutoff:.2f} A, so it closes"
        )
        raise ClosedCrackError("KI", problem.loads["KI"], expected, advice(problem))


def _require_bearable(problem: Problem, radius: float) -> None:
    """OverloadedCrackError where the crystal at a radius is unstable in the K-field."""
    angle = np.linspace(-np.pi, np.pi, 2 * DIRECTIONS + 1)[1::2]
    x = radius * np.stack([np.cos(angle), np.sin(angle), np.zeros(DIRECTIONS)], axis=1)
    gradients = problem.predictor.gradient(x, np.zeros(len(x), np.int8))
    if _clearly_bearable(problem, gradients):
        return
    for at, F in zip(angle, gradients, strict=True):
        try:
            problem.crystal.require_stable(F)
        except (UnstableCrystalError, InvertedCellError, OffTableError) as error:
            name = max(problem.loads, key=lambda mode: abs(problem.loads[mode]))
            expected = (
                f"a load that the crystal bears: {radius:.0f} A from the tip, {np.degrees(at):.0f} "
                "degrees off the crack plane, the K-field makes it unstable"
            )
            hint = f"{advice(problem)}, or a larger core or extent"
            raise OverloadedCrackError(name, problem.loads[name], expected, hint) from error


def _clearly_bearable(problem: Problem, gradients: Array) -> bool:
    """Whether waves along a few directions, all gradients at once, are far from soft."""
    rest = np.eye(3)[None]
    try:
        lowest = margin(problem.crystal, gradients, long=True).min()
        return bool(lowest > CLEARLY * margin(problem.crystal, rest, long=True)[0])
    except (InvertedCellError, OffTableError):
        return False
