"""The crystal of a table: its header's where that is one, else the lowest near it.

Many headers name another lattice (tungsten as "fcc 3.8761") or none, and LAMMPS never looks at
them: what they say is a hint. A table is unfit where no crystal near the hint is bound, on the grid
of densities and at most `DEEPEST` deep. Many a wrong unit is found so; a factor that leaves the
minimum in place goes unseen. Another crystal than the header's must prove itself: a vacancy costs
energy, and compression does too.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from qcmethod.base.said import say
from qcmethod.errors import PotentialFileError, PotentialWarning
from qcmethod.potentials.tables.table import Table
from qcmethod.potentials.tables.wells import (
    NEIGHBOUR,
    Well,
    collapse,
    crystal,
    on_grid,
    vacancy,
    wells,
)

DEEPEST = 15.0
"""eV an atom; no crystal is bound more deeply (tungsten: 8.9)."""
NEAR = 0.1
"""Of the header's constant: a minimum within it is the crystal that is meant (real ones: 3 %)."""
FAR = 1.3
"""Neighbours further from the header's than by this factor: another unit, not another lattice."""
COSTS = 0.1
"""Of the cohesive energy: what a vacancy costs at least (real ones: 0.18)."""


def check_crystal(table: Table) -> Table:
    """The table with the lattice that it holds together, which is its header's where that is one.

    Raises PotentialFileError where none is near the header's; warns where it is another one.
    """
    if table.structure and not table.lattice_constant:
        return _of_structure(table)
    unfit = _unfit_as_told(table)
    if table.structure and unfit is None:
        return table
    lowest = next(iter(wells(table)), None)
    holds = lowest is not None and _is_metal(table, lowest)
    if unfit is None:
        if lowest is not None and lowest.energy < -DEEPEST:
            raise table.error("scale", str(lowest), f"a minimum at most {DEEPEST:g} eV deep")
        if not holds:
            _say(table, "no fcc or bcc crystal that a vacancy and compression cost energy")
        return table
    if lowest is None:
        raise unfit
    if not (holds and _near(table, lowest)):
        a = f"structure={lowest.structure!r}, lattice_constant={lowest.constant:.4g}"
        hint = f"{unfit.hint} It holds {lowest} together: if that is meant, {a}"
        raise PotentialFileError(unfit.argument, unfit.given, unfit.expected, hint) from None
    _say(
        table,
        f"{lowest}, which is taken, and the header says {table.structure} "
        f"{table.lattice_constant:g}. Try: structure= and lattice_constant= of load_potential",
    )
    return replace(table, structure=lowest.structure, lattice_constant=lowest.constant)


def _of_structure(table: Table) -> Table:
    """The table with the lowest crystal of its structure, which was told without a constant."""
    for well in wells(table):
        if well.structure == table.structure and well.energy > -DEEPEST:
            return replace(table, lattice_constant=well.constant)
    expected = f"a {table.structure} crystal that is bound, at most {DEEPEST:g} eV deep"
    raise table.error("structure", table.structure, expected)


def _say(table: Table, what: str) -> None:
    say(f"{table.file}, {table.element}: the table holds together {what}", PotentialWarning)


def _is_metal(table: Table, well: Well) -> bool:
    """Whether a vacancy and compression cost the crystal energy."""
    least = -COSTS * well.energy
    return vacancy(table, well) > least and collapse(table, well) < least


def _near(table: Table, well: Well) -> bool:
    """Whether its neighbours are about as far as those of the header's crystal."""
    told = table.lattice_constant * NEIGHBOUR[table.structure]
    return told / FAR < well.neighbour < told * FAR and well.energy > -DEEPEST


def _unfit_as_told(table: Table) -> PotentialFileError | None:
    """What is wrong with the crystal of the header: bound, near its constant, on the grid?"""
    if not table.structure:
        return None
    a, grid = table.lattice_constant, table.grid
    sums = crystal(table.params, table.structure, a * np.array([1.0, 1.0 - NEAR, 1.0 + NEAR]))
    (E, dense, loose), n = sums.energy, float(sums.density[0])
    perfect = f"in the perfect {table.structure} crystal of the header (a = {a:g} A)"
    if not on_grid(table, sums.density)[0]:
        expected = f"between {grid.drho:g} and {grid.densest:g}, one step and all of its grid"
        return table.error("drho", f"a density of {n:g} {perfect}", expected)
    if not -DEEPEST < E < min(0.0, dense, loose):
        sides = f"{dense:g} at {1.0 - NEAR:g} a, {loose:g} at {1.0 + NEAR:g} a"
        given = f"{E:g} eV an atom {perfect}, {sides}"
        return table.error("scale", given, f"a minimum in between, at most {DEEPEST:g} eV deep")
    return None
