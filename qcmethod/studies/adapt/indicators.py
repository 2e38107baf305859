r"""Where to refine: indicators that may take the place of the residual's contributions.

Cells of the solved mesh get a number each, zero where all is atomistic:

    stress-jump    sum over edges  h_e^2 |[P n]|^2
    zz             vol_c |G - grad u|^2        G: nodal mean of grad u   (Zienkiewicz, Zhu 1987)
    strain         vol_c (s - mean of s about c)^2,   s^2 = |E : E - (tr E)^2|/2   (classical QC)
    nonlocality    vol_c max_i |lambda_i(F_c) - lambda_i(F_c')|^2,   c' within RANGE cut-offs of c

the last being the test of the QC code (Tadmor, Ortiz and Phillips 1996): is the deformation uniform
over the reach of an atom? The numbers only say where; how large the error is remains the residual
estimate's (`estimate`). A node of the enriched mesh takes the number of the cell that it lies in.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from qcmethod.base.types import Array
from qcmethod.coupling.system import System
from qcmethod.lattice.plane import in_plane, radius
from qcmethod.mesh.locate import locate
from qcmethod.studies.adapt.estimate import Estimate

RANGE, NEAREST = 2.0, 24
"""The nonlocality test compares cells within RANGE cut-offs, NEAREST of them at most."""


def weights(name: str, system: System, u: Array, found: Estimate) -> Array:
    """Numbers (n_k,) >= 0 by which the nodes of the enriched mesh are marked."""
    if name == "residual":
        return np.abs(found.eta)
    body, rich = system.body, found.rich.body
    of_cell = np.zeros(body.mesh.n_cells)
    continuum = system.weights.beta_k[body.cells.vertices].max(axis=1) > 0.0
    of_cell[body.cell] = np.where(continuum, INDICATORS[name](system, u), 0.0)
    inside = radius(rich.x_k) < system.problem.extent
    at = np.flatnonzero(found.rich.free.any(axis=1) & inside & (found.kind != 2))
    # only nodes that can be asked for something: new ones, and those of the blending zone
    new = ~_is_node(system, rich.mesh.ij[at]) | (found.kind[at] == 0)
    at = at[new]
    cell, _ = locate(body.mesh, rich.mesh.ij[at], rich.mesh.lower_of[at] >= 0)
    eta = np.zeros(rich.n_nodes)
    # cells are shared out among the nodes that stand for them
    count = np.bincount(cell, minlength=body.mesh.n_cells)
    eta[at] = of_cell[cell] / count[cell]
    return eta


def _is_node(system: System, ij: NDArray[np.int64]) -> NDArray[np.bool_]:
    from qcmethod.mesh import find_nodes

    return np.asarray(find_nodes(system.body.mesh, ij) >= 0)


def _gradients(system: System, u: Array) -> tuple[Array, Array]:
    """grad u and the mean F of each cell, (n_c, 3, 3)."""
    cells = system.body.cells
    by_cell = csr_array(
        (cells.fraction, (cells.point_cell, np.arange(len(cells.fraction)))),
        shape=(len(cells.volume), len(cells.fraction)),
    )
    shape = (-1, 3, 3)
    G = (by_cell @ cells.gradient_of(u).reshape(-1, 9)).reshape(shape)
    F = (by_cell @ system.body.deformation(u).reshape(-1, 9)).reshape(shape)
    return G, F


def _at_nodes(system: System, values: Array) -> tuple[csr_array, Array]:
    """Incidence (n_k, n_c) weighted by volumes, and nodal means of values (n_c, m)."""
    cells = system.body.cells
    n_c, v = cells.vertices.shape
    weight = np.repeat(cells.volume, v)
    at = csr_array(
        (weight, (cells.vertices.ravel(), np.repeat(np.arange(n_c), v))),
        shape=(system.body.n_nodes, n_c),
    )
    whole = np.maximum(at.sum(axis=1), 1e-300)
    return at, np.asarray((at @ values) / whole[:, None])


def zienkiewicz_zhu(system: System, u: Array) -> Array:
    """Recovered minus raw gradient, (n_c,)."""
    cells = system.body.cells
    G = _gradients(system, u)[0].reshape(-1, 9)
    recovered = _at_nodes(system, G)[1][cells.vertices]
    return np.asarray(cells.volume * ((recovered - G[:, None]) ** 2).sum(axis=2).mean(axis=1))


def stress_jump(system: System, u: Array) -> Array:
    """Jumps of the traction over the edges of each cell, (n_c,)."""
    cells, crystal = system.body.cells, system.problem.crystal
    G, dim = _gradients(system, u)[0], cells.gradients.shape[2]
    A = crystal.tangent(system.problem.predictor.F)[:, :, :, :dim]
    P = np.einsum("aibj,cbj->cai", A, G[:, :, :dim], optimize=True)[:, :, :dim]
    ends = np.sort(cells.vertices[:, [[1, 2], [2, 0], [0, 1]]], axis=2)
    key = (ends[..., 0] * np.int64(system.body.n_nodes) + ends[..., 1]).ravel()
    order = np.argsort(key, kind="stable")
    first = np.flatnonzero(key[order][:-1] == key[order][1:])
    one, other = order[first] // 3, order[first + 1] // 3
    a, b = (in_plane(system.body.x_k[ends.reshape(-1, 2)[order[first], i]]) for i in (0, 1))
    normal = (b - a)[:, ::-1] * np.array([1.0, -1.0])  # times the length of the edge
    jump2 = (np.einsum("eai,ei->ea", P[one] - P[other], normal) ** 2).sum(axis=1)
    result = np.zeros(len(P))
    np.add.at(result, one, 0.5 * jump2)
    np.add.at(result, other, 0.5 * jump2)
    return result


def strain_invariant(system: System, u: Array) -> Array:
    """Second invariant of the Green-Lagrange strain against its mean about each cell, (n_c,)."""
    cells, F = system.body.cells, _gradients(system, u)[1]
    E = 0.5 * (F.transpose(0, 2, 1) @ F - np.eye(3))
    trace = np.einsum("cii->c", E)
    second = 0.5 * np.abs((E**2).sum(axis=(1, 2)) - trace**2)[:, None]
    around = _at_nodes(system, np.sqrt(second))[1][cells.vertices].mean(axis=1)
    return np.asarray(cells.volume * ((np.sqrt(second) - around) ** 2)[:, 0])


def nonlocality(system: System, u: Array) -> Array:
    """Largest difference of principal stretches among cells within reach of an atom, (n_c,)."""
    cells, F = system.body.cells, _gradients(system, u)[1]
    centre = system.body.x_k[cells.vertices][:, :, :2].mean(axis=1)
    stretch = np.linalg.svd(F, compute_uv=False)
    reach = RANGE * system.problem.crystal.potential.cutoff
    near = min(NEAREST, len(centre))
    distance, other = cKDTree(centre).query(centre, near)
    # in cells larger than the reach the neighbours across an edge are asked
    touching = np.arange(near)[None] <= 3
    difference = np.abs(stretch[other] - stretch[:, None]).max(axis=2)
    difference[(distance > reach) & ~touching] = 0.0
    return np.asarray(cells.volume * difference.max(axis=1) ** 2)


INDICATORS: dict[str, Callable[[System, Array], Array]] = {
    "stress-jump": stress_jump,
    "zz": zienkiewicz_zhu,
    "strain": strain_invariant,
    "nonlocality": nonlocality,
}
"""Name -> function of (system, u)."""

NAMES = ("residual", *INDICATORS)
