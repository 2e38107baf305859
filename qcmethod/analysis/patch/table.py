"""A patch report as an aligned table of plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qcmethod.analysis.patch.figures import REGIONS, PatchRow
from qcmethod.base.table import aligned
from qcmethod.coupling.summary import record

if TYPE_CHECKING:
    from qcmethod.analysis.patch.report import PatchReport


def render(report: PatchReport) -> str:
    """The report as text; forces in eV/A."""
    rows = [*report.rows, report.at_predictor]
    here = [name for name in REGIONS if any(name in row.regions for row in rows)]
    at = "at x, y, z (A)" if _in_space(report) else "at x, y (A)"
    head = ("gradient", "worst", "rms", *here, "net", "moment", at, "plain", "")
    cells = [head, *(_line(row, report, here) for row in rows)]
    lines = [f"  {line}" for line in aligned(cells, left={0, len(head) - 1})]
    lines.insert(-1, "  " + "-" * (max(map(len, lines)) - 2))
    return "\n".join([*_head(report), *lines, *_tail(report)])


def _head(report: PatchReport) -> list[str]:
    s = record(report.tested)
    sizes = [f"{k} {s[k]:g} A" for k in ("core", "blend") if k in s]
    if "blending" in s:
        sizes[-1] += f" {s['blending']}"
    loads = [f"{k} {v:.3g}" for k, v in s["loads"].items() if v]
    count = f"{s['repatoms']} repatoms"
    what = [f"{s['crystal']} {s['potential']}", s["problem"], *loads, *sizes, count]
    return [
        f"Patch test of {report.method}: ghost forces (eV/A) on perfect, strained crystal",
        f"  {', '.join(what)}",
    ]


def _tail(report: PatchReport) -> list[str]:
    error = report.energy_error
    energy = "no energy" if error is None else f"error of the energy per site {error:.0e} eV"
    about = "all of it" if _in_space(report) else "about z"
    seed = "" if report.seed is None else f", random gradients of seed {report.seed}"
    return [
        f"  regions: worst force; moment: {about}, eV; plain: worst of the uncorrected energy",
        f"  {energy}{seed}",
        *_rounding(report),
        *_stress(report),
        *(f"Note: {note}" for note in report.notes),
        f"Verdict: {report.verdict}; tolerance {report.tolerance:.0e} eV/A",
    ]


def _in_space(report: PatchReport) -> bool:
    return report.tested.problem.crystal.lattice.dim == 3


def _rounding(report: PatchReport) -> list[str]:
    """What coarse cells leave of the digits, in space, where their faces are large."""
    if not _in_space(report):
        return []
    sums = report.tested.body.cells.gradient_sums().max()
    area = float(sums) * report.tested.problem.crystal.lattice.site_volume
    bound = max(row.rounding for row in report.rows)
    return [
        f"  rounding of coarse cells, sum of vol |grad N| up to {area:.1e} A^2: {bound:.0e} eV/A"
    ]


def _stress(report: PatchReport) -> list[str]:
    if report.mismatch is None:
        return []
    law, found, most = report.tested.law, report.mismatch, report.mismatch_tolerance
    return [
        f"  stress of the cells ({law}) and of the atoms: differ by {found:.0e} (most {most:.0e})"
    ]


def _line(row: PatchRow, report: PatchReport, here: list[str]) -> tuple[str, ...]:
    place = row.position if _in_space(report) else row.position[:2]
    regions = [f"{row.regions[r].worst:.1e}" if r in row.regions else "-" for r in here]
    return (
        row.name,
        f"{row.worst:.2e}",
        f"{row.rms:.1e}",
        *regions,
        f"{np.linalg.norm(row.net):.0e}",
        "-" if row.moment is None else f"{abs(row.moment):.0e}",
        ", ".join(f"{x:.1f}" for x in place) if row.worst else "-",
        "-" if row.uncorrected is None else f"{row.uncorrected:.1e}",
        _verdict(row, report),
    )


def _verdict(row: PatchRow, report: PatchReport) -> str:
    if row is report.at_predictor and report.forces_pass and not row.passes:
        return "differs"  # see the note
    if row.name in report.vacuous and row.passes:
        return "vacuous"
    if row.passes and row.worst > report.tolerance:
        return f"pass (rounding {row.rounding:.0e})"
    return "pass" if row.passes else "ghost forces"
