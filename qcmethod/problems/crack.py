"""A straight crack under a K-field: plane normal y, growth along x, front along z.

The predictor is the anisotropic K-field (Stroh; Sih, Paris and Irwin 1965) of the potential's own
moduli. The tip sits midway between two lattice planes and between two columns of the upper one;
no bond is cut: the field alone opens the crack.
"""

from __future__ import annotations

from dataclasses import replace
from numbers import Real

import numpy as np

from qcmethod.crystal import Crystal, require_crystal
from qcmethod.elasticity import CrackField, griffith_K, stroh
from qcmethod.errors import InputError
from qcmethod.fields import Predictor
from qcmethod.problem import Problem, lengths
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
    loads = _checked(KI=KI, KII=KII, KIII=KIII)
    field = CrackField(stroh(crystal.elastic_constants().tensor), _inner(loads))
    extent, rim = lengths(crystal, extent, rim)
    origin = np.array([0.5 * lattice.basis[0, 0], 0.5 * lattice.basis[1, 1], 0.0])
    return Problem(
        name="crack",
        crystal=crystal,
        predictor=Predictor(np.eye(3), field),
        extent=extent,
        rim=rim,
        origin=origin,
        flank=True,
        loads=loads,
    )


def at_load(problem: Problem, **loads: float) -> Problem:
    """The same crack at other stress intensities KI, KII, KIII; those not named stay.

    Raises InputError for a problem without a crack, another name, or a load that `crack` refuses.
    """
    field = problem.predictor.singular
    if not isinstance(field, CrackField):
        raise InputError("problem", problem.name, "a crack", "qcmethod.crack(crystal, ...)")
    for name in loads:
        if name not in problem.loads:
            raise InputError("loads", name, f"one of {sorted(problem.loads)}")
    new = _checked(**{**problem.loads, **loads})
    predictor = replace(problem.predictor, singular=replace(field, K=_inner(new)))
    return replace(problem, predictor=predictor, loads=new)


def _checked(**loads: float) -> dict[str, float]:
    """Stress intensities as numbers (InputError), MPa sqrt(m)."""
    for name, value in loads.items():
        if not isinstance(value, Real) or not abs(float(value)) < 100.0:
            raise InputError(name, value, "a stress intensity in MPa sqrt(m), e.g. 0.42")
    if loads["KI"] < 0.0:
        expected = "0 or more: a negative one presses the flanks together"
        raise InputError("KI", loads["KI"], expected)
    return {name: float(value) for name, value in loads.items()}


def _inner(loads: dict[str, float]) -> tuple[float, float, float]:
    """(K_I, K_II, K_III) in eV/A^(5/2)."""
    return (
        MPA_SQRT_M * loads["KI"],
        MPA_SQRT_M * loads["KII"],
        MPA_SQRT_M * loads["KIII"],
    )


def griffith_load(crystal: Crystal) -> float:
    """Griffith's K_I of the crack plane normal to y, growing along x, in MPa sqrt(m).

    K_G = sqrt(4 gamma/(L^-1)_22) with the relaxed surface energy and the moduli of the potential
    (Griffith 1921; Barnett and Lothe 1973). Raises InputError, ConvergenceError (surface).
    """
    gamma = surface_energy(crystal).per_area
    return griffith_K(stroh(crystal.elastic_constants().tensor), gamma) / MPA_SQRT_M
