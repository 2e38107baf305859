"""A patch report as an aligned table of plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from qcmethod.patch.report import PatchReport, PatchRow

_HEAD = ("gradient", "worst", "rms", "net", "at x, y (A)", "plain energy", "")


def render(report: PatchReport) -> str:
    """The report as text; forces in eV/A."""
    cells = [_HEAD, *(_line(row, report.tolerance) for row in report.rows)]
    width = [max(len(line[c]) for line in cells) for c in range(len(_HEAD))]
    lines = [
        "  "
        + "  ".join(
            text.ljust(w) if c in (0, 6) else text.rjust(w)
            for c, (text, w) in enumerate(zip(line, width, strict=True))
        ).rstrip()
        for line in cells
    ]
    head = [
        f"Patch test of {report.method}: ghost forces (eV/A) on perfect, strained crystal",
        f"  {_what(report)}",
    ]
    at = "({:.1f}, {:.1f}) A".format(*report.predictor_position[:2])
    where = f", worst at {at}" if report.predictor > report.tolerance else ""
    tail = [
        f"At the predictor of the problem ({_problem(report)}): {report.predictor:.2e} eV/A{where}",
        *(f"Note: {note}" for note in report.notes),
        f"Verdict: {report.verdict}; tolerance {report.tolerance:.0e} eV/A",
    ]
    return "\n".join([*head, *lines, *tail])


def _line(row: PatchRow, tolerance: float) -> tuple[str, ...]:
    verdict = "pass" if row.passes else "ghost forces"
    if row.passes and row.worst > tolerance:
        verdict = f"pass (rounding up to {row.rounding:.0e})"
    plain = "-" if row.uncorrected is None else f"{row.uncorrected:.2e}"
    return (
        row.name,
        f"{row.worst:.2e}",
        f"{row.rms:.2e}",
        f"{np.linalg.norm(row.net):.2e}",
        f"{row.position[0]:.1f}, {row.position[1]:.1f}",
        plain,
        verdict,
    )


def _what(report: PatchReport) -> str:
    s = report.system
    sizes = [f"{k} {s[k]:g} A" for k in ("core", "blend") if k in s]
    if "blending" in s:
        sizes[-1] += f" {s['blending']}"
    return ", ".join([f"{s['crystal']} {s['potential']}", *sizes, f"{s['repatoms']} repatoms"])


def _problem(report: PatchReport) -> str:
    loads = report.system["loads"]
    assert isinstance(loads, dict)
    return ", ".join(
        [str(report.system["problem"]), *(f"{k} {v:g}" for k, v in loads.items() if v)]
    )
