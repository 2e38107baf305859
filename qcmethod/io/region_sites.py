"""Which part of the domain a user means, and the sites in it."""

from __future__ import annotations

from numbers import Real

import numpy as np

from qcmethod.base.arguments import is_number
from qcmethod.base.types import Array, Index
from qcmethod.coupling.system import System
from qcmethod.errors import InputError
from qcmethod.lattice.plane import in_plane
from qcmethod.lattice.region import Region
from qcmethod.lattice.shapes import Box, Tube
from qcmethod.lattice.sites import LIMIT

Part = float | str | tuple[tuple[float, float], tuple[float, float]]
"""A radius, A, a box ((x0, x1), (y0, y1)), A, or "all"."""
EXPECTED = "a radius in A, a box ((x0, x1), (y0, y1)) in A, or 'all'"


def region_of(system: System, u: Array, region: Part, centre: tuple[float, float] | None) -> Region:
    """The region that is meant (InputError)."""
    if centre is not None and not is_number(region):
        raise InputError("centre", centre, "None: a box and the whole domain have their own place")
    if isinstance(region, str):
        if region != "all":
            raise InputError("region", region, EXPECTED)
        return system.problem.domain
    if is_number(region):
        radius = float(region)
        if not 0.0 < radius < np.inf:
            raise InputError("region", region, EXPECTED)
        x, y = _centre(system, u, centre)
        return Tube(radius, (float(x), float(y)))
    try:
        box = np.asarray(region, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError("region", region, EXPECTED) from error
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
    try:
        at = np.asarray(centre, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError("centre", centre, "a point (x, y), A") from error
    if at.shape != (2,) or not np.isfinite(at).all():
        raise InputError("centre", centre, "a point (x, y), A")
    return at


def sites_of(system: System, region: Region, limit: int = LIMIT) -> Index:
    """Integer coordinates (n, dim) of the sites in a region of the domain (InputError)."""
    if not (isinstance(limit, Real) and limit >= 1):  # nan is no number of atoms
        raise InputError("limit", limit, "the largest number of atoms, at least 1")
    problem = system.problem
    ij = problem.sites(problem.domain & region, limit)
    if not len(ij):
        low, high = in_plane(region.bounds())
        raise InputError("region", [low.tolist(), high.tolist()], "a region that holds sites")
    return ij
