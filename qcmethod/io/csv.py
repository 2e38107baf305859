"""`.csv`: a table, for spreadsheets and data frames: a line of names, then a line a row."""

from __future__ import annotations

import csv
from pathlib import Path

from qcmethod.errors import InputError
from qcmethod.io.capabilities import Columnar
from qcmethod.io.formats import writes


@writes(".csv", of=Columnar)
def write_columns(result: Columnar, path: Path) -> None:
    """All columns of a result; None becomes an empty field, floats keep all their digits."""
    columns = result.columns()
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise InputError("columns", lengths, "columns of one length")
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(columns)
        table.writerows(zip(*columns.values(), strict=True))
