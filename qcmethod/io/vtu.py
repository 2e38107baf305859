"""The mesh as a `.vtu` file, for ParaView: nodes in the reference configuration, fields on both.

Warp by `displacement` to see the deformed mesh. A mesh of triangles lies flat, at z = 0; where the
site of a node stands along the line of the defect is the array `height`. Tetrahedra are where they
are (`points`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qcmethod.analysis import strain
from qcmethod.analysis.sites import zone_of_cells
from qcmethod.analysis.stress import cell_stress
from qcmethod.base.door import door
from qcmethod.base.types import Array, Facts, Index
from qcmethod.base.voigt import components
from qcmethod.coupling.summary import summary
from qcmethod.coupling.system import System
from qcmethod.crystal.laws.cauchy_born import law_for
from qcmethod.discretisation.body import Body
from qcmethod.io.formats import writes
from qcmethod.io.points import points_of
from qcmethod.io.vtk_xml import Blocks, write_grid
from qcmethod.solve.solution import Solution


@writes(".vtu", of=Solution)
def write_state(solution: Solution, path: Path) -> None:
    """The mesh of a solution with its fields."""
    write_vtu(path, solution.system, solution.u, solution.forces)


def write_vtu(
    path: Path, system: System, u: Array, forces: Array, about: Facts | None = None
) -> None:
    """Write used nodes and cells; `about` are facts of the file (default: `summary`).

    P2 cells with all their bubbles are quadratic cells; the middles of their edges are points.
    """
    body = system.body
    on_node: dict[str, NDArray[Any]] = {
        "displacement": body.y0_k - body.x_k + body.nodal(u),
        "corrector": body.nodal(u),
        "forces": forces,
        "beta": system.weights.beta_k,
        "clamped": np.asarray(~system.free.any(axis=1), dtype=np.int8),
    }
    facts = summary(system, u) if about is None else about
    write_mesh(path, body, on_node, cell_fields(system, u), facts)


def write_mesh(
    path: Path,
    body: Body,
    on_node: dict[str, NDArray[Any]],
    on_cell: dict[str, NDArray[Any]],
    facts: Facts,
) -> None:
    """Write the used nodes of a mesh and its cells, with fields on all of them."""
    points = points_of(body)
    fields = {name: values[points.node] for name, values in on_node.items()}
    if body.mesh.dim < 3:
        fields["height"] = body.x_k[points.node, 2]
    write_grid(path, points.x, cell_blocks(body, points.cells), fields, on_cell, facts)


ORDERS = {
    2: ("line", "line3", [0, 1, 2]),
    3: ("triangle", "triangle6", [0, 1, 2, 5, 3, 4]),  # a bubble is opposite its vertex
    4: ("tetra", "tetra10", [0, 1, 2, 3, 4, 7, 5, 6, 8, 9]),  # 01 12 20 03 13 23 in VTK
}
"""By the vertices of a cell: its names in VTK, straight and curved, and its order of the nodes."""


def cell_blocks(body: Body, points: Index) -> Blocks:
    """Cells by their kind in VTK, of points (n_c, m) at their nodes: name, points in its order,
    indices of the cells."""
    v, nodes = body.cells.vertices.shape[1], body.cells.nodes
    straight, curved, order = ORDERS[v]
    quadratic = (nodes[:, v:] >= body.mesh.n_nodes).all(axis=1) & (nodes.shape[1] > v)
    blocks = []
    for name, on, of in ((straight, ~quadratic, order[:v]), (curved, quadratic, order)):
        if on.any():
            cell = np.flatnonzero(on)
            blocks.append((name, points[cell][:, of], cell))
    return blocks


@door
def cell_fields(system: System, u: Array) -> dict[str, Any]:
    """What a file says of each cell (n_c,): strains, Cauchy stress, energy, weight and kind.

    `cauchy_stress` xx yy zz yz xz xy, eV/A^3, is that of `analysis.stress`: of the law of the cells
    with weight, else of the atoms at the corners (nan: none). `energy` is W(F) - W(F0) in eV per
    site, zero in cells without weight, where the continuum is not asked; `omega` is the weight in
    sites; `kind` is 0 core, 1 blending zone, 2 continuum.
    """
    n = system.problem.crystal.lattice.n_components
    E, omega = strain.cell_strain(system, u), system.weights.omega_c
    return {
        "shear": strain.shear(E, n),
        "volumetric": strain.volumetric(E, n),
        "strain": components(E),
        "cauchy_stress": components(cell_stress(system, u)),
        "energy": _energy(system, u),
        "omega": omega,
        "kind": zone_of_cells(system).astype(np.int8),
    }


def _energy(system: System, u: Array) -> Array:
    """W(F) - W(F0) per site of the cells with weight (n_c,), eV."""
    cells, crystal = system.body.cells, system.problem.crystal
    on = system.weights.omega_c[cells.point_cell] > 0.0
    F_q = system.body.deformation(u)[on]
    energy = np.zeros(len(cells.volume))
    if len(F_q):
        W = law_for(crystal, system.law, F_q).at(F_q).W
        np.add.at(energy, cells.point_cell[on], cells.fraction[on] * (W - system.reference_energy))
    return energy
