"""An applied shear: the homogeneous gradient under which the glide plane carries a stress.

    F = 1 + g s e_y,     s = b/|b|,     s . sigma(F) e_y = tau

s lies in the plane, so F is a simple shear, det F = 1 and sigma = P F^T. The Peach-Koehler force
a length of line is tau |b|, along +x for b along +x (Hirth and Lothe 1982, ch. 3).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from qcmethod.base.arguments import number
from qcmethod.base.types import Array
from qcmethod.crystal.crystal import Crystal
from qcmethod.elasticity import DislocationField
from qcmethod.elasticity.predictor import Sum
from qcmethod.errors import InputError, InvertedCellError, OffTableError, UnstableCrystalError
from qcmethod.problems.load import Load, register
from qcmethod.problems.problem import Problem
from qcmethod.units import MPA

BORNE = "a stress that the homogeneous crystal bears, MPa"


def sheared(crystal: Crystal, b: Array, shear: float) -> Array:
    """F (3, 3) under which the Cauchy stress on the plane y along b is `shear`, MPa.

    By Newton's method from linear elasticity. Raises InputError for a stress that is not reached,
    or at which the homogeneous crystal is unstable.
    """
    tau = MPA * number("shear", shear, "a stress in MPa, e.g. 100.0")
    s, e_y = b / np.linalg.norm(b), np.eye(3)[1]
    F, K = np.eye(3), np.outer(s, e_y)
    for _ in range(30):
        miss = tau - float(s @ crystal.stress(F) @ F.T @ e_y)
        if abs(miss) < 1e-14:
            return _stable(crystal, F, shear)
        slope = float(np.einsum("ai,aibj,bj->", K, crystal.tangent(F), K))
        if not slope > 0.0:
            break
        F = F + np.clip(miss / slope, -0.02, 0.02) * K
    raise InputError("shear", shear, BORNE)


def _stable(crystal: Crystal, F: Array, shear: float) -> Array:
    """F, where the crystal is stable (InputError)."""
    try:
        crystal.require_stable(F)
    except (UnstableCrystalError, InvertedCellError, OffTableError) as error:
        raise InputError("shear", shear, BORNE) from error
    return F


def at_load(problem: Problem, **loads: float) -> Problem:
    """The same dislocations under another applied `shear`, MPa.

    Raises InputError for a problem without a dislocation, another load, or a stress that
    `dislocation` refuses.
    """
    if list(loads) != ["shear"]:
        raise InputError("loads", list(loads), "'shear'")
    shear = loads["shear"]
    F = sheared(problem.crystal, burgers_vector(problem), shear)
    predictor = replace(problem.predictor, F=F)
    return replace(problem, predictor=predictor, loads=problem.loads | {"shear": float(shear)})


def lines_of(problem: Problem) -> tuple[DislocationField, ...]:
    """The dislocations of a problem, the right one of a dipole first."""
    field = problem.predictor.singular
    fields = field.fields if isinstance(field, Sum) else (field,)
    return tuple(one for one in fields if isinstance(one, DislocationField))


def burgers_vector(problem: Problem, argument: str = "problem") -> Array:
    """b (3,) of the dislocation, of the right one of a dipole, A.

    Raises InputError in the name of `argument` where there is none.
    """
    lines = lines_of(problem)
    if lines:
        return np.asarray(lines[0].b, dtype=np.float64)
    expected = "a dislocation" if argument == "problem" else f"the {argument} of a dislocation"
    raise InputError(argument, problem.name, expected, "qcmethod.dislocation(crystal, ...)")


register(
    Load(
        name="shear",
        symbol=r"\tau",
        unit="MPa",
        latex="MPa",
        width=1.0,
        example="shear=numpy.arange(0, 2000, 100)",
        at=at_load,
        of="a dislocation",
        glides=True,
    )
)
