"""A result in words, for the terminal: its own text, and the numbers that identify it."""

from __future__ import annotations

from typing import Any

from qcmethod.base.table import aligned

UNITS = {
    **dict.fromkeys(("core", "blend", "extent", "lattice_constant"), "A"),
    **dict.fromkeys(("ghost_force", "patch_number"), "eV/A"),
    "excess_energy": "eV",
}
"""Of the facts that files carry; those of the loads are with the loads."""


def shown(result: Any) -> str:
    """The text of a result; of a solution also the facts that its files carry."""
    summary = getattr(result, "summary", None)
    if isinstance(result, dict):
        return rows({k: v for k, v in result.items() if isinstance(v, str | int | float)})
    if not callable(summary):
        return str(result)
    return f"{result!r}\n\n{rows(summary())}"


def rows(facts: dict[str, Any]) -> str:
    """Names, values and units, one a line."""
    from qcmethod.problems.load import LOADS

    units = UNITS | {name: load.unit for name, load in LOADS.items()}
    cells = [
        (name, f"{v:.10g}" if isinstance(v, float) else str(v), units.get(name, ""))
        for name, v in facts.items()
    ]
    return "\n".join(line.rstrip() for line in aligned(cells, left={0, 1, 2}))
