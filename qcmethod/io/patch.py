"""A patch report in files: `.json` (figures), `.vtu` (mesh, ParaView), `.xyz` (repatoms, OVITO).

The last two carry the array `ghost_force`, eV/A, on every repatom.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qcmethod.analysis.patch.figures import REGIONS, region_of
from qcmethod.base.version import __version__
from qcmethod.coupling.system import System
from qcmethod.io import add_field_data, cell_blocks, checked, whole

if TYPE_CHECKING:
    from qcmethod.analysis.patch.report import PatchReport, PatchRow

SUFFIXES = [".extxyz", ".json", ".vtu", ".xyz"]


def write(report: PatchReport, path: str | Path, gradient: str | None = None) -> Path:
    """Write a report; the suffix of `path` chooses the format. Raises InputError."""
    target = checked(path, SUFFIXES)
    row, f, system = report.at(gradient)
    with whole(target) as partial:
        if partial.suffix == ".json":
            partial.write_text(json.dumps(as_dict(report), indent=1, allow_nan=False) + "\n")
        elif partial.suffix == ".vtu":
            _write_vtu(partial, report, row, f, system)
        else:
            _write_xyz(partial, report, row, f, system)
    return target


def as_dict(report: PatchReport) -> dict[str, Any]:
    """Everything but the force arrays, of plain types."""
    return {
        "qcmethod": __version__,
        "method": report.method,
        "system": described(report.tested),
        "tolerance": report.tolerance,
        "verdict": report.verdict,
        "passes": report.passes,
        "worst": report.worst,
        "at_reference": report.at_reference,
        "predictor": report.predictor,
        "energy_error": report.energy_error,
        "vacuous": list(report.vacuous),
        "skipped": dict(report.skipped),
        "notes": list(report.notes),
        "seed": report.seed,
        "rows": [_plain(row) for row in report.rows],
        "at_predictor": _plain(report.at_predictor),
    }


def described(system: System) -> dict[str, Any]:
    """What was tested, for the head of a table."""
    crystal, method = system.problem.crystal, system.method
    out: dict[str, Any] = {
        "potential": crystal.potential.name,
        "crystal": crystal.lattice.structure,
        "lattice_constant": crystal.lattice_constant,
        "problem": system.problem.name,
        "loads": dict(system.problem.loads),
        "extent": system.problem.extent,
        "sites": system.n_sites,
        "repatoms": system.n_repatoms,
    }
    if method.coupled:
        out |= {"core": system.core, "metric": system.problem.metric}
    if method.blended:
        out |= {"blend": system.blend, "blending": system.blending}
    return out


def _plain(row: PatchRow) -> dict[str, Any]:
    values = {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in vars(row).items()}
    return values | {"regions": {name: vars(region) for name, region in row.regions.items()}}


def _facts(report: PatchReport, row: PatchRow) -> dict[str, Any]:
    """Flat numbers and names for the head of a file; F row by row."""
    about = {k: v for k, v in described(report.tested).items() if k != "loads"}
    shown = {"gradient": row.name, "worst": row.worst, "rms": row.rms, "verdict": report.verdict}
    F = {f"F_{i}{j}": float(row.F[a, b]) for a, i in enumerate("xyz") for b, j in enumerate("xyz")}
    return {"method": report.method, **about, "tolerance": report.tolerance, **shown, **F}


def _on_nodes(system: System, f: NDArray[np.float64]) -> dict[str, NDArray[Any]]:
    beta = system.weights.beta_k
    return {
        "ghost_force": f,
        "magnitude": np.linalg.norm(f, axis=1),
        "beta": beta,
        "region": region_of(beta).astype(np.int32),
        "clamped": np.asarray(~system.free.any(axis=1), dtype=np.int8),
    }


def _write_vtu(
    path: Path, report: PatchReport, row: PatchRow, f: NDArray[np.float64], system: System
) -> None:
    """Used nodes at their reference positions; every tested gradient as an array of its own."""
    import meshio

    body = system.body
    node = np.flatnonzero(body.used)
    number = np.full(body.n_nodes, -1)
    number[node] = np.arange(len(node))
    arrays = _on_nodes(system, f) | {"displacement": body.y0_k - body.x_k}
    if system is not report.tested:
        arrays |= {f"ghost_force_{n.replace(' ', '_')}": v for n, v in report.forces.items()}
    meshio.Mesh(
        body.x_k[node],
        [(kind, number[nodes]) for kind, nodes, _ in cell_blocks(body)],
        point_data={name: np.ascontiguousarray(v[node]) for name, v in arrays.items()},
    ).write(path, file_format="vtu")
    regions = ", ".join(f"{i} {name}" for i, name in enumerate(REGIONS))
    add_field_data(path, _facts(report, row) | {"regions": regions})


def _write_xyz(
    path: Path, report: PatchReport, row: PatchRow, f: NDArray[np.float64], system: System
) -> None:
    """One atom a repatom, where the gradient puts it."""
    from ase.io.extxyz import key_val_dict_to_str

    body, element = system.body, system.problem.crystal.potential.element
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
