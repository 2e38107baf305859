"""Which part of the domain a user means, and the sites in it."""

from __future__ import annotations

from numbers import Real

import numpy as np

from qcmethod.base.arguments import as_numbers, finite, number
from qcmethod.base.types import Array, Index
from qcmethod.coupling.system import System
from qcmethod.errors import InputError
from qcmethod.lattice.plane import in_plane
from qcmethod.lattice.region import Region
from qcmethod.lattice.shapes import Box, Tube
from qcmethod.lattice.sites import LIMIT, checked_limit

Part = float | str | tuple[tuple[float, float], tuple[float, float]]
"""A radius, A, a box ((x0, x1), (y0, y1)), A, or "all"."""
EXPECTED = "a radius in A, a box ((x0, x1), (y0, y1)) in A, or 'all'"


def region_of(system: System, u: Array, region: Part, centre: tuple[float, float] | None) -> Region:
    """The region that is meant (InputError)."""
    if centre is not None and not isinstance(region, Real):
        raise InputError("centre", centre, "None: a box and the whole domain have their own place")
    if isinstance(region, str):
        if region != "all":
            raise InputError("region", region, EXPECTED)
        return system.problem.domain
    if isinstance(region, Real):
        radius = number("region", region, EXPECTED, above=0.0)
        x, y = _centre(system, u, centre)
        return Tube(radius, (float(x), float(y)))
    box = as_numbers("region", region, EXPECTED)
    if box.shape != (2, 2) or not np.isfinite(box).all() or not (box[:, 0] <= box[:, 1]).all():
        raise InputError("region", region, EXPECTED, "((-50, 50), (-20, 20))")
    low, high = box.T.tolist()
    return Box(tuple(low), tuple(high))


def _centre(system: System, u: Array, centre: tuple[float, float] | None) -> Array:
    if centre is None:
        reading = system.problem.watch.reading(system, u)
        if "tip" in reading:
            return np.array([reading["tip"] or 0.0, 0.0])
        return np.asarray(system.problem.centres.mean(axis=0))
    return finite("centre", centre, (2,), "a point (x, y), A")


def sites_of(system: System, region: Region, limit: float = LIMIT) -> Index:
    """Integer coordinates (n, dim) of the sites in a region of the domain (InputError)."""
    limit = checked_limit(limit)
    problem = system.problem
    ij = problem.sites(problem.domain & region, limit)
    if not len(ij):
        low, high = in_plane(region.bounds())
        raise InputError("region", [low.tolist(), high.tolist()], "a region that holds sites")
    return ij
