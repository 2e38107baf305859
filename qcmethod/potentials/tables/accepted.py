"""A table that has been read becomes a potential once its columns and its crystal are right."""

from __future__ import annotations

from qcmethod.potentials.contract import Potential
from qcmethod.potentials.tables.columns import check_columns
from qcmethod.potentials.tables.crystals import check_crystal
from qcmethod.potentials.tables.table import Table
from qcmethod.potentials.tables.told import Told


def accepted(table: Table, told: Told) -> Potential:
    """The splined potential; PotentialFileError when the table is malformed or mis-scaled."""
    check_columns(table)
    table = check_crystal(table)
    return Potential(
        name=f"{table.file} {table.element}",
        element=told.symbol or table.element,
        params=table.form,
        structure=table.structure,
        lattice_constant=table.lattice_constant,
        mass=table.mass,
    )
