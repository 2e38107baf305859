"""Pairs of near sites from linked cells: sorted into boxes, a site looks into those around its own.

Boxes have edges of at least 1/WIDTH of the reach, so partners lie at most WIDTH boxes away (Allen
and Tildesley 1987, section 5.3; WIDTH = 1 there). Along z the boxes divide a period and close upon
themselves. Where the period is short, or the sites are a plane, there is one box along z: a column.

A pair (i, j) with i <= j is met when j is visited, and sites are visited in their order: filed
under i, the partners j of i are in order too, and nothing is sorted.
"""

from __future__ import annotations

import math

import numpy as np
from numba.extending import register_jitable
from numpy.typing import NDArray

from qcmethod.base.jit import entry
from qcmethod.base.types import Array, Bools, Index

WIDTH = 2
"""Boxes from a site to its farthest partner: more of them fit a sphere better, and cost loops."""
PER_SITE = 8.0
"""Most boxes, in units of the number of sites: those of sparse sites are larger."""


def pairs(
    r: Array, period: float, reach: float, active: Bools
) -> tuple[Index, NDArray[np.uint32], Array]:
    """Half list of n sites: start (n + 1,), partner (m,) of uint32, shift along z (m,), A.

    r (n, 3), period (inf: none) and reach, A; of a pair one site is in `active` (n,) at least.
    """
    if not np.isfinite(r).all():
        raise ValueError("positions must be finite")
    if len(r) == 0:
        return np.zeros(1, np.int64), np.zeros(0, np.uint32), np.zeros(0)
    r, up = np.ascontiguousarray(r), float(period) if math.isfinite(period) else 0.0
    found: tuple[Index, NDArray[np.uint32], Array]
    found = near_pairs(r, up, float(reach), active, *boxes(r, period, reach))
    return found


def boxes(r: Array, period: float, reach: float) -> tuple[Index, Array, Array]:
    """Number of boxes (3,), the corner of the first (3,) and their edges (3,), A."""
    low, high = r.min(axis=0), r.max(axis=0)
    if math.isfinite(period):
        low[2], high[2] = 0.0, period
    span = high - low
    # rounding of a coordinate moves no partner out of sight
    number = np.maximum(span * (WIDTH * (1.0 - 1e-9) / max(reach, 1e-300)), 1.0)
    if number.prod() > PER_SITE * len(r):
        number = _fewer(number, PER_SITE * len(r))
    count = np.maximum(np.floor(number), 1.0).astype(np.int64)
    return count, low, np.where(span > 0.0, span, 1.0) / count


def _fewer(number: Array, most: float) -> Array:
    """Numbers (3,) >= 1 with a product of `most`: the larger ones shrink alike."""
    for _ in range(3):
        large = number > 1.0
        excess = (number.prod() / most) ** (1.0 / max(large.sum(), 1))
        number = np.where(large, np.maximum(number / max(excess, 1.0), 1.0), number)
    return number


