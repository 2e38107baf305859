"""Rows of a column that their neighbours contradict: a spike, two rows exchanged, a row twice.

On a uniform grid a smooth column has small fourth differences

    d4_k = y_{k-2} - 4 y_{k-1} + 6 y_k - 4 y_{k+1} + y_{k+2}

and a wrong row leaves its own mark in them, delta (1, -4, 6, -4, 1). A kink leaves (1, -2, 1) and a
step (1, -3, 3, -1): tables have both, where pieces of a fit meet and at cut-offs, and a parabola
from one side still finds every row there. So a row is

    contradicted   where parabolas from both sides miss it by several times the spread of its
                   neighbours, or where setting right one row (two, exchanged) leaves fourth
                   differences of next to nothing
    doubtful       where the mark is a row's but small against the spread, or a row comes twice

both only where it stands out of what is usual around it (a median of fourth differences) and of the
digits that are printed. In 44 columns of tables in wide use the largest miss from both sides is
0.5 spreads, and no mark of one row is left over; a flipped sign misses by 4 and more.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from qcmethod.base.types import Array
from qcmethod.potentials.tables.usual import usual

SPREADS = 3.0
"""Misses beyond so many spreads of the neighbours are no kink (real tables: at most 0.5)."""
SPREADS_AT_ENDS = 30.0
"""The same within three rows of an end, where only one side tells (real tables: at most 0.9)."""
REST = 0.03
"""What setting a row right may leave of the fourth differences (a kink leaves 0.09)."""
USUAL = 50.0
"""How far fourth differences stand out of those around."""
NOTHING = 1e-6
"""Of the median size of a column: below it a row changes no energy that matters."""
_MARK = np.array([1.0, -4.0, 6.0, -4.0, 1.0])


class Row(NamedTuple):
    """A row of a column, its value, what its neighbours say, and whether it is beyond doubt.

    other : the row that it was exchanged with, or that it repeats; -1 for none
    """

    number: int
    value: float
    expected: float
    certain: bool
    other: int = -1


def contradicted(column: Array) -> list[Row]:
    """Rows of a column (n,) that contradict their neighbours, the certain ones first."""
    y = np.clip(column, -1e100, 1e100)
    if len(y) < 12 or not np.any(y):
        return []
    d4 = np.convolve(y, _MARK, "valid")  # of the rows 2 ... n - 3
    least = NOTHING * float(np.median(np.abs(y[y != 0.0])))
    found = [*_exchanged(y, d4, least), *_twice(y, d4, least), *_spikes(y, d4, least)]
    return sorted(found, key=lambda row: not row.certain)


def _spikes(y: Array, d4: Array, least: float) -> list[Row]:
    """Single rows: by how far both sides miss them, or by the mark in the fourth differences."""
    n = len(y)
    left, right = np.full(n, np.inf), np.full(n, np.inf)
    left[3:] = np.abs(_third(y))
    right[:-3] = left[3:]
    left[:3], right[-3:] = right[:3], left[-3:]
    missed, spread = np.minimum(left, right), _spread(y)
    end = np.minimum(np.arange(n), np.arange(n)[::-1]) < 3
    # a column that ends on a step to zero is one that was cut
    cut = end & (y == 0.0)
    limit = np.where(end, SPREADS_AT_ENDS, SPREADS)
    gross = np.flatnonzero((missed > limit * spread) & (missed > least) & ~cut).tolist()
    rows = [_row(y, k, True) for k in gross if missed[k] > 0.1 * USUAL * usual(y, d4, k)]
    window = sliding_window_view(d4, 5)  # centred at row 4 ... n - 5
    size = window @ _MARK / 70.0
    rest = np.abs(window - size[:, None] * _MARK).max(axis=1)
    marked = (rest < REST * 6.0 * np.abs(size)) & (np.abs(size) > least)
    for k in (np.flatnonzero(marked) + 4).tolist():
        if 6.0 * abs(size[k - 4]) > USUAL * usual(y, d4, k) and k not in gross:
            rows.append(_row(y, k, abs(size[k - 4]) > spread[k]))
    return rows


def _row(y: Array, k: int, certain: bool) -> Row:
    """Row k and the cubic through two rows on either side of it (at an end: its neighbour)."""
    inside = 2 <= k < len(y) - 2
    near = y[1 if k < 2 else -2]
    expected = (4.0 * (y[k - 1] + y[k + 1]) - y[k - 2] - y[k + 2]) / 6.0 if inside else near
    return Row(k, float(y[k]), float(expected), certain)


def _exchanged(y: Array, d4: Array, least: float) -> list[Row]:
    """Two rows, at most four apart, whose exchange makes the column smooth."""
    rows = []
    for gap in range(1, 5):
        window = sliding_window_view(d4, 5 + gap)  # of the rows k - 2 ... k + gap + 2
        k = np.arange(len(window)) + 4
        rise = y[k + gap] - y[k]
        mark = np.append(_MARK, np.zeros(gap)) - np.append(np.zeros(gap), _MARK)
        before = np.abs(window).max(axis=1)
        rest = np.abs(window + rise[:, None] * mark).max(axis=1)
        for i in np.flatnonzero((rest < REST * before) & (np.abs(rise) > least)):
            if before[i] > USUAL * usual(y, d4, k[i]):
                j = int(k[i])
                rows.append(Row(j, float(y[j]), float(y[j + gap]), True, j + gap))
    return rows


def _twice(y: Array, d4: Array, least: float) -> list[Row]:
    """Rows that repeat the one before, between neighbours that go on rising or falling."""
    rise = np.diff(y)
    before, after = rise[:-2], rise[2:]
    steady = (before * after > 0.0) & (np.abs(before) < 2.0 * np.abs(after))
    steady &= (np.abs(after) < 2.0 * np.abs(before)) & (np.abs(before) > least)
    k = np.flatnonzero(steady & (rise[1:-1] == 0.0)) + 2  # row k repeats row k - 1
    k = k[(k >= 4) & (k < len(y) - 4)]
    return [
        Row(i, float(y[i]), float(y[i] + 0.5 * rise[i]), False, i - 1)
        for i in k.tolist()
        if np.abs(d4[i - 4 : i + 1]).max() > USUAL * usual(y, d4, i)
    ]


def _third(y: Array) -> Array:
    """Third differences: how far the parabola through three rows misses the next one."""
    return y[3:] - 3.0 * y[2:-1] + 3.0 * y[1:-2] - y[:-3]


def _spread(y: Array) -> Array:
    """Range of the three rows on either side, without the row itself."""
    padded = np.concatenate([np.full(3, y[3]), y, np.full(3, y[-4])])
    window = sliding_window_view(padded, 7)
    others: Array = np.ptp(window[:, [0, 1, 2, 4, 5, 6]], axis=1)
    return others
