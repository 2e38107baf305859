"""Columns that stand in the place of another, are written from their end, or begin a few rows off.

Nothing but their numbers tells columns apart, so each sign here is one that no potential has:

    r phi is the density up to a factor, or F is another column number by number
    F(n) begins away from zero and comes down to zero at the last density, on a slope
    r phi grows like 1/r over the first rows: it is phi
    F goes on smoothly over the first rows of the next column, which breaks behind them, or the
    last rows of F lead into that column: nrho is off by that many rows
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.types import Array
from qcmethod.potentials.tables.table import Table

MOST_ROWS = 8
"""Rows by which counts may be off and be found."""
BREAK = 5.0
"""Times the rises around: the break behind rows that go on from F."""
SHARP = 50.0
"""Times the rises before: a break in the last rows of F."""


def check_places(table: Table) -> None:
    """Raise PotentialFileError for a column in the place of another, or from its end."""
    F, rho, rphi = table.F, table.rho[table.used], table.rphi[table.used]
    if _proportional(rho, rphi):
        raise table.error("r phi", "the density column", "r phi(r)", "are columns exchanged?")
    for what, column in (("rho", table.rho), ("r phi", table.rphi)):
        if np.any(F) and np.array_equal(F, column):
            raise table.error("F", f"the same numbers as {what}", "F(n)", "are columns exchanged?")
    scale = float(np.ptp(F))
    ends_at_zero = abs(F[-1]) < 1e-5 * scale < 0.1 * abs(F[-1] - F[-2])
    if ends_at_zero and abs(F[0]) > max(1e-3 * scale, 100.0 * abs(F[-1])):
        given = f"F(n) from {F[0]:g} at n = 0 to {F[-1]:g} at n = {table.grid.densest:g}"
        hint = "is the column written from its end?"
        raise table.error("F", given, "F(n) that begins near 0 and goes on from there", hint)
    largest = float(np.abs(rho).max())
    if np.abs(table.rho[:4]).max() < 1e-2 * largest < abs(rho[-1]):
        given = f"rho(r) from 0 at r = 0 to {rho[-1]:g} at the cut-off"
        hint = "is the column written from its end?"
        raise table.error("rho", given, "a density that decays", hint)
    if _hyperbola(table.rphi):
        given = "values that grow like 1/r towards r = 0"
        raise table.error("r phi", given, "r phi(r), which does not", "is it phi(r) itself?")


def rows_off(F: Array, after: Array) -> int:
    """By how many rows the end of F is off, as F and the column after it tell: 0 where it is not.

    Positive: so many rows that follow belong to F; negative: the last rows of F do not.
    """
    for rows in range(2, MOST_ROWS + 1, 2):  # the total stays where nr changes by half of it
        if _leads(F, after, rows):
            return rows
        if _begins(F, after, rows):
            return -rows
    return 0


def _leads(column: Array, after: Array, rows: int) -> bool:
    """Whether a column goes on over the first rows of the next, which breaks behind them."""
    last, head, rest = column[-4:], after[:rows], after[rows : rows + 5]
    if len(last) < 4 or len(rest) < 5 or not np.any(last):
        return False
    with np.errstate(all="ignore"):
        rise = np.abs(np.diff(last)).max()
        goes_on = np.abs(np.diff(np.append(last, head), 3)).max() <= 0.3 * rise + 1e-12
        around = max(rise, np.abs(np.diff(rest[1:])).max())  # the row at r = 0 may be of any size
        return bool(goes_on and abs(rest[0] - head[-1]) > BREAK * around + 1e-6)


def _begins(F: Array, after: Array, rows: int) -> bool:
    """Whether the last rows of F, behind a break, are the beginning of the next column."""
    own, tail, head = F[-rows - 5 : -rows], F[-rows:], after[:5]
    if len(own) < 5 or len(head) < 5:
        return False
    rise = np.abs(np.diff(own)).max()
    breaks = abs(tail[0] - own[-1]) > SHARP * rise > 0.0
    return bool(breaks and abs(head[0] - tail[-1]) <= 3.0 * np.abs(np.diff(head)).max() + 1e-12)


def _proportional(a: Array, b: Array) -> bool:
    """Whether two columns are one up to a factor."""
    factor = float(a @ b) / (float(b @ b) or 1.0)
    return bool(np.any(a) and np.abs(a - factor * b).max() < 1e-9 * np.abs(a).max())


def _hyperbola(column: Array) -> bool:
    """Whether rows 1 to 4 are a constant over r, as phi is where r phi is flat."""
    first = column[1:5]
    with np.errstate(all="ignore"):
        return bool(np.abs(first * np.arange(1, 5) / first[0] - 1.0).max() < 0.3)
