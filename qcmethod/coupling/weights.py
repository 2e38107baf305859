"""The numbers of a coupling: beta on nodes and sites, weights of sites and cells, free directions.

    w_l = 1 - beta(x_l),     omega_c = vol_c mean over the vertices of beta

count every lattice site once: sum w + sum omega = number of sites, because the blending zone is
fully resolved and each of its nodes has the same cells around it: six of half a site in the plane,
24 of a sixth in space.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from qcmethod.base.types import Array
from qcmethod.coupling.field import beta_at
from qcmethod.coupling.partition import Partition
from qcmethod.discretisation.body import Body
from qcmethod.errors import CouplingError


@dataclass(frozen=True, eq=False)
class Weights:
    """Weights of one coupling on one body.

    Attributes
    ----------
    beta_k : (n_k,) blending at the nodes
    w_l : (n_l,) weights of the site energies
    omega_c : (n_c,) weights of the cells, in sites
    needed_l : (n_l,) 1 for sites whose energy a force-based method differentiates
    rows, continuum_k : (n_k, n_l) and (n_k,) what a force-based method takes of the gradients on
        the sites and on the nodes
    free : (n_k, 3) degrees of freedom
    """

    beta_k: Array
    w_l: Array
    omega_c: Array
    needed_l: Array
    rows: csr_array
    continuum_k: Array
    free: NDArray[np.bool_]


def by_sites(body: Body, partition: Partition) -> Weights:
    """Every site by its own beta; a node of a force method takes the force on its own site."""
    beta_k, w_l, omega_c = _of_beta(body, partition)
    d = body.problem.euclidean(body.x_l)
    needed = (d <= _needed_reach(body, partition)).astype(np.float64)
    rows = own_rows(body, np.where(body.is_lower, 0.0, 1.0 - beta_k))
    return gathered(body, beta_k, w_l, omega_c, needed, rows)


def gathered(
    body: Body, beta_k: Array, w_l: Array, omega_c: Array, needed_l: Array, rows: csr_array
) -> Weights:
    """The weights with what follows from them: rows of the continuum, free directions."""
    share = _share(body, omega_c)
    return Weights(
        beta_k=beta_k,
        w_l=w_l,
        omega_c=omega_c,
        needed_l=needed_l,
        rows=rows,
        continuum_k=np.where(body.is_lower, share, beta_k),
        free=_free(body, beta_k, share),
    )


def _of_beta(body: Body, partition: Partition) -> tuple[Array, Array, Array]:
    """beta on the nodes (n_k,), weights of the sites (n_l,) and of the cells (n_c,)."""
    on_nodes = beta_at(body.problem, partition, body.mesh.ij)
    beta_k = np.concatenate([on_nodes, body.bubbles.middle(on_nodes)])
    w_l = 1.0 - beta_at(body.problem, partition, body.ij_l)
    w_l = np.where(_at_the_end(body), 0.0, w_l)
    omega_c = body.cells.volume * beta_k[body.cells.vertices].mean(axis=1)
    _require_resolved(body, beta_k, partition.outer)
    return beta_k, w_l, omega_c


def _at_the_end(body: Body) -> NDArray[np.bool_]:
    """Sites (n_l,) where a strip ends in vacuum: no free site feels their energy."""
    problem = body.problem
    inner = problem.extent - problem.crystal.potential.cutoff
    outside = problem.from_centre(body.x_l) > inner
    return np.asarray((problem.metric == "strip") & outside)


def own_rows(body: Body, share: Array) -> csr_array:
    """Rows (n_k, n_l) that give each node a share of what is on its own site."""
    k = np.flatnonzero((body.site_of_node >= 0) & (share != 0.0))
    return csr_array((share[k], (k, body.site_of_node[k])), shape=body.S.shape[::-1])


def _needed_reach(body: Body, partition: Partition) -> float:
    """Sites around the nodes that take atomistic forces, as far as a site energy sees (stretched):
    half as far as a force."""
    if partition.method.all_atoms:
        return np.inf
    if not partition.method.core:
        return -1.0
    potential = body.problem.crystal.potential
    sees = max(1.0, 0.5 * potential.reach)
    return partition.outer * body.problem.stretch + (sees + 0.25) * potential.cutoff


def _share(body: Body, omega_c: Array) -> Array:
    """(n_k,) weighted part of the cells around each node."""
    vertices, volume = body.cells.vertices, body.cells.volume
    weighted, whole = np.zeros(body.n_nodes), np.zeros(body.n_nodes)
    for v in range(vertices.shape[1]):
        np.add.at(weighted, vertices[:, v], omega_c)
        np.add.at(whole, vertices[:, v], volume)
    share = weighted / np.maximum(whole, 1e-300)
    share[body.is_bubble] = 1.0
    return share


def _require_resolved(body: Body, beta_k: Array, outer: float) -> None:
    """Refuse bubbles where atoms have weight: there every site must be a node (CouplingError)."""
    atomistic = int(np.count_nonzero(beta_k[body.is_bubble] < 1.0))
    if atomistic:
        raise CouplingError(
            "elements",
            "P2",
            f"a core and a blending zone (to {outer:.4g} A) that are resolved: {atomistic} "
            "bubbles lie in them",
            "couple(problem, method, core, blend, elements='P2'), which resolves them",
        )


def _free(body: Body, beta_k: Array, share: Array) -> NDArray[np.bool_]:
    """Directions that are neither clamped, nor out of the problem's plane, nor without energy."""
    problem = body.problem
    inside = problem.free.contains(body.x_k)
    # a node without a site (a vacancy, the lower flank) lives by its weighted cells only
    alive = (body.site_of_node >= 0) & (beta_k < 1.0) | (share > 0.0)
    alive &= ~body.is_removed
    components = np.arange(3) < problem.crystal.lattice.n_components
    free: NDArray[np.bool_] = (inside & alive & body.used)[:, None] & components
    return free
