"""Which lattice sites lie in a part of the domain: row by row, counted before they are listed."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np

from qcmethod.base.types import Array, Index
from qcmethod.coupling.system import System
from qcmethod.errors import InputError
from qcmethod.problems.crack_tip import tip_position

LIMIT = 5_000_000
"""More atoms than this need a few gigabytes."""
EXPECTED = "a radius in A, a box ((x0, x1), (y0, y1)) in A, or 'all'"


def bounds_of(
    system: System, u: Array, region: Any, centre: tuple[float, float] | None
) -> tuple[Array, Array, float]:
    """Lower and upper corner (2,) and radius about their middle, A (InputError)."""
    R = system.problem.extent
    disc = isinstance(region, Real) and not isinstance(region, bool)
    if centre is not None and not disc:
        raise InputError("centre", centre, "None: a box and the whole domain have their own place")
    if isinstance(region, str):
        if region != "all":
            raise InputError("region", region, EXPECTED)
        return np.full(2, -R), np.full(2, R), R
    if disc:
        radius = float(region)
        if not 0.0 < radius < np.inf:
            raise InputError("region", region, EXPECTED)
        middle = _centre(system, u, centre)
        return middle - radius, middle + radius, radius
    try:
        box = np.asarray(region, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError("region", region, EXPECTED) from error
    if box.shape != (2, 2) or not np.isfinite(box).all() or not (box[:, 0] <= box[:, 1]).all():
        raise InputError("region", region, EXPECTED, "((-50, 50), (-20, 20))")
    return box[:, 0], box[:, 1], np.inf


def _centre(system: System, u: Array, centre: tuple[float, float] | None) -> Array:
    if centre is None:
        if system.problem.flank == "crack":
            return np.array([tip_position(system, u) or 0.0, 0.0])
        return np.asarray(system.problem.centres.mean(axis=0))
    try:
        at = np.asarray(centre, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError("centre", centre, "a point (x, y), A") from error
    if at.shape != (2,) or not np.isfinite(at).all():
        raise InputError("centre", centre, "a point (x, y), A")
    return at


def sites_in(system: System, bounds: tuple[Array, Array, float], limit: int = LIMIT) -> Index:
    """Integer coordinates (n, dim) of the sites in a box and in a disc about its middle."""
    if not (isinstance(limit, Real) and limit >= 1):  # nan is no number of atoms
        raise InputError("limit", limit, "the largest number of atoms, at least 1")
    problem = system.problem
    (low, high, radius), R = bounds, problem.extent
    basis, origin = problem.crystal.lattice.plane_basis, problem.origin
    rows = _rows(basis, float(origin[1]), max(low[1], -R), min(high[1], R), limit)
    y = origin[1] + rows * (basis[1, 1] if len(basis) == 2 else 0.0)
    start = origin[0] + rows * (basis[1, 0] if len(basis) == 2 else 0.0)
    middle = 0.5 * (low + high)
    chord = np.sqrt(np.maximum(radius**2 - (y - middle[1]) ** 2, 0.0))
    rim = np.sqrt(np.maximum(R**2 - y**2, 0.0))
    left = np.maximum(np.maximum(low[0], middle[0] - chord), -rim)
    right = np.minimum(np.minimum(high[0], middle[0] + chord), rim)
    first = np.ceil((left - start) / basis[0, 0]) - 1.0
    count = np.maximum(np.floor((right - start) / basis[0, 0]) + 2.0 - first, 0.0)
    if count.sum() > limit + 2 * len(rows):
        raise _too_many(count.sum(), limit)
    n = count.astype(np.int64)
    i = np.arange(n.sum()) - np.repeat(np.cumsum(n) - n, n) + np.repeat(first.astype(np.int64), n)
    ij = np.stack([i, np.repeat(rows, n)], axis=1)[:, : len(basis)]
    x = problem.position(ij)[:, :2]
    keep = (np.linalg.norm(x, axis=1) <= R) & (np.linalg.norm(x - middle, axis=1) <= radius)
    keep &= ((x >= low) & (x <= high)).all(axis=1)
    ij = ij[keep]
    ij = ij[~problem.is_removed(ij)]
    if not len(ij):
        raise InputError("region", [low.tolist(), high.tolist()], "a region that holds sites")
    if len(ij) > limit:
        raise _too_many(len(ij), limit)
    return ij


def _rows(basis: Array, origin: float, low: float, high: float, limit: int) -> Index:
    if len(basis) == 1:
        return np.zeros(1, dtype=np.int64)
    first, last = (low - origin) / basis[1, 1], (high - origin) / basis[1, 1]
    if last - first > limit:
        raise _too_many((last - first) ** 2, limit)
    return np.arange(int(np.floor(first)), int(np.ceil(last)) + 1)


def _too_many(n: float, limit: int) -> InputError:
    hint = "a smaller region, or limit= if there is memory: about 0.5 kB an atom"
    return InputError("region", f"a region of about {n:.2g} atoms", f"at most {limit:,}", hint)
