"""A straight crack under a K-field: plane normal y, growth along x, front along z.

The predictor is the anisotropic K-field (Stroh; Sih, Paris and Irwin 1965) of the potential's own
moduli. The tip sits midway between two lattice planes and between two columns of the upper one;
no bond is cut: the field alone opens the crack.
"""

from __future__ import annotations

from numbers import Real

import numpy as np

from qcmethod.crystal import Crystal, require_crystal
from qcmethod.elasticity import CrackField, griffith_K, stroh
from qcmethod.errors import InputError
from qcmethod.fields import Predictor
from qcmethod.problem import Problem
from qcmethod.surface import surface_energy
from qcmethod.units import MPA_SQRT_M


def crack(
    crystal: Crystal,
    KI: float = 0.0,
    KII: float = 0.0,
    KIII: float = 0.0,
    *,
    extent: float,
    rim: float | None = None,
) -> Problem:
    """Crack tip at the origin of a three-dimensional crystal.

    Parameters
    ----------
    crystal : fcc or bcc; its axes x, y, z are growth direction, plane normal and front
    KI, KII, KIII : stress intensities, MPa sqrt(m)
    extent : radius of the domain, A
    rim : width of the rim that is clamped at the K-field, A (default two cut-offs)

    Raises InputError for a plane crystal or a chain, or loads that are not finite.
    """
    require_crystal(crystal)
    lattice = crystal.lattice
    if lattice.n_components != 3:
        expected = "an fcc or bcc crystal (three displacement components)"
        raise InputError("crystal", lattice.structure, expected, "microcrack(crystal, ...)")
    for name, value in (("KI", KI), ("KII", KII), ("KIII", KIII)):
        if not isinstance(value, Real) or not abs(float(value)) < 100.0:
            raise InputError(name, value, "a stress intensity in MPa sqrt(m), e.g. 0.42")
    if KI < 0.0:
        raise InputError("KI", KI, "0 or more: a negative one presses the flanks together")
    K = tuple(MPA_SQRT_M * float(k) for k in (KI, KII, KIII))
    field = CrackField(stroh(crystal.elastic_constants().tensor), (K[0], K[1], K[2]))
    origin = np.array([0.5 * lattice.basis[0, 0], 0.5 * lattice.basis[1, 1], 0.0])
    return Problem(
        name="crack",
        crystal=crystal,
        predictor=Predictor(np.eye(3), field),
        extent=float(extent),
        rim=2.0 * crystal.potential.cutoff if rim is None else float(rim),
        origin=origin,
        flank=True,
        loads={"KI": float(KI), "KII": float(KII), "KIII": float(KIII)},
    )


def griffith_load(crystal: Crystal) -> float:
    """Griffith's K_I of the crack plane normal to y, growing along x, in MPa sqrt(m).

    K_G = sqrt(4 gamma/(L^-1)_22) with the relaxed surface energy and the moduli of the potential
    (Griffith 1921; Barnett and Lothe 1973). Raises InputError, ConvergenceError (surface).
    """
    gamma = surface_energy(crystal).per_area
    return griffith_K(stroh(crystal.elastic_constants().tensor), gamma) / MPA_SQRT_M
