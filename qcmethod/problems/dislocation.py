"""A straight dislocation, or a dipole of two, under an applied shear: glide plane y, line z.

    y0(x) = F x + u(x),   u = 1/(2 pi) Re A log(x + T y) B^-1 L b        (Stroh 1958)

The cut runs along x < 0 on the glide plane; above it (y > 0) the crystal is displaced by b against
the crystal below, and the integral of du counterclockwise about +z is b: the FS/RH convention of
Hirth and Lothe 1982, line direction +z; b along +x has its extra half-plane above. The line sits
midway between two lattice planes and two columns of the upper one. A dipole has b at x = d/2 and -b
at -d/2: the crystal between the two has slipped by b, and the far field decays. An applied stress
enters through F alone: the crystal far away is strained, nothing is pushed.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from qcmethod.base.arguments import as_numbers, whole_number
from qcmethod.base.door import door
from qcmethod.base.types import Array
from qcmethod.crystal.crystal import Crystal
from qcmethod.elasticity import DislocationField, stroh
from qcmethod.elasticity.predictor import Predictor, SingularField, Sum
from qcmethod.errors import InputError
from qcmethod.lattice.oriented import Triplet
from qcmethod.problems.example import example, metal
from qcmethod.problems.far_stress import checked_stress
from qcmethod.problems.frame import ASIDE, off_cells, oriented
from qcmethod.problems.front import front, plane_of
from qcmethod.problems.front_watch import FrontWatch
from qcmethod.problems.line import LineWatch
from qcmethod.problems.posed import posed
from qcmethod.problems.problem import Problem, lengths
from qcmethod.problems.shear import loads_of, sheared


@posed
@door
def dislocation(
    crystal: Crystal,
    burgers: ArrayLike,
    plane: Triplet | None = None,
    line: Triplet | None = None,
    *,
    extent: float,
    rim: float | None = None,
    shear: float = 0.0,
    stress: ArrayLike | None = None,
    centre: tuple[float, float] = (0.5, 0.5),
    period: float | None = None,
) -> Problem:
    """One straight dislocation at the origin of a crystal of radius `extent`.

    Parameters
    ----------
    crystal : fcc or bcc
    burgers : Burgers vector in crystal axes, in lattice constants, e.g. (0.5, -0.5, 0)
    plane, line : Miller indices of the glide plane and of the line (default: the crystal's own y
        and z axes; given, the crystal is turned)
    extent : radius of the domain, A
    rim : width of the clamped rim, A (default two cut-offs)
    shear : applied shear stress on the glide plane along b, MPa: no other component, but for the
        zz that the period along the line brings
    stress : further components of the far Cauchy stress, added to it, eV/A^3 (`units.MPA` is one
        MPa): (6,) xx yy zz yz xz xy or (3, 3) in the axes of the problem, x = plane x line, y the
        plane, z the line; zz is 0. Non-glide stresses, say; `ramp(shear=...)` keeps them
    centre : where the line sits, in columns and rows from a site (0.5, 0.5: midway)
    period : of a crystal with dimensions=3, in which the line may bend: length along the line after
        which all repeats itself, A; rounded to what the mesh can close on (`problems.front`)

    Raises
    ------
    InputError : not an fcc or bcc crystal, a Burgers vector that is no lattice vector, a multiple
        of a shorter one or does not lie in the plane, a shear or a stress that is none or that the
        crystal does not bear.
    OrientationError : a line that is not in the plane.
    """
    crystal, b = oriented(crystal, burgers, plane, line)
    crystal = front(crystal, period)
    _require_one(crystal, burgers, b)
    field = DislocationField(stroh(crystal.stable_moduli()), _triple(b))
    row, at = np.zeros((2, 2)), _centre(centre, crystal)
    return _problem("dislocation", crystal, b, field, row, extent, rim, shear, stress, at)


@posed
@door
def dipole(
    crystal: Crystal,
    burgers: ArrayLike,
    plane: Triplet | None = None,
    line: Triplet | None = None,
    *,
    separation: int,
    extent: float,
    rim: float | None = None,
    shear: float = 0.0,
    stress: ArrayLike | None = None,
    centre: tuple[float, float] = (0.5, 0.5),
) -> Problem:
    """Two opposite dislocations on one glide plane, b on the right and -b on the left.

    separation : distance in columns of sites along x (a multiple of |A1|), at least 1; both lines
        lie in the free part of the domain

    Other arguments and errors as for `dislocation`. Cores are measured from the segment between
    the two lines.
    """
    crystal, b = oriented(crystal, burgers, plane, line)
    _require_one(crystal, burgers, b)
    column = float(crystal.lattice.basis[0, 0])
    radius, width = lengths(crystal, extent, rim)
    most = max(1, int(2.0 * (radius - width) / column))
    expected = f"a number of columns, 1 to {most}, the width of the free part of the domain"
    columns = whole_number(
        "separation", separation, expected, "a larger extent", least=1, most=most
    )
    half = 0.5 * columns * column
    solid = stroh(crystal.stable_moduli())
    right = DislocationField(solid, _triple(b), (half, 0.0))
    left = DislocationField(solid, _triple(-b), (-half, 0.0))  # its cut cancels that of the right
    at = _centre(centre, crystal)
    if columns % 2:  # both lines keep their place among the columns
        at[0] += 0.5
    row = np.array([[-half, 0.0], [half, 0.0]])
    fields = Sum((right, left))
    return _problem("dipole", crystal, b, fields, row, extent, rim, shear, stress, at)


def _problem(
    name: str,
    crystal: Crystal,
    b: Array,
    field: SingularField,
    row: Array,
    extent: float,
    rim: float | None,
    shear: float,
    stress: ArrayLike | None,
    centre: Array,
) -> Problem:
    basis = plane_of(crystal.lattice).basis
    extent, rim = lengths(crystal, extent, rim)
    beside = checked_stress(stress)
    angle = math.degrees(math.acos(min(1.0, abs(b[2]) / float(np.linalg.norm(b)))))
    return Problem(
        name=name,
        crystal=crystal,
        predictor=Predictor(sheared(crystal, b, shear, beside), field),
        extent=extent,
        rim=rim,
        origin=np.array([centre[0] * basis[0, 0], centre[1] * basis[1, 1], 0.0]),
        row=row,
        watch=LineWatch() if crystal.lattice.dim == 2 else FrontWatch(),
        loads={
            "burgers": float(np.linalg.norm(b)),
            "character": angle,
            **loads_of(shear, beside),
        },
    )


def _require_one(crystal: Crystal, burgers: ArrayLike, b: Array) -> None:
    """Refuse n b0 (InputError): it falls apart into n lines of the lattice vector b0."""
    steps = np.linalg.solve(crystal.lattice.basis.T, b)
    n = math.gcd(*(int(k) for k in np.round(steps)))
    if n > 1:
        shorter = tuple(float(f"{v / n:.10g}") for v in np.asarray(burgers, dtype=np.float64))
        expected = f"a Burgers vector of one line; this is {n} times a lattice vector"
        raise InputError("burgers", burgers, expected, f"burgers={shorter}")


def _centre(centre: ArrayLike, crystal: Crystal) -> Array:
    """Place of the line (2,) in columns and rows from a site (InputError)."""
    expected = "two numbers, columns and rows, e.g. (0.5, 0.5)"
    at = as_numbers("centre", centre, expected)
    if at.shape != (2,) or not np.isfinite(at).all():
        raise InputError("centre", centre, expected)
    if abs(at[1] - np.round(at[1])) < 1e-3:
        hint = "centre=(0.5, 0.5): midway between two rows"
        raise InputError("centre", centre, "a line between two rows of sites, not on one", hint)
    if crystal.lattice.dim == 3:  # tetrahedra have their centres at many places
        return at + np.array([ASIDE, 0.0])
    return off_cells(at, crystal)


def _triple(b: Array) -> tuple[float, float, float]:
    return float(b[0]), float(b[1]), float(b[2])


@example("dislocation")
def _small() -> Problem:
    crystal, extent = metal()
    return dislocation(crystal, (0.5, 0.5, 0.5), (1, -1, 0), (1, 1, 1), extent=extent, shear=50.0)


@example("dipole")
def _small_dipole() -> Problem:
    crystal, extent = metal()
    b, plane, line = (0.5, 0.5, 0.5), (1, -1, 0), (1, 1, 1)
    return dipole(crystal, b, plane, line, separation=2, extent=extent)
