"""How many lattice sites a region holds, from the ends of its rows: none of them is listed.

    n = sum_j (last_j - first_j + 1)

The chord of a region says where a row of sites begins and ends up to rounding; the few sites there
are asked themselves, so the number is that of `sites_in` to the last site. A row whose ends the
chord does not know is asked site by site.
"""

from __future__ import annotations

import math

import numpy as np

from qcmethod.base.types import Array, Bools, Index
from qcmethod.lattice.region import Region
from qcmethod.lattice.sites import MORE, along_rows, ends_of_rows, in_space, places

FEW = 4_000_000
LINES = 160
"""Sites in space are counted up to FEW; LINES^3 points give a volume to 1e-4."""
BLOCK = 1_000_000
"""Rows at once: some hundred megabytes."""


def count(basis: Array, region: Region, origin: Array) -> int:
    """Sites x = ij . basis + origin of a bounded region that no row enters twice.

    basis (dim, 2 or 3), A, as of `sites_in`; origin (3,), A. Raises InputError where the region is
    not bounded.
    """
    if len(basis) == 3:
        return _in_space(basis, region, origin)
    low, high = ends_of_rows(basis, region, origin)
    first, last = math.floor(low), math.ceil(high)
    blocks = range(first, last + 1, BLOCK)
    return sum(
        _in_rows(basis, region, origin, np.arange(j, min(j + BLOCK, last + 1))) for j in blocks
    )


def _in_space(basis: Array, region: Region, origin: Array) -> int:
    """Sites of a region in space: those of more than FEW are its volume over that of a site, about,
    by its extent along many lines."""
    low, high = region.bounds()
    box = float(np.prod(high - low)) / abs(float(np.linalg.det(basis)))
    if not np.isfinite(box) or box <= FEW:
        return len(in_space(basis, region, origin, FEW))
    s = (np.arange(LINES) + 0.5) / LINES
    part, x = 0, np.stack(np.meshgrid(*[s] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    for some in np.array_split(x, 16):
        part += int(region.contains(low + some * (high - low)).sum())
    return round(box * part / LINES**3)


def _in_rows(basis: Array, region: Region, origin: Array, rows: Index) -> int:
    start, number = (n.astype(np.int64) for n in along_rows(basis, region, origin, rows))
    end = start + number - 1
    (first, begins), (last, ends) = (
        _end(basis, region, origin, rows, at, step) for at, step in ((start, 1), (end, -1))
    )
    known = begins & ends
    asked = ~known & (number > 2 * MORE)
    n = int((last - first + 1)[known].sum())
    for j, i, many in zip(rows[asked], start[asked], number[asked], strict=True):
        row = np.stack([np.arange(i, i + many), np.full(many, j)], axis=1)
        n += int(region.contains(places(row, basis, origin)).sum())
    return n


def _end(
    basis: Array, region: Region, origin: Array, rows: Index, at: Index, step: int
) -> tuple[Index, Bools]:
    """The outermost site of each row (m,) that is in the region, and whether it is near `at`."""
    tried = [at + step * k for k in range(MORE + 1)]
    inside = np.array(
        [region.contains(places(np.stack([i, rows], axis=1), basis, origin)) for i in tried]
    )
    return at + step * inside.argmax(axis=0), np.asarray(inside.any(axis=0))
