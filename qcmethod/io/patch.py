"""A patch report in files: `.json` (figures), `.vtu` (mesh, ParaView), `.xyz` (repatoms, OVITO).

The last two carry the array `ghost_force`, eV/A, on every repatom.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qcmethod.analysis.patch.figures import REGIONS, PatchRow
from qcmethod.analysis.patch.report import PatchReport
from qcmethod.analysis.sites import zone_of
from qcmethod.base.types import Array, Facts
from qcmethod.coupling.summary import record
from qcmethod.coupling.system import System
from qcmethod.io.formats import writes
from qcmethod.io.json import write_numbers
from qcmethod.io.vtu import write_mesh


@writes(".json", of=PatchReport)
def write_json(report: PatchReport, path: Path, gradient: str | None = None) -> None:
    """All figures; a gradient that was not tested is refused here, too (InputError)."""
    report.at(gradient)
    write_numbers(report, path)


def _facts(report: PatchReport, row: PatchRow) -> Facts:
    """Flat numbers and names for the head of a file; F row by row."""
    about = {k: v for k, v in record(report.tested).items() if k != "loads"}
    shown = {"gradient": row.name, "worst": row.worst, "rms": row.rms, "verdict": report.verdict}
    F = {f"F_{i}{j}": float(row.F[a, b]) for a, i in enumerate("xyz") for b, j in enumerate("xyz")}
    return {"method": report.method, **about, "tolerance": report.tolerance, **shown, **F}


def _on_nodes(system: System, f: Array) -> dict[str, NDArray[Any]]:
    beta = system.weights.beta_k
    return {
        "ghost_force": f,
        "magnitude": np.linalg.norm(f, axis=1),
        "beta": beta,
        "region": zone_of(beta).astype(np.int32),
        "clamped": np.asarray(~system.free.any(axis=1), dtype=np.int8),
    }


@writes(".vtu", of=PatchReport)
def write_vtu(report: PatchReport, path: Path, gradient: str | None = None) -> None:
    """Used nodes at their reference positions; every tested gradient as an array of its own."""
    row, f, system = report.at(gradient)
    body = system.body
    arrays = _on_nodes(system, f) | {"displacement": body.y0_k - body.x_k}
    if system is not report.tested:
        arrays |= {f"ghost_force_{n.replace(' ', '_')}": v for n, v in report.forces.items()}
    regions = ", ".join(f"{i} {name}" for i, name in enumerate(REGIONS))
    write_mesh(path, body, arrays, {}, _facts(report, row) | {"regions": regions})


@writes(".extxyz", ".xyz", of=PatchReport)
def write_xyz(report: PatchReport, path: Path, gradient: str | None = None) -> None:
    """One atom a repatom, where the gradient puts it."""
    from ase.io.extxyz import key_val_dict_to_str

    row, f, system = report.at(gradient)
    body, element = system.body, system.problem.crystal.potential.symbol
    node = np.flatnonzero(body.used & ~body.is_bubble)
    # by hand: ASE writes eight decimals, and ghost forces of interest are smaller
    properties, columns, form = "species:S:1", [], "%s"
    for name, values in {"pos": body.y0_k, **_on_nodes(system, f)}.items():
        column = values[node].reshape(len(node), -1)
        real, width = column.dtype.kind == "f", column.shape[1]
        properties += f":{name}:{'R' if real else 'I'}:{width}"
        form += (" %.12e" if real else " %d") * width
        columns.append(column)
    head = key_val_dict_to_str(_facts(report, row))
    table = np.hstack(columns)
    lines = [form % (element, *values) for values in table.tolist()]
    head = f'Properties={properties} {head} pbc="F F F"'
    path.write_text("\n".join([str(len(node)), head, *lines]) + "\n")
