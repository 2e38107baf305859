"""What makes the columns of a table unfit: ends, places, and rows that are named.

A table must reach its cut-off and have come down there; each column must stand in its own place
(`places`); and no row may contradict its neighbours (`smooth`), from the shortest distance to the
cut-off and over all densities, for a defect visits more of them than a perfect crystal.
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.said import say
from qcmethod.base.types import Array
from qcmethod.errors import PotentialWarning
from qcmethod.potentials.site import pair
from qcmethod.potentials.tables.places import check_places
from qcmethod.potentials.tables.smooth import Row, contradicted
from qcmethod.potentials.tables.table import Table

LARGEST_JUMP = 0.05
"""eV; a pair energy beyond it at the cut-off is a mistake, not a sharp tail (at most 5e-4 seen)."""
FARTHEST = 30.0
"""A; no tabulated cut-off is longer (10 A is a long one)."""
BEYOND = 2.0
"""Times the length of the table; a cut-off further out has digits too many."""
HIGHEST = 1e30
"""A number beyond it in a row that is used is no energy, no density."""


def check_columns(table: Table) -> None:
    """Refuse a table whose columns cannot be right (PotentialFileError); warn where one may not."""
    _check_range(table)
    _check_values(table)
    _check_ends(table)
    check_places(table)
    for what, unit, step, first, column in _columns(table):
        _check_rows(table, what, unit, step, first, contradicted(column))


def _check_range(table: Table) -> None:
    """A cut-off that cannot be meant, before anything is summed up to it."""
    grid = table.grid
    if grid.cutoff > min(FARTHEST, BEYOND * grid.end):
        expected = f"at most {FARTHEST:g} A and {BEYOND:g} times the last row, {grid.end:g} A"
        raise table.error("rc", grid.cutoff, expected, "digits too many in rc, or dr too small?")


def _columns(table: Table) -> list[tuple[str, str, float, int, Array]]:
    """Name, variable, step, first row and the rows that are used, of each column."""
    grid, used = table.grid, table.used
    of_distance = {"rho": table.rho, "r phi": table.rphi, **_angular(table)}
    return [
        ("F", "n", grid.drho, 0, table.F),
        *((what, "r", grid.dr, used.start, y[used]) for what, y in of_distance.items()),
    ]


def _angular(table: Table) -> dict[str, Array]:
    """The columns of ADP, none of EAM."""
    return dict(zip("uw", table.angular or (), strict=False))


def _check_values(table: Table) -> None:
    for what, unit, step, first, column in _columns(table):
        wrong = np.flatnonzero(~(np.abs(column) < HIGHEST))
        if len(wrong):
            k = first + int(wrong[0])
            where = f"{what}, row {k + 1} ({unit} = {k * step:.6g})"
            raise table.error(
                where, float(column[wrong[0]]), "a number of its neighbours' size", ""
            )


def _check_ends(table: Table) -> None:
    """The columns must reach the cut-off and have come down there."""
    grid, params = table.grid, table.params
    if not np.any(table.rho):
        if np.ptp(table.F) > 0.0:
            raise table.error("rho", "zeros only", "a density column, for F is not constant")
    elif np.all(table.rho[table.used] <= 0.0):
        highest = float(table.rho[table.used].max())
        raise table.error("rho", f"at most {highest:g}", "a positive density")
    largest = float(np.abs(table.rho[table.used]).max())
    held = grid.cutoff > grid.end + 1.5 * grid.dr
    if held and (abs(table.rphi[-1]) > 1e-6 or abs(table.rho[-1]) > 1e-6 * largest):
        expected = f"a table up to the cut-off {grid.cutoff:g} A; it ends at {grid.end:g} A"
        raise table.error("dr", grid.dr, expected)
    middle, last = (pair(params, x * grid.cutoff) for x in (0.5, 1.0 - 1e-9))
    left = abs(last[2]) > max(0.2 * abs(middle[2]), 1e-6 * largest)
    jumps = abs(last[0]) > LARGEST_JUMP or left or any(map(_cut, _used_angular(table)))
    if jumps or params.r_min > 0.4 * grid.cutoff:
        expected = f"functions that have decayed at the cut-off {grid.cutoff:g} A"
        raise table.error("dr", grid.dr, expected)


def _used_angular(table: Table) -> list[Array]:
    return [y[table.used] for y in _angular(table).values()]


def _cut(column: Array) -> bool:
    """Whether a column (n,) ends far from zero, as its second half goes."""
    return abs(column[-1]) > 0.2 * float(np.abs(column[len(column) // 2 :]).max()) > 0.0


def _with(row: Row, first: int) -> str:
    """Which other row has to do with it."""
    if row.other < 0:
        return ""
    other = first + row.other + 1
    return f", as row {other} has it" if row.other < row.number else f", exchanged with row {other}"


def _check_rows(
    table: Table, what: str, unit: str, step: float, first: int, rows: list[Row]
) -> None:
    """Refuse the first row that is beyond doubt, say the first that is doubtful."""
    if not rows:
        return
    row = rows[0]
    k = first + row.number
    where = f"{what}, row {k + 1} ({unit} = {k * step:.6g})"
    given = f"{row.value:.6g}" + _with(row, first)
    others = f" ({len(rows) - 1} more rows like it)" if len(rows) > 1 else ""
    expected = f"{row.expected:.6g}, which its neighbours say{others}"
    error = table.error(where, given, expected, "a wrong sign, digit or line in the file?")
    if row.certain:
        raise error
    say(str(error), PotentialWarning)
