"""Which part of the domain a user means, and the sites in it."""

from __future__ import annotations

from numbers import Real
from typing import cast

import numpy as np

from qcmethod.base.arguments import as_numbers, finite, number
from qcmethod.base.types import Array, Index
from qcmethod.coupling.system import System
from qcmethod.errors import InputError
from qcmethod.lattice.region import Region
from qcmethod.lattice.shapes import Ball, Box, Slab, Tube
from qcmethod.lattice.sites import LIMIT, checked_limit

Interval = tuple[float, float]
Part = float | str | tuple[Interval, Interval] | tuple[Interval, Interval, Interval] | Region
"""A radius, A, a box ((x0, x1), (y0, y1)), in space ((x0, x1), (y0, y1), (z0, z1)), A, "all", or a
region of `lattice.shapes`."""
EXPECTED = "a radius in A, a box ((x0, x1), (y0, y1)) in A, or 'all'"
IN_SPACE = "a radius in A, a box ((x0, x1), (y0, y1), (z0, z1)) in A, or 'all'"


def region_of(system: System, u: Array, region: Part, centre: tuple[float, ...] | None) -> Region:
    """The region that is meant (InputError)."""
    if centre is not None and not isinstance(region, Real):
        raise InputError("centre", centre, "None: a box and the whole domain have their own place")
    problem, solid = system.problem, system.problem.crystal.lattice.dim == 3
    expected = IN_SPACE if solid else EXPECTED
    if isinstance(region, str):
        if region != "all":
            raise InputError("region", region, expected)
        return problem.domain
    if isinstance(region, Real):
        radius = number("region", region, expected, above=0.0)
        return _around(system, radius, _centre(system, u, centre))
    if not callable(getattr(region, "distance", None)):
        return _box(region, expected, solid)
    return cast("Region", region)


def _around(system: System, radius: float, centre: Array) -> Region:
    x, y, *z = (float(c) for c in centre)
    return Ball(radius, (x, y, z[0])) if z else Tube(radius, (x, y))


def _box(region: Part, expected: str, solid: bool) -> Region:
    """Of three intervals, or of two: then it stretches along z (InputError)."""
    box = as_numbers("region", region, expected)
    shapes = [(2, 2), (3, 2)] if solid else [(2, 2)]
    if box.shape not in shapes or not np.isfinite(box).all() or not (box[:, 0] <= box[:, 1]).all():
        hint = "((-50, 50), (-20, 20), (-20, 20))" if solid else "((-50, 50), (-20, 20))"
        raise InputError("region", region, expected, hint)
    low, high = box[:2].T.tolist()
    flat = Box(tuple(low), tuple(high))
    return flat if len(box) == 2 else flat & Slab(*box[2].tolist())


def _centre(system: System, u: Array, centre: tuple[float, ...] | None) -> Array:
    """(2,), in space (3,): what is given, the tip, or the middle of the defect, A (InputError)."""
    if centre is None:
        reading = system.problem.watch.reading(system, u)
        if "tip" in reading:
            return np.array([reading["tip"] or 0.0, 0.0])
        return np.asarray(system.problem.centres.mean(axis=0))
    solid = system.problem.crystal.lattice.is_space
    point = "(x, y, z)" if solid else "(x, y)"
    return finite("centre", centre, (3 if solid else 2,), f"a point {point}, A")


def sites_of(system: System, region: Region, limit: float = LIMIT) -> Index:
    """Integer coordinates (n, dim) of the sites in a region of the domain (InputError)."""
    limit = checked_limit(limit)
    problem = system.problem
    ij = problem.sites(problem.domain & region, limit)
    if not len(ij):
        wide = 3 if problem.crystal.lattice.is_space else 2
        low, high = region.bounds()[:, :wide].tolist()
        raise InputError("region", [low, high], "a region that holds sites")
    return ij
