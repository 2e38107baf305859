"""Cluster summation: the lattice is sampled in clusters about the nodes, with no Cauchy-Born rule.

    E(u) = sum_k n_k sum_(l in C_k) V_l(y),        f_k = sum_k' n_k' sum_(l in C_k') f_l N_k(l)

y is interpolated from the mesh everywhere and f_l = -dE_atomistic/dy_l. C_k holds the site of node
k and the sites within a radius of it that are no nodes (one in m clusters counts 1/m in each). The
weights make sums of shape functions over the lattice exact,

    sum_k' n_k' sum_(l in C_k') N_k(l) = sum_l N_k(l)     for every node k,

so they count every site once, and n_k = 1 where the mesh is resolved. By default a cluster is a
node and its neighbours on the shortest lattice lines: steps of the lattice, as the cells of the
mesh. Where rows are long and dense (oblique orientations) a disc that reaches these neighbours
holds hundreds of sites, most of them in cells that the node has no part in; the sums then have no
positive weights, and a radius that leads there is refused. With a = vol_c/3 a triangle
of bisection adds to the sum on the right, sites on its border shared by angle, a +- 1/12 at its
right angle and a -+ 1/24 at the others: above where its legs are lattice lines, below where its
hypotenuse is (in integer coordinates).

Knap and Ortiz 2001 (J. Mech. Phys. Solids 49, 1899): the forces; Eidel and Stukowski 2009 (J. Mech.
Phys. Solids 57, 87): the energy. The baseline, not a method to use: the energy has ghost forces
that no cluster size removes, the forces have no energy (Luskin and Ortner 2009, SIAM J. Numer.
Anal. 47, 3070).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, eye_array
from scipy.sparse.linalg import splu
from scipy.spatial import cKDTree

from qcmethod.base.types import Array, Index
from qcmethod.coupling.partition import Partition
from qcmethod.coupling.weights import Weights, gathered
from qcmethod.discretisation.body import Body
from qcmethod.errors import CouplingError
from qcmethod.lattice.lines import lattice_lines
from qcmethod.lattice.plane import in_plane
from qcmethod.lattice.shapes import Tube
from qcmethod.lattice.sites import Sites, sites_in
from qcmethod.mesh import covers


def neighbour_steps(plane_basis: Array) -> Index:
    """Steps (m, dim) from a site to its neighbours on the shortest lattice lines."""
    lines = lattice_lines(plane_basis)
    return np.concatenate([lines, -lines])


def cluster_steps(plane_basis: Array, radius: float | None) -> Index:
    """Steps (m, dim) from a node to the other sites of its cluster, of a radius, A; None: to its
    neighbours."""
    if radius is None:
        return neighbour_steps(plane_basis)
    steps = sites_in(plane_basis, Tube(radius * (1.0 + 1e-9))).ij
    return steps[steps.any(axis=1)]


def by_clusters(body: Body, partition: Partition) -> Weights:
    """Sites by their clusters; a node of a force method takes its part of their forces.

    Raises CouplingError for clusters that overlap so far that some weights are not positive.
    """
    nothing = np.zeros(len(body.cells.volume))
    w_l = site_weights(body)
    needed = near(body, w_l, 1.25 * body.problem.crystal.potential.cutoff)
    rows = (body.S.T * w_l).tocsr()
    return gathered(body, np.zeros(body.n_nodes), w_l, nothing, needed, rows)


def site_weights(body: Body) -> Array:
    """Weights (n_l,) of the listed sites (CouplingError: some are not positive)."""
    assert body.cluster is not None  # `couple` gives these methods clusters
    nodes = np.flatnonzero(body.used & (body.site_of_node >= 0))
    C = _clusters(body, nodes, body.cluster)
    M = body.S[:, nodes].T @ C
    try:
        n = splu(M.tocsc()).solve(lattice_sums(body)[nodes])
    except RuntimeError:  # exactly singular
        n = np.full(len(nodes), np.nan)
    if not (n > 0.0).all():
        raise CouplingError(
            "cluster",
            f"clusters of {1 + len(body.cluster)} sites",
            f"clusters that count every site once with positive weights, not {n.min():.3g}",
            "a smaller radius: cluster=0 (nodes alone) always counts so",
        )
    weights: Array = C @ n
    return weights


def near(body: Body, w: Array, radius: float) -> Array:
    """(n_l,) 1 for the sites within a radius, A, of one with weight."""
    tree = cKDTree(in_plane(body.x_l[w != 0.0]))
    distance, _ = tree.query(in_plane(body.x_l), distance_upper_bound=radius)
    return np.isfinite(distance).astype(np.float64)


def lattice_sums(body: Body) -> Array:
    """sum_l N_k(l) (n_k,) over all lattice sites of the cells of the domain."""
    vertices, volume = body.cells.vertices, body.cells.volume
    n = vertices.shape[1]
    parts = np.repeat(volume[:, None] / n, n, axis=1)
    if n == 3:
        ij = body.mesh.ij[vertices]
        edge2 = ((np.roll(ij, -1, axis=1) - ij) ** 2).sum(axis=2)
        right_angle = (edge2.argmax(axis=1) + 2) % 3  # edge e runs from vertex e to e + 1
        on_legs = np.rint(np.log2(2.0 * volume)).astype(np.int64) % 2 == 0
        sign = np.where(on_legs, 1.0, -1.0)
        parts -= sign[:, None] / 24.0
        parts[np.arange(len(volume)), right_angle] += sign / 8.0
    return np.asarray(
        np.bincount(vertices.ravel(), parts.ravel(), minlength=body.n_nodes), dtype=np.float64
    )


def _clusters(body: Body, nodes: NDArray[np.int64], steps: Index) -> csr_array:
    """C (n_l, nodes): what part of each listed site is in the cluster of each node."""
    n_l = len(body.x_l)
    own = eye_array(n_l, format="csr")[:, body.site_of_node[nodes]]
    in_domain = body.S[:, nodes] @ np.ones(len(nodes)) > 1.0 - 1e-12
    shared = in_domain & covers(body.mesh, body.ij_l)
    shared[body.site_of_node[nodes]] = False
    around = Sites(body.ij_l).find(body.mesh.ij[nodes][:, None] + steps)
    columns, step = np.nonzero((around >= 0) & shared[around])
    rows = around[columns, step]
    count = np.bincount(rows, minlength=n_l)
    others = csr_array((1.0 / count[rows], (rows, columns)), shape=(n_l, len(nodes)))
    return own + others
