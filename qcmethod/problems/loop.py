r"""A dislocation loop in a crystal in space: a polygon, prismatic, sheared or in between.

    y0(x) = F x + u(x),     u(above) - u(below) = b across the polygon    (`elasticity.loop_field`)

A vector b that closes the cut (b . n < 0) needs |b . n| of matter less: the layers of sites in the
prism of that height on the polygon are missing, and the predictor moves its two sides together. A
vector along the plane needs none. What would be put in between, an interstitial loop, are atoms
that are no sites of the crystal. A vector that is no lattice vector leaves a stacking fault, as
that of Frank, 1/3 <111>. Cores are measured from the polygon's edge and from the missing sites.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from qcmethod.base.arguments import as_numbers, flag, number, whole_number
from qcmethod.base.door import door
from qcmethod.base.types import Array, Bools
from qcmethod.crystal.crystal import Crystal
from qcmethod.elasticity.loop_field import LoopField
from qcmethod.elasticity.predictor import Predictor
from qcmethod.errors import InputError
from qcmethod.lattice.lattice import Lattice
from qcmethod.lattice.oriented import Triplet
from qcmethod.lattice.shapes import Ball
from qcmethod.problems.platelet import spacing, unit_normal
from qcmethod.problems.posed import posed
from qcmethod.problems.problem import Problem, lengths
from qcmethod.problems.tension import pulled, require_space

ASIDE = 1e-3
"""The polygon is moved by this part of the lattice constant off the points of symmetry."""


@posed
@door
def loop(
    crystal: Crystal,
    burgers: ArrayLike,
    normal: Triplet,
    *,
    radius: float | None = None,
    sides: int = 6,
    polygon: ArrayLike | None = None,
    faulted: bool = False,
    extent: float,
    rim: float | None = None,
    F: ArrayLike | None = None,
    tension: float = 0.0,
    stress: ArrayLike | None = None,
) -> Problem:
    """A dislocation loop about the centre of the domain.

    Parameters
    ----------
    crystal : fcc or bcc, with dimensions=3
    burgers : Burgers vector in crystal axes, in lattice constants, e.g. (-0.5, -0.5, 0): what is
        above the loop moves by it against what is below, seen along the normal
    normal : Miller indices of the plane of the loop
    radius : of a circle whose area a regular polygon has, A
    sides : of that polygon
    polygon : in place of these, (m, 3) corners about 0 in the plane, A, laboratory axes
    faulted : a vector that is no lattice vector is meant: it leaves a stacking fault
    extent : radius of the domain, A
    rim : width of the clamped rim, A (default two cut-offs)
    F : (3, 3) deformation gradient of the crystal far away, or in its place a stress
    tension : stress along y, MPa (a load: `ramp(problem, ..., tension=[...])`)
    stress : further components of the far Cauchy stress, eV/A^3, (6,) xx yy zz yz xz xy or (3, 3)

    Errors as of `void`; InputError too: a polygon that is not plane, a vector
    that would need atoms in between (b . normal > 0), or that is no lattice vector.
    """
    require_space(crystal, "a dislocation loop")
    extent, rim = lengths(crystal, extent, rim)
    lattice = crystal.lattice
    n = unit_normal(lattice, normal)
    b = _burgers(lattice, burgers, n, flag("faulted", faulted))
    corners = _corners(lattice, n, radius, sides, polygon, extent - rim)
    gradient, loads = pulled(crystal, F, tension, stress)
    missing, d = round(-float(b @ n) / spacing(lattice, n)), spacing(lattice, n)
    field = LoopField(corners, (float(b[0]), float(b[1]), float(b[2])), crystal.stable_moduli())
    problem = Problem(
        name="loop",
        crystal=crystal,
        predictor=Predictor(gradient, field),
        extent=extent,
        rim=rim,
        origin=(np.zeros(3) if missing % 2 else 0.5 * d * n),
        row=np.zeros((2, 3)),
        loads={"burgers": float(np.linalg.norm(b)), **loads},
    )
    edge = _edge(corners, lattice.neighbour)
    if not missing:
        return replace(problem, zone=edge)
    ij = problem.points(Ball(float(np.linalg.norm(corners, axis=1).max()) + 2.0 * missing * d))
    x = problem.position(ij)
    gone = (np.abs(x @ n) < 0.5 * missing * d) & inside(x, corners, n)
    return replace(problem, removed=ij[gone], zone=np.concatenate([edge, x[gone]]))


def inside(x: Array, corners: Array, normal: Array) -> Bools:
    """Which points (n, 3) are in the prism on a convex or star-shaped polygon (m, 3) about 0."""
    found = np.zeros(len(x), dtype=bool)
    for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        frame = np.linalg.inv(np.array([a, b, normal]))
        s, t, _ = (x @ frame).T
        found |= (s >= 0.0) & (t >= 0.0) & (s + t <= 1.0)
    return found


def _burgers(lattice: Lattice, burgers: ArrayLike, n: Array, faulted: bool) -> Array:
    """b (3,) in the laboratory, A (InputError)."""
    expected = "three numbers in lattice constants, not all 0"
    given = as_numbers("burgers", burgers, expected)
    if given.shape != (3,) or not np.isfinite(given).all() or not given.any():
        raise InputError("burgers", burgers, expected, "(-0.5, -0.5, 0)")
    b: Array = lattice.axes @ given * lattice.constant
    steps = np.linalg.solve(lattice.basis.T, b)
    if np.abs(steps - np.round(steps)).max() > 1e-6 and not faulted:
        hint = "faulted=True, for a loop with a stacking fault in it"
        raise InputError("burgers", burgers, "a lattice vector", hint)
    if float(b @ n) > 1e-6 * lattice.constant:
        expected = "b . normal <= 0: what would be put in between are no sites of the crystal"
        raise InputError("burgers", burgers, expected, "the opposite vector: a loop of vacancies")
    layers = float(b @ n) / spacing(lattice, n)
    if abs(layers - round(layers)) > 1e-6:
        raise InputError("burgers", burgers, "a vector of whole layers across the plane")
    return b


def _corners(
    lattice: Lattice,
    n: Array,
    radius: float | None,
    sides: int,
    polygon: ArrayLike | None,
    most: float,
) -> Array:
    """Corners (m, 3), anticlockwise about the normal, A (InputError)."""
    if (radius is None) == (polygon is None):
        raise InputError("radius, polygon", (radius, polygon), "one of them")
    if polygon is not None:
        corners = as_numbers("polygon", polygon, "(m, 3) corners in A, m at least 3")
        if corners.ndim != 2 or corners.shape[1:] != (3,) or len(corners) < 3:
            raise InputError("polygon", polygon, "(m, 3) corners in A, m at least 3")
        if np.abs(corners @ n).max() > 1e-6 * lattice.constant:
            expected = "corners in the plane through 0 with the normal"
            raise InputError("polygon", polygon, expected)
        around = np.cross(corners, np.roll(corners, -1, axis=0)) @ n
        if not (around > 0.0).all():
            raise InputError("polygon", polygon, "corners anticlockwise about 0, seen from above")
    else:
        expected = f"a length in A below {most:.4g}"
        r = number("radius", radius, expected, above=lattice.neighbour, below=most)
        m = whole_number("sides", sides, "corners, 3 to 1000", least=3, most=1000)
        corners = _regular(lattice, n, r, m)
    if float(np.linalg.norm(corners, axis=1).max()) >= most:
        raise InputError("polygon", polygon, f"corners within {most:.4g} A", "a larger extent")
    return corners + ASIDE * lattice.constant * (corners[1] - corners[0]) / most


def _regular(lattice: Lattice, n: Array, radius: float, sides: int) -> Array:
    """A regular polygon of the area of a circle, its first corner along a short lattice step."""
    steps = lattice.shell(4.0 * lattice.constant)
    along = steps[np.abs(steps @ n) < 1e-6 * lattice.constant][0]
    one = along / np.linalg.norm(along)
    two = np.cross(n, one)
    R = radius * np.sqrt(2.0 * np.pi / sides / np.sin(2.0 * np.pi / sides))
    angle = 2.0 * np.pi * np.arange(sides) / sides
    return np.asarray(R * (np.cos(angle)[:, None] * one + np.sin(angle)[:, None] * two))


def _edge(corners: Array, step: float) -> Array:
    """Points (m, 3) along the line, no further than a step apart, A."""
    parts = []
    for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        n = max(1, int(np.ceil(float(np.linalg.norm(b - a)) / step)))
        parts.append(a + np.arange(n)[:, None] / n * (b - a))
    return np.concatenate(parts)
