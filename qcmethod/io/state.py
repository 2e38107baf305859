"""A state of a system as a file: `.vtu` (ParaView), `.xyz` (OVITO), `.npz` (to go on from)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from qcmethod.analysis.corrector import as_arrays, description
from qcmethod.base.files import checked, whole
from qcmethod.base.types import Array
from qcmethod.coupling.summary import summary
from qcmethod.coupling.system import System
from qcmethod.errors import DamagedFileError, InputError
from qcmethod.io.atoms import to_atoms
from qcmethod.io.codec import typed
from qcmethod.io.container import HINT, read_arrays
from qcmethod.io.record import facts, put
from qcmethod.io.vtu import write_vtu
from qcmethod.solve.free import largest_force

Work = dict[str, Any] | None


def write(
    path: str | Path,
    system: System,
    u: Array,
    forces: Array | None = None,
    work: Work = None,
) -> Path:
    """Write a state of a system; the suffix of `path` chooses the format.

    Parameters
    ----------
    path : `.vtu` (used nodes and cells in the reference configuration), `.xyz` or `.extxyz` (sites
        with atomistic weight, deformed, see `qcmethod.io.atoms.to_atoms`), `.npz` (everything; see
        `read_corrector` and `qcmethod.load`)
    u : (n_k, 3) corrector, A
    forces : (n_k, 3) residual forces, eV/A (default: evaluated)
    work : what a `Solution` says besides, e.g. its iterations

    Raises InputError for another suffix, a missing folder or arrays that do not fit the system,
    before anything is written.
    """
    target = checked(path, sorted(_WRITERS))
    u = _nodal("u", u, system)
    forces = system.model.at(u).forces if forces is None else _nodal("forces", forces, system)
    with whole(target) as partial:
        _WRITERS[target.suffix.lower()](partial, system, u, forces, work)
    return target


def read_corrector(path: str | Path, system: System) -> Array:
    """The corrector u (n_k, 3) of a `.npz` file, to start `relax` from.

    Raises InputError when the file is missing, damaged or was written for another mesh.
    """
    arrays = read_arrays(path)[1]
    try:
        u, ij, cells = arrays["u"], arrays["system.mesh.ij"], arrays["system.mesh.cells"]
        edges = arrays["bubbles"]
    except KeyError as error:
        raise DamagedFileError("path", str(path), "a file that holds a solution", HINT) from error
    mesh = system.body.mesh
    if not (np.array_equal(ij, mesh.ij) and np.array_equal(cells, mesh.cells)):
        raise InputError(
            "path",
            str(path),
            f"a state on the same mesh ({mesh.n_nodes} nodes, the file has {len(ij)})",
            "the same problem, core and blend",
        )
    if not np.array_equal(edges, system.body.bubbles.edges):
        given = f"{path}, a state with {len(edges)} bubbles"
        expected = f"a state of {system.body.elements} elements ({len(system.body.bubbles)})"
        raise InputError("path", given, expected, "the same elements=, core and blend")
    return _nodal("u", u, system)


def _nodal(name: str, values: Array, system: System) -> Array:
    array = np.asarray(values, dtype=np.float64)
    if array.shape != system.zero.shape or not np.isfinite(array).all():
        given = f"array of shape {array.shape}"
        raise InputError(name, given, f"finite numbers of shape {system.zero.shape}")
    return array


def _write_vtu(path: Path, system: System, u: Array, forces: Array, work: Work) -> None:
    write_vtu(path, system, u, forces)


def _write_xyz(path: Path, system: System, u: Array, forces: Array, work: Work) -> None:
    import ase.io

    ase.io.write(path, to_atoms(system, u, forces), format="extxyz")


def _write_npz(path: Path, system: System, u: Array, forces: Array, work: Work) -> None:
    """The solution, and what makes the file the reference of a study (`qcmethod.compare`)."""
    parts = {"system": system, "u": u, "forces": forces}
    if work is None:
        state = system.model.at(u)
        work = dict.fromkeys(("iterations", "evaluations", "inner"), 0) | {"seconds": 0.0}
        work |= {"excess_energy": state.energy, "fmax": largest_force(system, state)}
    solution = typed("Solution", parts | work)
    extra = {"bubbles": system.body.bubbles.edges, **as_arrays(description(system, u))}
    about = {"kind": "solution", **summary(system, u), **facts(system)}
    put(path, solution, about, extra)


_WRITERS = {
    ".vtu": _write_vtu,
    ".xyz": _write_xyz,
    ".extxyz": _write_xyz,
    ".npz": _write_npz,
}
