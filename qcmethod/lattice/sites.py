"""Which lattice sites: those of a region, row by row, and a site's place in a list.

Rows of sites run along the first lattice vector, which lies along x; a region covers a chord of
each. So the sites are counted, row by row, before they are listed, and a list too long to hold is
refused. In this order neighbours are near in memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from qcmethod.base.arguments import number
from qcmethod.base.types import Array, Index
from qcmethod.errors import InputError
from qcmethod.lattice.region import Region
from qcmethod.lattice.rows_in_space import rows_in_box, run

LIMIT = 5_000_000
"""More atoms than this need a few gigabytes."""
MOST = 100_000_000
"""No limit may be higher: 50 GB of atoms."""
BLOCK = 1_000_000
"""Candidates at once: some hundred megabytes."""
MORE = 3
"""Rounding and a chord of no length may count this many sites a row that are not there."""


@dataclass(frozen=True, eq=False)
class Sites:
    """A list of lattice sites by their integer coordinates ij (n, dim), each once."""

    ij: Index

    def __len__(self) -> int:
        return len(self.ij)

    def find(self, ij: Index) -> Index:
        """Where sites ij (..., dim) are in the list, (...); -1: nowhere."""
        if not len(self.ij):
            return np.full(ij.shape[:-1], -1, dtype=np.int64)
        low, span, known, order = self._index
        inside = np.all((ij >= low) & (ij < low + span), axis=-1)
        key = _key(np.where(inside[..., None], ij - low, 0), span)
        at = np.minimum(np.searchsorted(known, key), len(known) - 1)
        return np.where(inside & (known[at] == key), order[at], -1)

    @cached_property
    def _index(self) -> tuple[Index, Index, Index, Index]:
        """Lowest coordinates and span (dim,), sorted keys and the sites that have them (n,)."""
        low, span = self.ij.min(axis=0), np.ptp(self.ij, axis=0) + 1
        key = _key(self.ij - low, span)
        order = np.argsort(key)
        return low, span, key[order], order


def sites_in(
    basis: Array, region: Region, origin: Array | None = None, limit: float = LIMIT
) -> Sites:
    """The sites x = ij . basis + origin of a region, row by row.

    Parameters
    ----------
    basis : (dim, 2) or (dim, 3) lattice vectors that carry the mesh, A; in the plane the first is
        along x
    origin : (3,) position of the site (0, 0), A (default 0)

    Raises InputError for a region that is not bounded or holds more than `limit` sites.
    """
    if not all(callable(getattr(region, name, None)) for name in ("distance", "bounds", "chords")):
        raise InputError("region", region, "a Region", "qcmethod.lattice.shapes.Tube(30.0)")
    start, dim = np.zeros(3) if origin is None else origin, len(basis)
    if dim == 3:
        return Sites(in_space(basis, region, start, limit))
    rows = _rows(basis, region, start, limit)
    first, count = along_rows(basis, region, start, rows)
    if count.sum() > limit + MORE * len(rows):
        raise _too_many(count.sum(), limit)
    ij = listed(rows, first.astype(np.int64), count.astype(np.int64))[:, :dim]
    found = ij[region.contains(places(ij, basis, start))]
    if len(found) > limit:
        raise _too_many(len(found), limit)
    return Sites(found)


def checked_limit(limit: float) -> float:
    """The largest number of sites of a list (InputError)."""
    expected = f"the largest number of atoms, at least 1, up to {MOST:.0e}"
    return number("limit", limit, expected, least=1, most=MOST)


def between(low: Index, high: Index) -> Sites:
    """The sites with low <= ij <= high, both (dim,), row by row."""
    rows = np.arange(low[1], high[1] + 1) if len(low) == 2 else np.zeros(1, dtype=np.int64)
    first, count = np.full(len(rows), low[0]), np.full(len(rows), high[0] - low[0] + 1)
    return Sites(listed(rows, first, count)[:, : len(low)])


def listed(rows: Index, first: Index, count: Index) -> Index:
    """(n, 2) sites of rows (m,): `count` of each, one after another from `first` on."""
    i = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return np.stack([i + np.repeat(first, count), np.repeat(rows, count)], axis=1)


def places(ij: Index, basis: Array, origin: Array) -> Array:
    """Positions (n, 3) of the sites ij (n, dim or more), A; of heights only what the basis has."""
    x = np.zeros((len(ij), 3))
    x[:, : basis.shape[1]] = ij[:, : len(basis)].astype(np.float64) @ basis
    return x + origin


def _rows(basis: Array, region: Region, origin: Array, limit: float) -> Index:
    """The rows j (m,) that a region may reach; of a chain its only one."""
    ends = ends_of_rows(basis, region, origin)
    if len(basis) == 1:
        return np.zeros(1, dtype=np.int64)
    if ends[1] - ends[0] > max(limit, LIMIT):
        raise _too_many((ends[1] - ends[0]) ** 2, limit)
    return np.arange(int(np.floor(ends[0])), int(np.ceil(ends[1])) + 1)


def ends_of_rows(basis: Array, region: Region, origin: Array) -> tuple[float, float]:
    """The lowest and the highest row that a region may reach, as reals; of a chain 0 (InputError:
    a region that is not bounded)."""
    low, high = region.bounds()
    if not np.isfinite([low[: len(basis)], high[: len(basis)]]).all():
        raise InputError("region", [low.tolist(), high.tolist()], "a bounded region")
    if len(basis) == 1:
        return 0.0, 0.0
    return (low[1] - origin[1]) / basis[1, 1], (high[1] - origin[1]) / basis[1, 1]


def along_rows(basis: Array, region: Region, origin: Array, rows: Index) -> tuple[Array, Array]:
    """First site and number of sites (m,), as reals, that a region may hold of each row."""
    slant, rise = basis[1, :2] if len(basis) == 2 else (0.0, 0.0)
    start = origin[0] + rows * slant
    left, right = region.chords(origin[1] + rows * rise)
    first = np.ceil((left - start) / basis[0, 0]) - 1.0
    return first, np.maximum(np.floor((right - start) / basis[0, 0]) + 2.0 - first, 0.0)


def _key(offset: Index, span: Index) -> Index:
    key = offset[..., 0]
    for column in range(1, len(span)):
        key = key * span[column] + offset[..., column]
    return np.asarray(key)


def in_space(basis: Array, region: Region, origin: Array, limit: float) -> Index:
    """ij (n, 3) of the sites of a region, one row after another (InputError as of `sites_in`)."""
    low, high = region.bounds()
    if not np.isfinite([low, high]).all():
        raise InputError("region", [low.tolist(), high.tolist()], "a bounded region")
    box = float(np.prod(np.maximum(high - low, 0.0))) / abs(float(np.linalg.det(basis)))
    if box > 8.0 * limit:
        raise _too_many(box, limit)
    rows, first, count = rows_in_box(basis, low - origin, high - origin)
    found, total = [np.zeros((0, 3), dtype=np.int64)], 0
    for part in np.array_split(np.arange(len(rows)), int(count.sum()) // BLOCK + 1):
        i = run(first[part], count[part])
        ij = np.column_stack([i, np.repeat(rows[part], count[part], axis=0)])
        found.append(ij[region.contains(places(ij, basis, origin))])
        total += len(found[-1])
        if total > limit:
            raise _too_many(total, limit)
    return np.concatenate(found)


def _too_many(n: float, limit: float) -> InputError:
    hint = "a smaller region, or limit= if there is memory: about 0.5 kB an atom"
    return InputError("region", f"a region of about {n:.2g} atoms", f"at most {limit:,.0f}", hint)
