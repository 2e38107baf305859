"""The far field of a point defect: its elastic dipole as predictor of a second pass.

    y0 = F x + u_P(x),      u_P,i = -P_jk G_ij,k        (`elasticity.dipole_field`)

A rim clamped at y0 = F x holds back what the defect sends through it, which strains the core as the
cube of the extent falls. Clamped at the field of the dipole P, which a first pass measures
(`analysis.dipole`), only what decays faster is held back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qcmethod.base.arguments import finite, number
from qcmethod.base.door import door
from qcmethod.base.types import Array
from qcmethod.elasticity.dipole_field import DipoleField
from qcmethod.errors import InputError
from qcmethod.problems.posed import altered
from qcmethod.problems.problem import Problem

NEAREST = 3.0
"""The field is whole from so many cut-offs on (default), and rises from half of that."""


def _said(given: Mapping[str, Any]) -> dict[str, Any]:
    return {"dipole": np.asarray(given["dipole"], dtype=np.float64).tolist()}


@altered(said=_said)
@door
def with_dipole(problem: Problem, dipole: ArrayLike, core: float | None = None) -> Problem:
    """The problem with the field of an elastic dipole at the centre for its far field.

    Parameters
    ----------
    problem : a compact defect in space in a homogeneous crystal: a vacancy, a void, a platelet
    dipole : (3, 3), eV, symmetric, e.g. `elastic_dipole(relax(...))` of a first pass
    core : radius from which the field is whole, A (default: three cut-offs); within half of it
        there is none, for there atoms are corrected

    Raises InputError: a problem of columns, with cuts or another field; a dipole that is none.
    """
    P: Array = finite("dipole", dipole, (3, 3), "a finite, symmetric (3, 3) in eV")
    if np.abs(P - P.T).max() > 1e-9 * max(1.0, float(np.abs(P).max())):
        raise InputError("dipole", dipole, "a symmetric (3, 3) in eV")
    crystal = problem.crystal
    whole = crystal.lattice.is_space and not problem.cuts and problem.predictor.singular is None
    if not whole:
        expected = "a compact defect in a whole, homogeneous crystal in space"
        raise InputError("problem", problem.name, expected, "Crystal.fcc(..., dimensions=3)")
    usual = NEAREST * crystal.potential.cutoff
    expected = f"a length in A below {problem.extent - problem.rim:.4g}"
    most = problem.extent - problem.rim
    radius = number("core", usual if core is None else core, expected, above=0.0, below=most)
    field = DipoleField(P, crystal.stable_moduli(), radius)
    return replace(problem, predictor=replace(problem.predictor, singular=field))
