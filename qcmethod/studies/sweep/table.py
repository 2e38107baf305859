"""A sweep as an aligned table of plain text; what failed, and what is missing, below it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from qcmethod.base.arguments import is_number
from qcmethod.base.table import aligned
from qcmethod.base.types import Facts
from qcmethod.studies.sweep.cases import as_said

if TYPE_CHECKING:
    from qcmethod.studies.sweep.report import Sweep

WIDEST = 60
"""Letters of a column."""
ASIDE = ("cpu_seconds", "worker", "reason")
"""Columns of files alone."""


def render(sweep: Sweep) -> str:
    """The sweep as text."""
    shown = {name: column for name, column in sweep.columns().items() if name not in ASIDE}
    cells = [list(shown), *([_text(v) for v in row] for row in zip(*shown.values(), strict=True))]
    lines = aligned(cells, left=range(len(sweep.arguments))) if sweep.rows else []
    reasons = [f"failed: {_said(row.case)}: {row.reason}" for row in sweep.failed]
    missing = [f"not run: {_said(case)}" for case in sweep.missing]
    return "\n".join([repr(sweep), *(f"  {line}" for line in lines), *reasons, *missing])


def _text(value: Any) -> str:
    """An entry of the table."""
    if value is None:
        return "-"
    if is_number(value):
        return f"{value:.6g}" if isinstance(value, float) else str(value)
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 3]}..."


def _said(case: Facts) -> str:
    """A case in words."""
    return ", ".join(f"{name} {_text(as_said(value))}" for name, value in case.items())
