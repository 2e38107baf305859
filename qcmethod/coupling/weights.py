"""The numbers of a coupling: beta on nodes and sites, weights of sites and cells, free directions.

    w_l = 1 - beta(x_l),     omega_c = vol_c mean over the vertices of beta

count every lattice site once: sum w + sum omega = number of sites, because the blending zone is
fully resolved and each of its nodes has six half-site cells around it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qcmethod.blend import blending
from qcmethod.body import Body
from qcmethod.coupling.methods import Method

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Weights:
    """Weights of one coupling on one body.

    Attributes
    ----------
    beta_k : (n_k,) blending at the nodes
    w_l : (n_l,) weights of the site energies
    omega_c : (n_c,) weights of the cells, in sites
    needed_l : (n_l,) 1 for sites whose energy a force-based method differentiates
    atomistic_k, continuum_k : (n_k,) row weights of a force-based method
    free : (n_k, 3) degrees of freedom
    """

    beta_k: Array
    w_l: Array
    omega_c: Array
    needed_l: Array
    atomistic_k: Array
    continuum_k: Array
    free: NDArray[np.bool_]


def weigh(body: Body, method: Method, core: float, width: float, shape: str) -> Weights:
    """Weights of a method with its core radius and blending width, A."""
    beta_k = _beta(body, body.x_k, method, core, width, shape)
    beta_l = _beta(body, body.x_l, method, core, width, shape)
    cells = body.cells
    omega_c = cells.volume * beta_k[cells.vertices].mean(axis=1)
    lower = body.mesh.lower_of >= 0
    share = _share(body, omega_c)
    needed = body.problem.euclidean(body.x_l) <= _needed_reach(body, method, core, width)
    return Weights(
        beta_k=beta_k,
        w_l=1.0 - beta_l,
        omega_c=omega_c,
        needed_l=needed.astype(np.float64),
        atomistic_k=np.where(lower, 0.0, 1.0 - beta_k),
        continuum_k=np.where(lower, share, beta_k),
        free=_free(body, beta_k, share),
    )


def _beta(body: Body, x: Array, method: Method, core: float, width: float, shape: str) -> Array:
    if method.beta in ("zero", "one"):
        return np.full(len(x), float(method.beta == "one"))
    width = width if method.beta == "smooth" else 0.0
    return blending(body.problem.distance(x), core, width, shape)


def _needed_reach(body: Body, method: Method, core: float, width: float) -> float:
    """Sites one (stretched) cut-off around the nodes that take atomistic forces."""
    if method.beta in ("zero", "one"):
        return np.inf if method.beta == "zero" else -1.0
    outer = core + (width if method.beta == "smooth" else 0.0)
    return outer * body.problem.stretch + 1.25 * body.problem.crystal.potential.cutoff


def _share(body: Body, omega_c: Array) -> Array:
    """(n_k,) weighted part of the cells around each node."""
    vertices, volume = body.cells.vertices, body.cells.volume
    weighted, whole = np.zeros(body.n_nodes), np.zeros(body.n_nodes)
    for v in range(vertices.shape[1]):
        np.add.at(weighted, vertices[:, v], omega_c)
        np.add.at(whole, vertices[:, v], volume)
    return weighted / np.maximum(whole, 1e-300)


def _free(body: Body, beta_k: Array, share: Array) -> NDArray[np.bool_]:
    """Directions that are neither clamped, nor out of the problem's plane, nor without energy."""
    problem = body.problem
    inside = np.linalg.norm(body.x_k[:, :2], axis=1) <= problem.extent - problem.rim
    # a node without a site (a vacancy, the lower flank) lives by its weighted cells only
    alive = (body.site_of_node >= 0) & (beta_k < 1.0) | (share > 0.0)
    alive &= ~problem.is_removed(body.mesh.ij)
    components = np.arange(3) < problem.crystal.lattice.n_components
    free: NDArray[np.bool_] = (inside & alive & body.used)[:, None] & components
    return free