@entry
def near_pairs(r, period, reach, active, count, low, edge):
    """What `pairs` returns; a period of 0: none."""
    n, closed = r.shape[0], period > 0.0
    box, first, order, x = _sorted(r, period, count, low, edge)
    owner = np.empty(32 * n + 64, np.uint32)
    up = np.empty(len(owner) if closed else 0)
    start, until = np.zeros(n + 1, np.int64), np.zeros(n + 1, np.int64)
    run = np.zeros((2, 2), np.int64)
    met, own, most = 0, 0, 1  # images of a site of itself, and of another
    if closed:
        own, most = int(reach / period), int(2.0 * reach / period) + 1
    for j in range(n):
        images = own if active[j] else 0
        owner, up = _room(owner, up, met, images)
        for image in range(1, images + 1):  # of the site itself
            owner[met], up[met] = j, image * period
            met += 1
        start[j + 1] += images
        a0, a1 = max(box[j, 0] - WIDTH, 0), min(box[j, 0] + WIDTH + 1, count[0])
        b0, b1 = max(box[j, 1] - WIDTH, 0), min(box[j, 1] + WIDTH + 1, count[1])
        runs = _runs(box[j, 2], count[2], closed, run)
        for a in range(a0, a1):
            for b in range(b0, b1):
                column = (a * count[1] + b) * count[2]
                for c in range(runs):
                    s0, s1 = first[column + run[c, 0]], first[column + run[c, 1]]
                    owner, up = _room(owner, up, met, most * (s1 - s0))
                    for s in range(s0, s1):
                        i = order[s]
                        if i >= j or not (active[i] or active[j]):
                            continue
                        dx, dy, dz = r[j, 0] - x[s, 0], r[j, 1] - x[s, 1], r[j, 2] - x[s, 2]
                        height2 = reach * reach - dx * dx - dy * dy
                        if height2 < 0.0:
                            continue
                        height = np.sqrt(height2)
                        if not closed:
                            if abs(dz) <= height:
                                owner[met] = i
                                met += 1
                                start[i + 1] += 1
                            continue
                        lowest = np.ceil((-height - dz) / period)
                        images = int(np.floor((height - dz) / period) - lowest) + 1
                        for image in range(images):
                            owner[met], up[met] = i, (lowest + image) * period
                            met += 1
                        start[i + 1] += max(images, 0)
        until[j + 1] = met
    return _filed(start, until, owner, up)


@register_jitable
def _sorted(r, period, count, low, edge):
    """Boxes (n, 3) of sites; `first` (boxes + 1,) of each in `order` (n,), positions in it."""
    n = r.shape[0]
    box, number = np.empty((n, 3), np.int64), np.empty(n, np.int64)
    first = np.zeros(count[0] * count[1] * count[2] + 1, np.int64)
    for i in range(n):
        for a in range(3):
            height = r[i, a] - low[a]
            if a == 2 and period > 0.0:
                height -= period * np.floor(height / period)
            box[i, a] = min(max(int(height / edge[a]), 0), count[a] - 1)
        number[i] = (box[i, 0] * count[1] + box[i, 1]) * count[2] + box[i, 2]
        first[number[i] + 1] += 1
    first[:] = np.cumsum(first)
    order, x, free = np.empty(n, np.int64), np.empty((n, 3)), first.copy()
    for i in range(n):
        s = free[number[i]]
        free[number[i]] += 1
        order[s] = i
        x[s] = r[i]
    return box, first, order, x


@register_jitable
def _runs(box, count, closed, run):
    """Boxes up a column around one, as one or two intervals [first, last) in `run`; how many."""
    low, high = box - WIDTH, box + WIDTH + 1
    if closed and high - low >= count:
        low, high = 0, count
    run[0, 0], run[0, 1] = max(low, 0), min(high, count)
    if not closed:
        return 1
    if low < 0:
        run[1, 0], run[1, 1] = low + count, count
    elif high > count:
        run[1, 0], run[1, 1] = 0, high - count
    else:
        return 1
    return 2


@register_jitable
def _room(owner, up, met, more):
    """The two, longer where `more` do not fit."""
    if met + more <= len(owner):
        return owner, up
    longer = np.empty(2 * len(owner) + more, np.uint32)
    higher = np.empty(len(longer) if len(up) else 0)
    longer[:met] = owner[:met]
    higher[: min(met, len(up))] = up[:met]
    return longer, higher


@register_jitable
def _filed(start, until, owner, up):
    """The list: what j met is in until[j] ... until[j + 1] - 1, and is filed by owner."""
    start, met = np.cumsum(start), until[-1]
    site, shift, free = np.empty(met, np.uint32), np.zeros(met), start.copy()
    for j in range(len(until) - 1):
        for m in range(until[j], until[j + 1]):
            s = free[owner[m]]
            free[owner[m]] += 1
            site[s] = j
            if len(up):
                shift[s] = up[m]
    return start, site, shift
