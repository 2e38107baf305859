"""Tables on disk, under a digest of the potential, the crystal and the settings.

    QCMETHOD_CACHE, or XDG_CACHE_HOME/qcmethod, or ~/.cache/qcmethod:    laws/DIGEST.json

A file that is damaged, or that the disk does not take, costs another fit and nothing else.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import numpy as np

from qcmethod.base.files import read_sealed, sealed, write_json
from qcmethod.crystal.table.fit import Table
from qcmethod.errors import QCError


def folder() -> Path:
    """Where tables are kept."""
    own = os.environ.get("QCMETHOD_CACHE")
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(own or os.path.join(home, "qcmethod")) / "laws"


def kept(key: str) -> Table | None:
    """The table of a key; None where there is none that is whole."""
    file = folder() / f"{key}.json"
    if not file.is_file():
        return None
    try:
        read = read_sealed(file, "couple(problem, law='tabulated')")
        return Table(
            np.array(read["c"]),
            np.array(read["exponents"], dtype=np.int64),
            float(read["range"]),
            float(read["error"]),
            int(read["cells"]),
        )
    except (QCError, KeyError, TypeError, ValueError):
        return None


def keep(key: str, table: Table) -> None:
    """Keep a table where the disk takes it."""
    values = {
        "c": table.c.tolist(),
        "exponents": table.exponents.tolist(),
        "range": table.range,
        "error": table.error,
        "cells": table.cells,
    }
    with suppress(OSError, QCError):
        folder().mkdir(parents=True, exist_ok=True)
        write_json(folder() / f"{key}.json", sealed(values))
