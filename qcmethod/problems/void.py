"""A void in a crystal in space: no atoms in a ball or an ellipsoid, under a remote load.

    sites missing:  sum_i ((x - c)_i/r_i)^2 <= 1,      y0 = F x

Its field decays as that of a dipole, r^-2: the crystal far away need not know of it. Cores are
measured from the centre.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from qcmethod.base.arguments import as_numbers, number
from qcmethod.base.door import door
from qcmethod.base.types import Array
from qcmethod.crystal.crystal import Crystal
from qcmethod.elasticity.predictor import Predictor
from qcmethod.errors import InputError
from qcmethod.lattice.shapes import Ellipsoid
from qcmethod.problems.example import example, space
from qcmethod.problems.posed import posed
from qcmethod.problems.problem import Problem, lengths
from qcmethod.problems.tension import pulled, require_space


@posed
@door
def void(
    crystal: Crystal,
    radius: float | None = None,
    *,
    axes: Sequence[float] | None = None,
    extent: float,
    rim: float | None = None,
    F: ArrayLike | None = None,
    tension: float = 0.0,
    stress: ArrayLike | None = None,
    centre: Sequence[float] = (0.0, 0.0, 0.0),
) -> Problem:
    """Missing atoms in a ball, or an ellipsoid, about the centre of the domain.

    Parameters
    ----------
    crystal : fcc or bcc, with dimensions=3
    radius : of the ball, A
    axes : in place of the radius, three semi-axes along x, y, z, A
    extent : radius of the domain, A
    rim : width of the clamped rim, A (default two cut-offs)
    F : (3, 3) deformation gradient of the crystal far away, or in its place a stress
    tension : stress along y, MPa (a load: `ramp(problem, ..., tension=[...])`)
    stress : further components of the far Cauchy stress, eV/A^3, (6,) xx yy zz yz xz xy or (3, 3)
    centre : of the void, from a site, A

    Raises InputError (a crystal of columns, sizes, no site in it, both F and a stress) and
    UnstableCrystalError (F).
    """
    require_space(crystal, "a void")
    extent, rim = lengths(crystal, extent, rim)
    body = Ellipsoid(_axes(radius, axes, extent - rim))
    gradient, loads = pulled(crystal, F, tension, stress)
    problem = Problem(
        name="void",
        crystal=crystal,
        predictor=Predictor(gradient),
        extent=extent,
        rim=rim,
        origin=-_place(centre),
        row=np.zeros((2, 3)),
        loads=loads,
    )
    missing = problem.points(body)
    if not len(missing):
        raise InputError("radius", radius, "a void with a site in it", "another centre=")
    return replace(problem, removed=missing)


def _axes(
    radius: float | None, axes: Sequence[float] | None, most: float
) -> tuple[float, float, float]:
    """Three semi-axes, A (InputError)."""
    if (radius is None) == (axes is None):
        raise InputError("radius, axes", (radius, axes), "one of them")
    if axes is None:
        r = number("radius", radius, f"a length in A below {most:.4g}", above=0.0, below=most)
        return r, r, r
    expected = f"three lengths in A below {most:.4g}"
    given = as_numbers("axes", axes, expected)
    if given.shape != (3,) or not ((given > 0.0) & (given < most)).all():
        raise InputError("axes", axes, expected, "(12.0, 4.0, 12.0)")
    return float(given[0]), float(given[1]), float(given[2])


def _place(centre: Sequence[float]) -> Array:
    expected = "three numbers in A"
    given = as_numbers("centre", centre, expected)
    if given.shape != (3,) or not np.isfinite(given).all():
        raise InputError("centre", centre, expected)
    return given


@example("void-in-space")
def _small() -> Problem:
    crystal, extent = space()
    return void(crystal, 3.0, extent=extent, tension=300.0)
