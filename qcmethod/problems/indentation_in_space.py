"""An indenter on the free surface of a crystal in space: a sphere, or a round, flat punch.

The crystal fills the lower half of the ball |x| < extent, the layer of sites m = 0 on top
(`free_plane`). A half ball that is clamped at its round side fixes less of what is open than a half
disc: under a force P the surface sinks by what an infinite half space would, less P/extent in units
of its moduli.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from qcmethod.base.arguments import as_numbers
from qcmethod.base.types import Array
from qcmethod.crystal.crystal import Crystal
from qcmethod.crystal.surface import surface_energy
from qcmethod.elasticity.predictor import Predictor
from qcmethod.errors import InputError
from qcmethod.lattice.lattice import Lattice
from qcmethod.lattice.shapes import Ball
from qcmethod.problems.face_contact import FaceContactWatch
from qcmethod.problems.free_plane import FreePlane
from qcmethod.problems.problem import Problem
from qcmethod.problems.round_indenter import RoundIndenter

NEAR = 3.0
"""An indenter first meets a site of the surface within so many of its steps of the axis."""
FLAT = 1e-6
"""Of the lattice constant: heights of the sites of a layer differ by less."""


def half_ball(
    crystal: Crystal, indenter: RoundIndenter, centre: object, extent: float, rim: float
) -> Problem:
    """The problem of an indenter that just touches.

    Raises OrientationError: a surface that is no plane of a mesh; InputError: a centre, a sphere
    that is too small.
    """
    lattice = crystal.lattice
    cut = FreePlane.of(lattice)
    problem = Problem(
        name="indentation",
        crystal=crystal,
        predictor=Predictor(),
        extent=extent,
        rim=rim,
        origin=_place(centre) @ steps_along(lattice),
        row=np.zeros((2, 3)),
        cuts=(cut,),
        watch=FaceContactWatch(),
        loads={"depth": 0.0},
    )
    met = replace(indenter, contact=_first_contact(problem, indenter, cut))
    zone = disc(indenter.size, 0.25 * lattice.constant) if indenter.shape == "flat" else None
    return replace(problem, external=(met,), zone=zone)


def steps_along(lattice: Lattice) -> Array:
    """The two shortest lattice vectors (2, 3) along the surface normal to y, A, as close to x and z
    as they come."""
    found = lattice.shell(3.0 * lattice.constant)
    found = found[np.abs(found[:, 1]) < FLAT * lattice.constant]
    across = np.linalg.norm(np.cross(found, found[0]), axis=1) > FLAT * lattice.constant**2
    two = np.array([found[0], found[across][0]])
    return two[np.argsort(-np.abs(two[:, 0]), kind="stable")]


def disc(radius: float, spacing: float) -> Array:
    """Points (m, 3) on a disc in the plane y = 0, on circles about its centre, A."""
    circles = np.linspace(0.0, radius, 1 + int(np.ceil(radius / spacing)))
    found = []
    for r in circles:
        angle = np.linspace(0.0, 2.0 * np.pi, 1 + int(2.0 * np.pi * r / spacing), endpoint=False)
        found.append(np.stack([r * np.cos(angle), 0.0 * angle, r * np.sin(angle)], axis=1))
    return np.concatenate(found)


def _place(centre: object) -> Array:
    """Parts (2,) of two steps along the surface (InputError)."""
    expected = "a number, or two, of steps along the surface, e.g. 0 or (0.5, 0.5)"
    place = np.atleast_1d(as_numbers("centre", centre, expected))
    if place.shape not in ((1,), (2,)) or not np.isfinite(place).all():
        raise InputError("centre", centre, expected)
    return np.broadcast_to(place % 1.0, (2,))


def _first_contact(problem: Problem, indenter: RoundIndenter, cut: FreePlane) -> float:
    """y of the lowest point where the indenter, lowered, meets the first site of the surface, A."""
    layers = surface_energy(problem.crystal).relaxation
    step = float(np.linalg.norm(steps_along(problem.crystal.lattice), axis=1).max())
    ij = problem.points(problem.bounded(Ball(min(indenter.size, NEAR * step) + 2.0 * step)))
    x = problem.position(ij)
    x = x + cut.relaxed(layers, 0.0, problem.predictor, ij, x)
    gap = x[:, 1] - indenter.profile(np.hypot(x[:, 0], x[:, 2]))
    met = np.isfinite(gap)
    if not met.any():
        expected = "a sphere that does not fall between the sites"
        raise InputError("radius", indenter.size, expected, f"{step:.2f} A or more")
    return float(gap[met].max())
