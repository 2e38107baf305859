"""An applied shear: the homogeneous gradient under which the glide plane carries a stress along b.

    sigma = tau (s e_y + e_y s) + non-glide,     s = b/|b|,      sigma e_y = tau s + ...

A pure shear stress: no other component but zz, which the period along the line brings
(`far_stress`). A shear *strain* along b would, in bcc, bring 44 % of tau across b. The
Peach-Koehler force a length of line is tau |b|, along +x for b along +x (Hirth and Lothe 1982,
ch. 3); what else acts on the core is a stress of its own, `stress=` of `dislocation`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from qcmethod.base.arguments import number
from qcmethod.base.types import Array
from qcmethod.base.voigt import NUMBER, components
from qcmethod.crystal.crystal import Crystal
from qcmethod.elasticity import DislocationField
from qcmethod.elasticity.predictor import Sum
from qcmethod.errors import InputError
from qcmethod.problems.far_stress import strained
from qcmethod.problems.load import Load, register
from qcmethod.problems.problem import Problem
from qcmethod.units import MPA

BORNE = "a stress that the homogeneous crystal bears, "
NAMES = tuple(f"stress_{name}" for name in ("xx", "yy", "zz", "yz", "xz", "xy"))
"""Keys of `Problem.loads` under which a non-glide stress is kept, eV/A^3, where there is one."""


def sheared(crystal: Crystal, b: Array, shear: float, stress: Array) -> Array:
    """F (3, 3) under a shear stress along b on the plane y, MPa, and a further stress (3, 3).

    The latter in eV/A^3. Raises InputError for a stress that is not reached, or at which the
    homogeneous crystal is unstable.
    """
    tau = MPA * number("shear", shear, "a stress in MPa, e.g. 100.0")
    glide = tau * np.outer(b / np.linalg.norm(b), np.eye(3)[1])
    F = strained(crystal, glide + glide.T + stress)
    if F is not None:
        return F
    if stress.any():
        given = f"{shear:g} MPa beside stress = {stress.tolist()}"
        raise InputError("shear, stress", given, BORNE + "eV/A^3", "1 MPa is qcmethod.units.MPA")
    raise InputError("shear", shear, BORNE + "MPa")


def loads_of(shear: float, stress: Array) -> dict[str, float]:
    """A shear, MPa, and a further stress (3, 3), eV/A^3, by their names in `Problem.loads`."""
    loads = {"shear": float(shear)}
    if stress.any():
        values = components(stress[None])[0].tolist()
        loads |= dict(zip(NAMES, values, strict=True))
    return loads


def non_glide(problem: Problem) -> Array:
    """The stress (3, 3) beside the shear, eV/A^3."""
    return np.array([problem.loads.get(name, 0.0) for name in NAMES])[NUMBER]


def at_load(problem: Problem, **loads: float) -> Problem:
    """The same dislocations under another applied `shear`, MPa.

    Raises InputError for a problem without a dislocation, another load, or a stress that
    `dislocation` refuses.
    """
    if list(loads) != ["shear"]:
        raise InputError("loads", list(loads), "'shear'")
    shear = loads["shear"]
    F = sheared(problem.crystal, burgers_vector(problem), shear, non_glide(problem))
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
