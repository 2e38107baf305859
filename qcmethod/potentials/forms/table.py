"""A LAMMPS table that lies beside a card, as a functional form of cards."""

from __future__ import annotations

from pathlib import Path

from qcmethod.potentials.site import Params, form
from qcmethod.potentials.tables.read import read_table


@form("eam-table")
def eam_table(*, file: str, element: str, style: str | None = None) -> Params:
    """The splines of an element of a table; a relative ``file`` is in the card's folder."""
    return read_table(Path(file), element, style).params
