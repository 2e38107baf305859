"""What is usual around a row of a column: its fourth differences, and its printed digits.

Fits and their pieces differ from file to file, so what stands out is told from the median over a
few rows on either side; where all are next to nothing, rounding to the printed digits is what is
left, 16 half units of the last one at worst.
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.types import Array, Index

AROUND = 12
"""Rows on either side that say what is usual."""


def usual(y: Array, d4: Array, k: int) -> float:
    """Fourth differences around row k that are not its own, and what rounding makes of them."""
    near = np.abs(np.arange(len(d4)) + 2 - k)
    around: Index = np.flatnonzero((near > 6) & (near <= AROUND + 6))
    values = y[max(0, k - AROUND) : k + AROUND]
    median = float(np.median(np.abs(d4[around]))) if len(around) else 0.0
    others = float(np.median(np.abs(values)))
    return max(median, 16.0 * rounding(values), 1e-14 * others)


def rounding(values: Array) -> float:
    """Half a unit of the last digit that numbers (n,) are printed with, from 3 to 9 digits.

    The unit is that of fixed point where all are multiples of it, else that of the significant
    digits of their median; 0 for numbers with more digits.
    """
    size = np.abs(values[values != 0.0])
    if not len(size):
        return 0.0
    power = 10.0 ** np.floor(np.log10(size))
    for digits in range(3, 10):
        if _whole(size * 10.0**digits):
            return float(0.5 * 10.0**-digits)
        if _whole(size / power * 10.0 ** (digits - 1)):
            return float(0.5 * np.median(power) * 10.0 ** (1 - digits))
    return 0.0


def _whole(values: Array) -> bool:
    """Whether all but one in ten (wrong rows have digits of their own) are whole numbers."""
    return bool(np.mean(np.abs(values - np.rint(values)) < 1e-3) > 0.9)
