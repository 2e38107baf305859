"""A straight dislocation, or a dipole of two, under an applied shear: glide plane y, line z.

    y0(x) = F x + u(x),   u = 1/(2 pi) Re A log(x + T y) B^-1 L b        (Stroh 1958)

The cut runs along x < 0 on the glide plane; above it (y > 0) the crystal is displaced by b against
the crystal below, and the integral of du counterclockwise about +z is b: the FS/RH convention of
Hirth and Lothe 1982, line direction +z; b along +x has its extra half-plane above. The line sits
midway between two lattice planes and two columns of the upper one. A dipole has b at x = d/2 and -b
at -d/2: the crystal between the two has slipped by b, and the far field decays. An applied shear
enters through F alone: the crystal far away is strained, nothing is pushed.
"""

from __future__ import annotations

import math
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qcmethod.crystal import Crystal, require_crystal
from qcmethod.deformed import as_numbers
from qcmethod.elasticity import DislocationField, stroh
from qcmethod.errors import InputError
from qcmethod.fields import Predictor, SingularField, Sum
from qcmethod.lattice import Triplet, cubic
from qcmethod.problem import Problem, lengths

Array = NDArray[np.float64]


def dislocation(
    crystal: Crystal,
    burgers: ArrayLike,
    plane: Triplet | None = None,
    line: Triplet | None = None,
    *,
    extent: float,
    rim: float | None = None,
    shear: float = 0.0,
    centre: tuple[float, float] = (0.5, 0.5),
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
    shear : applied shear stress on the glide plane along b, eV/A^3 (1 MPa = 1e-3 units.GPA)
    centre : where the line sits, in columns and rows from a site (0.5, 0.5: midway)

    Raises
    ------
    InputError : not an fcc or bcc crystal, a Burgers vector that is no lattice vector or does not
        lie in the plane, a shear that is not a number or that the crystal does not bear.
    OrientationError : a line that is not in the plane.
    """
    crystal, b = _oriented(crystal, burgers, plane, line)
    field = DislocationField(stroh(crystal.elastic_constants().tensor), _triple(b))
    row = np.zeros((2, 2))
    return _problem("dislocation", crystal, b, field, row, extent, rim, shear, _centre(centre))


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
    centre: tuple[float, float] = (0.5, 0.5),
) -> Problem:
    """Two opposite dislocations on one glide plane, b on the right and -b on the left.

    separation : distance in columns of sites along x (a multiple of |A1|), at least 1

    Other arguments and errors as for `dislocation`. Cores are measured from the segment between
    the two lines.
    """
    crystal, b = _oriented(crystal, burgers, plane, line)
    whole = isinstance(separation, (int, np.integer)) and not isinstance(separation, bool)
    if not (whole and separation >= 1):
        raise InputError("separation", separation, "a number of columns, 1 or more")
    half = 0.5 * int(separation) * float(crystal.lattice.basis[0, 0])
    solid = stroh(crystal.elastic_constants().tensor)
    right = DislocationField(solid, _triple(b), (half, 0.0))
    left = DislocationField(solid, _triple(-b), (-half, 0.0))  # its cut cancels that of the right
    at = _centre(centre)
    if int(separation) % 2:  # both lines keep their place among the columns
        at[0] += 0.5
    row = np.array([[-half, 0.0], [half, 0.0]])
    fields = Sum((right, left))
    return _problem("dipole", crystal, b, fields, row, extent, rim, shear, at)


def _problem(
    name: str,
    crystal: Crystal,
    b: Array,
    field: SingularField,
    row: Array,
    extent: float,
    rim: float | None,
    shear: float,
    centre: Array,
) -> Problem:
    basis = crystal.lattice.basis
    extent, rim = lengths(crystal, extent, rim)
    angle = math.degrees(math.acos(min(1.0, abs(b[2]) / float(np.linalg.norm(b)))))
    return Problem(
        name=name,
        crystal=crystal,
        predictor=Predictor(sheared(crystal, b, shear), field),
        extent=extent,
        rim=rim,
        origin=np.array([centre[0] * basis[0, 0], centre[1] * basis[1, 1], 0.0]),
        row=row,
        loads={"burgers": float(np.linalg.norm(b)), "character": angle, "shear": float(shear)},
    )


def sheared(crystal: Crystal, b: Array, shear: float) -> Array:
    """F = 1 + g (b/|b|) e_y (3, 3) under which the Cauchy stress on the plane y along b is `shear`.

    By Newton's method from linear elasticity. Raises InputError for a stress that is not reached.
    """
    if not isinstance(shear, Real) or not np.isfinite(float(shear)):
        raise InputError("shear", shear, "a stress in eV/A^3, e.g. 0.1 * qcmethod.units.GPA")
    s, e_y = b / np.linalg.norm(b), np.eye(3)[1]
    F, K = np.eye(3), np.outer(s, e_y)
    for _ in range(30):
        # J = 1 for a simple shear, so sigma = P F^T and sigma e_y . s = s . P F^T e_y
        miss = float(shear) - float(s @ crystal.stress(F) @ F.T @ e_y)
        if abs(miss) < 1e-14:
            return F
        slope = float(np.einsum("ai,aibj,bj->", K, crystal.tangent(F), K))
        if not slope > 0.0:
            break
        F = F + np.clip(miss / slope, -0.02, 0.02) * K
    hint = "n * 1e-3 * qcmethod.units.GPA for n MPa"
    raise InputError("shear", shear, "a stress that the homogeneous crystal bears, eV/A^3", hint)


def _oriented(
    crystal: Crystal, burgers: ArrayLike, plane: Triplet | None, line: Triplet | None
) -> tuple[Crystal, Array]:
    """The crystal with y along the plane normal and z along the line; b (3,) in that frame, A."""
    require_crystal(crystal)
    lattice = crystal.lattice
    if lattice.n_components != 3:
        raise InputError("crystal", lattice.structure, "an fcc or bcc crystal")
    if (plane is None) != (line is None):
        raise InputError("plane, line", (plane, line), "both of them, or none")
    if plane is not None and line is not None:
        y, z = _miller("plane", plane), _miller("line", line)
        x = np.cross(y, z)
        x = x // max(int(np.gcd.reduce(x)), 1)
        if not x.any():
            x = np.array([1, 0, 0])  # parallel: `cubic` names what is wrong
        turned = cubic(lattice.structure, lattice.constant, x.tolist(), y.tolist(), z.tolist())
        crystal = Crystal(crystal.potential, turned)
    return crystal, _burgers(crystal, burgers)


def _centre(centre: ArrayLike) -> Array:
    """Place of the line (2,) in columns and rows from a site (InputError)."""
    expected = "two numbers, columns and rows, e.g. (0.5, 0.5)"
    at = as_numbers("centre", centre, expected)
    if at.shape != (2,) or not np.isfinite(at).all():
        raise InputError("centre", centre, expected)
    if abs(at[1] - np.round(at[1])) < 1e-3:
        hint = "centre=(0.5, 0.5): midway between two rows"
        raise InputError("centre", centre, "a line between two rows of sites, not on one", hint)
    return at.copy()


def _miller(name: str, triplet: ArrayLike) -> Array:
    """Three whole numbers (3,), not rounded (InputError)."""
    expected = "three Miller indices, whole numbers"
    indices = as_numbers(name, triplet, expected)
    if indices.shape != (3,) or not (indices == np.clip(np.round(indices), -99, 99)).all():
        raise InputError(name, triplet, expected, "(1, 1, 1)")
    return indices.astype(np.int64)


def _burgers(crystal: Crystal, burgers: ArrayLike) -> Array:
    """b in the laboratory frame, A; a lattice vector of the glide plane (InputError)."""
    expected = "three numbers in lattice constants, not all 0"
    b = as_numbers("burgers", burgers, expected)
    hint = "half of <110> in fcc, e.g. (0.5, -0.5, 0); half of <111> in bcc"
    if b.shape != (3,) or not np.isfinite(b).all() or not b.any():
        raise InputError("burgers", burgers, expected, hint)
    laboratory = crystal.lattice.axes @ b * crystal.lattice.constant
    steps = np.linalg.solve(crystal.lattice.basis.T, laboratory)
    if np.abs(steps - np.round(steps)).max() > 1e-6:
        raise InputError("burgers", burgers, "a lattice vector: partials form by themselves", hint)
    if abs(laboratory[1]) > 1e-9 * crystal.lattice.constant:
        expected = "a vector of the glide plane (a line with b out of it cannot glide)"
        raise InputError("burgers", burgers, expected, "another plane=")
    return np.where(np.abs(laboratory) < 1e-9, 0.0, laboratory)


def _triple(b: Array) -> tuple[float, float, float]:
    return float(b[0]), float(b[1]), float(b[2])
