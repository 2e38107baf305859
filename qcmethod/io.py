"""Files: `.vtu` (the mesh, for ParaView), `.xyz` (the atoms, for OVITO), `.npz` (to go on from).

A file is written under another name in the same folder and moved into place when it is complete:
whoever looks finds the old file or the new one, never half of one.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from qcmethod import cauchy_born, strain
from qcmethod.ase import summary, to_atoms
from qcmethod.body import Body
from qcmethod.comparable import as_arrays, description
from qcmethod.errors import InputError
from qcmethod.files import checked as checked
from qcmethod.files import whole as whole
from qcmethod.system import System

Array = NDArray[np.float64]


def write(path: str | Path, system: System, u: Array, forces: Array | None = None) -> Path:
    """Write a state of a system; the suffix of `path` chooses the format.

    Parameters
    ----------
    path : `.vtu` (used nodes and cells in the reference configuration), `.xyz` or `.extxyz` (sites
        with atomistic weight, deformed, see `qcmethod.ase.to_atoms`), `.npz` (see `read_corrector`)
    u : (n_k, 3) corrector, A
    forces : (n_k, 3) residual forces, eV/A (default: evaluated)

    Raises InputError for another suffix, a missing folder or arrays that do not fit the system,
    before anything is written.
    """
    target = checked(path, sorted(_WRITERS))
    u = _nodal("u", u, system)
    forces = system.model.at(u).forces if forces is None else _nodal("forces", forces, system)
    with whole(target) as partial:
        _WRITERS[target.suffix.lower()](partial, system, u, forces)
    return target


def read_corrector(path: str | Path, system: System) -> Array:
    """The corrector u (n_k, 3) of a `.npz` file, to start `relax` from.

    Raises InputError when the file is missing or was written for another mesh.
    """
    try:
        with np.load(path) as file:
            u, ij, cells = file["u"], file["ij"], file["cells"]
            edges = file["bubbles"] if "bubbles" in file else np.zeros((0, 2), dtype=np.int64)
    except (OSError, KeyError, ValueError, EOFError, TypeError, BadZipFile) as error:
        raise InputError("path", str(path), "a .npz file from Solution.write") from error
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


def _write_vtu(path: Path, system: System, u: Array, forces: Array) -> None:
    """Nodes at their reference positions; warp by `displacement` to see the deformed mesh.

    P2 cells with all their bubbles are quadratic cells; the middles of their edges are points.
    """
    import meshio

    body = system.body
    node = np.flatnonzero(body.used)
    number = np.full(body.n_nodes, -1)
    number[node] = np.arange(len(node))
    on_node: dict[str, NDArray[Any]] = {
        "displacement": body.y0_k - body.x_k + body.nodal(u),
        "corrector": body.nodal(u),
        "forces": forces,
        "beta": system.weights.beta_k,
        "clamped": np.asarray(~system.free.any(axis=1), dtype=np.int8),
    }
    blocks = cell_blocks(body)
    meshio.Mesh(
        body.x_k[node],
        [(kind, number[nodes]) for kind, nodes, _ in blocks],
        point_data={name: np.ascontiguousarray(v[node]) for name, v in on_node.items()},
        cell_data={
            name: [np.ascontiguousarray(v[cell]) for _, _, cell in blocks]
            for name, v in cell_fields(system, u).items()
        },
    ).write(path, file_format="vtu")
    add_field_data(path, summary(system, u))


def cell_blocks(body: Body) -> list[tuple[str, NDArray[np.int64], NDArray[np.int64]]]:
    """Cells by their kind in VTK: name, nodes in its order, indices of the cells."""
    v, nodes = body.cells.vertices.shape[1], body.cells.nodes
    quadratic = (nodes[:, v:] >= body.mesh.n_nodes).all(axis=1) & (nodes.shape[1] > v)
    linear, curved = np.flatnonzero(~quadratic), np.flatnonzero(quadratic)
    names = ("line", "line3") if v == 2 else ("triangle", "triangle6")
    order = [0, 1, 2] if v == 2 else [0, 1, 2, 5, 3, 4]  # a bubble is opposite its vertex
    blocks = [(names[0], body.cells.vertices[linear], linear)] if len(linear) else []
    if len(curved):
        blocks.append((names[1], nodes[curved][:, order], curved))
    return blocks


def cell_fields(system: System, u: Array) -> dict[str, Any]:
    """What a file says of each cell (n_c,): strains, energy, weight and kind.

    `energy` is W(F) - W(F0) in eV per site, zero in cells without weight, where the continuum is
    not asked; `omega` is the weight in sites; `kind` is 0 core, 1 blending zone, 2 continuum.
    """
    n = system.problem.crystal.lattice.n_components
    E, omega = strain.cell_strain(system, u), system.weights.omega_c
    beta = system.weights.beta_k[system.body.cells.vertices]
    kind = np.where((beta == 1.0).all(axis=1), 2, np.where((beta == 0.0).all(axis=1), 0, 1))
    return {
        "shear": strain.shear(E, n),
        "volumetric": strain.volumetric(E, n),
        "strain": E[:, [0, 1, 2, 1, 0, 0], [0, 1, 2, 2, 2, 1]],
        "energy": _energy(system, u),
        "omega": omega,
        "kind": kind.astype(np.int8),
    }


def _energy(system: System, u: Array) -> Array:
    """W(F) - W(F0) per site of the cells with weight (n_c,), eV."""
    cells, crystal = system.body.cells, system.problem.crystal
    on = system.weights.omega_c[cells.point_cell] > 0.0
    F_q = system.body.deformation(u)[on]
    energy = np.zeros(len(cells.volume))
    if len(F_q):
        radius = cauchy_born.covering_radius(crystal.potential.cutoff, F_q)
        shell = crystal.lattice.shell(radius)
        W = cauchy_born.energy_stress(crystal.potential.params, F_q, shell)[0]
        np.add.at(energy, cells.point_cell[on], cells.fraction[on] * (W - system.reference_energy))
    return energy


def add_field_data(path: Path, facts: dict[str, Any]) -> None:
    """Put the numbers of `facts` into a .vtu file as field data, texts into a comment."""
    rows = [
        f'<DataArray type="Float64" Name={quoteattr(name)} NumberOfTuples="1" format="ascii">'
        f"{float(value)!r}</DataArray>"
        for name, value in facts.items()
        if not isinstance(value, str)
    ]
    texts = "; ".join(f"{k}: {v}" for k, v in facts.items() if isinstance(v, str))
    head = f"<!-- {texts.replace('--', '- -')} -->\n<FieldData>\n" + "\n".join(rows)
    text = path.read_text()
    opening = "<UnstructuredGrid>"
    path.write_text(text.replace(opening, f"{opening}\n{head}\n</FieldData>\n", 1))


def _write_xyz(path: Path, system: System, u: Array, forces: Array) -> None:
    import ase.io

    ase.io.write(path, to_atoms(system, u, forces), format="extxyz")


def _write_npz(path: Path, system: System, u: Array, forces: Array) -> None:
    mesh = system.body.mesh
    about = np.array(json.dumps(summary(system, u)))
    arrays: dict[str, Any] = {"ij": mesh.ij, "cells": mesh.cells, "lower_of": mesh.lower_of}
    arrays["bubbles"] = system.body.bubbles.edges
    # what makes the file the reference of a study (`qcmethod.compare`)
    arrays |= as_arrays(description(system, u))
    np.savez_compressed(path, u=u, forces=forces, about=about, **arrays)


_WRITERS = {
    ".vtu": _write_vtu,
    ".xyz": _write_xyz,
    ".extxyz": _write_xyz,
    ".npz": _write_npz,
}
