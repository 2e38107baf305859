"""A straight crack under a K-field: plane normal y, growth along x, front along z.

The predictor is the anisotropic K-field (Stroh; Sih, Paris and Irwin 1965) of the potential's own
moduli. The tip sits midway between two lattice planes and between two columns of the upper one;
no bond is cut: the field alone opens the crack.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from qcmethod.base.arguments import as_numbers
from qcmethod.base.door import door
from qcmethod.base.types import Array
from qcmethod.crystal.crystal import Crystal, require_cubic
from qcmethod.elasticity import CrackField, stroh
from qcmethod.elasticity.predictor import Predictor
from qcmethod.errors import InputError
from qcmethod.problems.crack_flanks import CrackFlanks
from qcmethod.problems.crack_watch import CrackWatch
from qcmethod.problems.example import example, metal
from qcmethod.problems.intensity import checked_loads, inner_units
from qcmethod.problems.load import Load, register
from qcmethod.problems.posed import posed
from qcmethod.problems.problem import Problem, lengths


@posed
@door
def crack(
    crystal: Crystal,
    KI: float = 0.0,
    KII: float = 0.0,
    KIII: float = 0.0,
    *,
    extent: float,
    rim: float | None = None,
    path: tuple[float, float] = (0.0, 0.0),
) -> Problem:
    """Crack tip at the origin of a three-dimensional crystal.

    Parameters
    ----------
    crystal : fcc or bcc; its axes x, y, z are growth direction, plane normal and front
    KI, KII, KIII : stress intensities, MPa sqrt(m)
    extent : radius of the domain, A
    rim : width of the rim that is clamped at the K-field, A (default two cut-offs)
    path : x from where to where the tip is to move, A: the core is laid around that segment, so
        that a tip can advance over several lattice periods in it

    Raises InputError for a plane crystal or a chain, loads that are not finite, a path beyond the
    free part of the domain.
    """
    expected = "an fcc or bcc crystal (three displacement components)"
    lattice = require_cubic(crystal, expected, "microcrack(crystal, ...)").lattice
    if lattice.dim == 3:
        expected = "a crystal of columns: the front of a crack is straight here"
        raise InputError("crystal", crystal, expected, "a crystal with dimensions=2")
    loads = checked_loads(KI=KI, KII=KII, KIII=KIII)
    field = CrackField(stroh(crystal.stable_moduli()), inner_units(loads))
    extent, rim = lengths(crystal, extent, rim)
    origin = np.array([0.5 * lattice.basis[0, 0], 0.5 * lattice.basis[1, 1], 0.0])
    return Problem(
        name="crack",
        crystal=crystal,
        predictor=Predictor(np.eye(3), field),
        extent=extent,
        rim=rim,
        origin=origin,
        row=_row(path, extent - rim),
        cuts=(CrackFlanks(),),
        watch=CrackWatch(),
        loads=loads,
    )


def at_load(problem: Problem, **loads: float) -> Problem:
    """The same crack at other stress intensities KI, KII, KIII; those not named stay.

    Raises InputError for a problem without a crack, another name, or a load that `crack` refuses.
    """
    field = crack_field(problem)
    for name in loads:
        if name not in problem.loads:
            raise InputError("loads", name, f"one of {sorted(problem.loads)}")
    new = checked_loads(**{**problem.loads, **loads})
    predictor = replace(problem.predictor, singular=replace(field, K=inner_units(new)))
    return replace(problem, predictor=predictor, loads=new)


def crack_field(problem: Problem, argument: str = "problem") -> CrackField:
    """The K-field of a crack; InputError in the name of `argument` where there is none."""
    field = problem.predictor.singular
    if isinstance(field, CrackField):
        return field
    expected = "a crack" if argument == "problem" else f"the {argument} of a crack"
    raise InputError(argument, problem.name, expected, "qcmethod.crack(crystal, ...)")


def with_tip(problem: Problem, by: float) -> Problem:
    """The crack whose K-field is centred further along x by a length, A (InputError)."""
    field = crack_field(problem)
    shifted = replace(field, tip=(field.tip[0] + by, field.tip[1]))
    return replace(problem, predictor=replace(problem.predictor, singular=shifted), made=None)


def _row(path: tuple[float, float], free: float) -> Array:
    """Ends (2, 2) of the segment that the tip moves along, A (InputError)."""
    expected = f"two numbers in A, rising, between {-free:.1f} and {free:.1f}"
    x = as_numbers("path", path, expected)
    if x.shape != (2,) or not -free < x[0] <= x[1] < free:
        raise InputError("path", path, expected, "(-4.0, 8.0)")
    return np.stack([x, np.zeros(2)], axis=1)


for _mode in ("KI", "KII", "KIII"):
    register(
        Load(
            name=_mode,
            symbol=rf"K_\mathrm{{{_mode[1:]}}}",
            short="K",
            unit="MPa sqrt(m)",
            latex=r"MPa$\sqrt{\mathrm{m}}$",
            width=1e-3,
            example=f"{_mode}=numpy.arange(0.4, 0.5, 0.01)",
            at=at_load,
            of="a crack",
            above=0.0 if _mode == "KI" else -np.inf,
            expected="loads above 0: without a load the crack is closed",
        )
    )


@example("crack")
def _small() -> Problem:
    crystal, extent = metal()
    return crack(crystal, KI=1.6, KII=0.1, KIII=0.1, extent=extent)
