"""A study as an aligned table of plain text."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from qcmethod.base.table import aligned
from qcmethod.studies.compare.row import Row

if TYPE_CHECKING:
    from qcmethod.studies.compare.report import Study


def _short(value: float) -> str:
    return f"{value:.3g}" if 1e-3 <= abs(value) < 1e5 else f"{value:.1e}"


_COLUMNS: tuple[tuple[str, str, Callable[[Any], str]], ...] = (
    ("repatoms", "repatoms", str),
    ("dof", "DOF", str),
    ("error", "error", lambda e: f"{100.0 * e:.3g} %"),
    ("gradient", "at defect", _short),
    ("displacement", "|du| (A)", _short),
    ("energy_error", "|dE| (eV)", _short),
    ("iterations", "iter", str),
    ("evaluations", "eval", str),
    ("seconds", "s", lambda t: f"{t:.2f}"),
    ("ghost_strained", "ghost", lambda f: f"{f:.1e}"),
    ("ghost_predictor", "at y0", lambda f: f"{f:.1e}" if f > 1e-14 else "0"),
    ("stability", "stability", lambda g: f"{g:.4f}"),
)


def render(study: Study) -> str:
    """The study as text."""
    head = ("method", "core", "blend", "extent", *(title for _, title, _ in _COLUMNS))
    reasons = [_reason(row) for row in study.failed]
    if any(row.twin_stability is not None for row in study.rows):
        reasons.append("* stability of the conservative twin: a force method has no Hessian")
    cells = [head, *(_line(row) for row in study.rows)]
    lines = [f"  {line}" for line in aligned(cells, left={0})]
    missing = [f"not run: {case}" for case in study.missing]
    return "\n".join([*_head(study), *lines, *_legend(study), *reasons, *missing])


def _head(study: Study) -> list[str]:
    a, r = study.about, study.reference
    loads = ", ".join(f"{k} {v:g}" for k, v in a["loads"].items() if v)
    zones = "" if r["method"] == "atomistic" else f", core {r['core']:g} A, blend {r['blend']:g} A"
    return [
        f"{a['problem']} ({loads}) in {a['crystal']} {a['potential']}, fmax {a['fmax']:g} eV/A",
        f"reference: {r['method']}{zones}, extent {r['extent']:g} A, {r['repatoms']} repatoms"
        + ("" if r["energy"] is None else f", energy {r['energy']:.6f} eV"),
    ]


def _legend(study: Study) -> list[str]:
    near = f"within {study.about['near']:.3g} A of the defect"
    within = study.about["within"]
    disc = "" if within is None else f" within {within:.4g} A"
    out = [
        f"error: |grad(u - u_ref)|/|grad u_ref| in L2{disc}; at defect: its largest value (not "
        f"relative), {near}; |du| there",
        "ghost: worst on perfect, strained crystal (eV/A); at y0: at the problem's predictor; "
        "stability: inf <E''v, v>/<K v, v>",
    ]
    if study.reference["energy"] is None:
        out.append("energies: none that is comparable between these meshes")
    elif study.about["singular"]:
        out.append("energies: of relaxation, E(u) - E(0), the predictor being singular")
    return out


def _line(row: Row) -> tuple[str, ...]:
    case = row.case
    lengths = ("-" if v is None else f"{v:.4g}" for v in (case.core, case.blend, case.extent))
    if row.failed:
        return (case.label, *lengths, "failed", *[""] * (len(_COLUMNS) - 1))
    values = []
    for name, _, text in _COLUMNS:
        value = getattr(row, name)
        values.append("-" if value is None else text(value))
    if row.twin_stability is not None:
        values[-1] = f"{row.twin_stability:.4f}*"
    return (case.label, *lengths, *values)


def _reason(row: Row) -> str:
    return f"failed: {row.case}: {row.reason}"
