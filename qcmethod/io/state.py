"""A state of a system as a file: what `Solution.write` does, for a corrector of your own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from qcmethod.base.door import door
from qcmethod.base.types import Array
from qcmethod.coupling.system import System
from qcmethod.errors import DamagedFileError, InputError
from qcmethod.io.container import HINT, read_arrays
from qcmethod.io.formats import write_result
from qcmethod.solve.solution import evaluated


@door
def write(
    path: str | Path,
    system: System,
    u: Array,
    forces: Array | None = None,
    work: dict[str, Any] | None = None,
) -> Path:
    """Write a state of a system; the suffix of `path` chooses the format.

    Parameters
    ----------
    path : `.vtu` (used nodes and cells in the reference configuration), `.xyz` or `.extxyz` (sites
        with atomistic weight, deformed, see `qcmethod.io.atoms.to_atoms`), `.npz` (everything; see
        `read_corrector` and `qcmethod.load`)
    u : (n_k, 3) corrector, A
    forces : (n_k, 3) residual forces, eV/A (default: evaluated)
    work : what a `Solution` says besides, e.g. its iterations (default: no work was done)

    Raises InputError for another suffix, a missing folder or arrays that do not fit the system,
    before anything is written.
    """
    u = _nodal("u", u, system)
    state = evaluated(system, u)
    if forces is not None:
        state = replace(state, forces=_nodal("forces", forces, system))
    return write_result(state if work is None else replace(state, **work), path)


@door
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
