"""A remote tension: the homogeneous gradient under which a crystal in space carries a stress.

    sigma = T e_y e_y + sigma_0

the load of voids and platelets. F follows from the potential's own law (`far_stress`), so that the
crystal far away is at rest under it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from qcmethod.base.arguments import as_numbers, number
from qcmethod.base.types import Array
from qcmethod.base.voigt import components
from qcmethod.crystal.at_gradient import in_space
from qcmethod.crystal.crystal import Crystal
from qcmethod.errors import InputError
from qcmethod.problems.far_stress import checked_stress, strained
from qcmethod.problems.load import Load, register
from qcmethod.problems.problem import Problem
from qcmethod.problems.shear import NAMES, non_glide
from qcmethod.units import MPA

BORNE = "a stress that the homogeneous crystal bears"


def require_space(crystal: Crystal, of: str) -> None:
    """InputError for a crystal whose sites are no atoms."""
    if not (isinstance(crystal, Crystal) and crystal.lattice.is_space):
        expected = f"a crystal in space: {of} is no straight defect"
        raise InputError("crystal", crystal, expected, "Crystal.fcc(..., dimensions=3)")


def pulled(
    crystal: Crystal, F: ArrayLike | None, tension: float, stress: ArrayLike | None
) -> tuple[Array, dict[str, float]]:
    """F (3, 3), and the loads, of a gradient that is given, or of a tension, MPa, along y and a
    further stress, eV/A^3.

    Raises InputError for both of them, or a stress that the crystal does not bear.
    """
    T = number("tension", tension, "a stress along y in MPa, e.g. 500.0")
    beside = checked_stress(stress, in_space=True)
    if F is not None:
        if T or beside.any():
            raise InputError("F", F, "None beside tension= or stress=: they say what F is")
        return in_space(as_numbers("F", F, "a gradient (3, 3)")), {}
    loads = {"tension": T}
    if beside.any():
        loads |= dict(zip(NAMES, components(beside[None])[0].tolist(), strict=True))
    return _under(crystal, T, beside), loads


def _under(crystal: Crystal, tension: float, beside: Array) -> Array:
    along = np.zeros((3, 3))
    along[1, 1] = MPA * tension
    F = strained(crystal, along + beside)
    if F is None:
        given = f"{tension:g} MPa along y, beside it {beside.tolist()} eV/A^3"
        raise InputError("tension, stress", given, BORNE, "1 MPa is qcmethod.units.MPA")
    return F


def at_load(problem: Problem, **loads: float) -> Problem:
    """The same defect under another `tension` along y, MPa (InputError)."""
    if list(loads) != ["tension"]:
        raise InputError("loads", list(loads), "'tension'")
    tension = number("tension", loads["tension"], "a stress along y in MPa")
    F = _under(problem.crystal, tension, non_glide(problem))
    predictor = replace(problem.predictor, F=F)
    return replace(problem, predictor=predictor, loads=problem.loads | {"tension": tension})


register(
    Load(
        name="tension",
        symbol=r"\sigma_{yy}",
        short="sigma",
        unit="MPa",
        latex="MPa",
        width=1.0,
        example="tension=numpy.arange(0.0, 5000.0, 250.0)",
        at=at_load,
        of="a void or a platelet",
    )
)
