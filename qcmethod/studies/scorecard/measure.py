"""One case of a card: a row of a potential, in whatever process."""

from __future__ import annotations

from pathlib import Path

from qcmethod.base.types import Facts
from qcmethod.potentials.contract import Potential
from qcmethod.studies.scorecard.row import ROWS, Subject


def measured(
    potential: Potential, structure: str, row: str, directory: Path | None = None
) -> Facts:
    """The numbers and curves of one row, for JSON.

    directory : of the case's own, in which ramps go on where they were killed
    """
    return ROWS.find(row).measure(Subject(potential, structure, directory)).record()
