"""`.html` and `.txt`: a result as a page with its pictures inside, and as the table that it prints.

Both are text in UTF-8 and need no other file.
"""

from __future__ import annotations

from pathlib import Path

from qcmethod.io.capabilities import Paged
from qcmethod.io.formats import writes


@writes(".html", of=Paged)
def write_page(result: Paged, path: Path) -> None:
    """The page."""
    path.write_text(result.page(), encoding="utf-8")


@writes(".txt", of=Paged)
def write_text(result: Paged, path: Path) -> None:
    """The table."""
    path.write_text(f"{result}\n", encoding="utf-8")
