"""`.json`: the numbers of a result, for people and for other programs.

Those of a result that `qcmethod.load` reads back carry the SHA-256 digest of their content.
"""

from __future__ import annotations

from pathlib import Path

from qcmethod.base.files import as_json, sealed
from qcmethod.io.capabilities import Tabular
from qcmethod.io.formats import writes


@writes(".json", of=Tabular)
def write_numbers(result: Tabular, path: Path) -> None:
    """All numbers of a result; ValueError where one is not finite."""
    values = result.record()
    path.write_text(as_json(sealed(values) if getattr(result, "sealed", False) else values))
