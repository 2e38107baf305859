"""A coarse mesh whose clamped rim is a circle: nodes beside the rim are moved onto it.

Clamping nodes makes the rim as ragged as the edges there are long: the corrector of a P1 cell that
straddles the rim vanishes at its outer corner, up to an edge too far out. A crack then feels a
domain that is too large (its load falls short of K_I by about 0.54 A^(1/2)/R^(1/2), so an A of
radius counts). Lattice sites clamped at r > R hold the field at about half their spacing beyond R;

    radius = R + 1/2 A_site^(1/2)

is where the nodes go (after isosurface stuffing, Labelle and Shewchuk 2007, ACM Trans. Graph. 26,
57): inner ones within a quarter of the shortest edge around them are drawn out to the circle, then
the outer corners of the cells that still straddle it are drawn in. Cells that lie outside are
dropped. Nodes of cells of a few lattice steps stay: there the rim is that of the lattice.
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.types import Array, Bools, Index
from qcmethod.mesh.shape import finest_edge, volumes

SNAP = 0.25
"""Inner nodes nearer to the circle than this part of the shortest long edge around them move."""
FOLDED = 0.05
"""A cell that keeps less of its area than this is folded: its corners stay where they are."""
WALK, ROUNDING = 50, 1e-9
"""A walk to a point crosses this many cells at most; it ends in a cell that holds it so closely."""


def on_circle(
    x: Array, vertices: Index, basis: Array, rim: float, row: float
) -> tuple[Array, Bools]:
    """Nodes of a triangulation with its clamped rim drawn to a circle.

    Parameters
    ----------
    x : (n_k, 2) nodes, A; vertices : (n_c, 3) corners of the cells
    basis : (2, 2) rows are lattice vectors in the plane, A
    rim : R, beyond which sites are clamped, A
    row : y of the row along which a flank may run, A

    Returns
    -------
    moved : (n_k, 2) nodes, A
    inside : (n_c,) cells that are not wholly clamped
    """
    site = float(np.sqrt(abs(np.linalg.det(basis))))
    radius = rim + 0.5 * site
    r, size = np.linalg.norm(x, axis=1), _edges_around(x, vertices)
    coarse = size >= 1.5 * finest_edge(basis)
    area, stays = volumes(x[vertices]), np.zeros(len(x), dtype=bool)
    on_radius = x * (radius / np.maximum(r, site))[:, None]
    on_row = np.flatnonzero((np.abs(x[:, 1] - row) < 1e-6 * site) & coarse)
    on_radius[on_row, 1] = x[on_row, 1]  # a flank stays straight: sites of its row lie on it
    on_radius[on_row, 0] = np.sign(x[on_row, 0]) * np.sqrt(radius**2 - x[on_row, 1] ** 2)
    while True:
        drawn_out = coarse & ~stays & (r <= radius) & (radius - r < SNAP * size)
        free = (r <= radius) & ~drawn_out
        straddles = free[vertices].any(axis=1) & ~free[vertices].all(axis=1)
        moves = np.zeros(len(x), dtype=bool)
        moves[vertices[straddles]] = True
        moves &= ~free & coarse & ~stays
        moved = np.where(moves[:, None], on_radius, x)
        inside = free[vertices].any(axis=1)
        folded = inside & (volumes(moved[vertices]) < FOLDED * area)
        culprits = np.zeros(len(x), dtype=bool)
        culprits[vertices[folded]] = True
        culprits &= moves
        if not culprits.any():
            return moved, inside
        stays |= culprits


def _edges_around(x: Array, vertices: Index) -> Array:
    """For each node the least, over the cells around it, of their longest edges (n_k,), A."""
    corner = x[vertices]
    longest = np.linalg.norm(corner - np.roll(corner, 1, axis=1), axis=2).max(axis=1)
    least = np.full(len(x), np.inf)
    for v in range(vertices.shape[1]):
        np.minimum.at(least, vertices[:, v], longest)
    return least


def located(
    x: Array,
    vertices: Index,
    domain: Index,
    moved: Bools,
    points: Array,
    cell: Index,
    weight: Array,
) -> tuple[Index, Array]:
    """Cells and barycentric coordinates of points, where nodes were drawn to the circle.

    Parameters
    ----------
    x : (n_k, 2) nodes, A; vertices : (n_c, 3) corners of the cells; domain : the cells inside
    moved : (n_k,) which nodes are not at their site
    points : (n, 2), A; cell, weight : (n,), (n, 3) as if no node had moved

    Returns cells (n,) and coordinates (n, 3), all 0 for a point that is outside now. They come from
    a walk, from cell to cell towards the point: inside, for cells outside may be folded, and round
    the end of a flank, whose sides are no neighbours.
    """
    cell, weight = cell.copy(), weight.copy()
    of_node = np.full(len(x), -1, dtype=np.int64)
    of_node[vertices[domain]] = domain[:, None]
    inside, bent = np.isin(np.arange(len(vertices)), domain), np.any(moved[vertices], axis=1)
    walks = np.flatnonzero(bent[cell])
    weight[walks] = 0.0
    at = np.where(inside[cell[walks]], cell[walks], of_node[vertices[cell[walks]]].max(axis=1))
    walks, at = walks[at >= 0], at[at >= 0]
    across = _neighbours(vertices, domain)
    for _ in range(WALK):
        w = _barycentric(x[vertices[at]], points[walks])
        held = w.min(axis=1) >= -ROUNDING
        cell[walks[held]], weight[walks[held]] = at[held], w[held]
        out = np.where(across[at] >= 0, w, 0.0)
        goes = ~held & (out.min(axis=1) < -ROUNDING)
        if not goes.any():
            break
        walks, at = walks[goes], across[at[goes], out[goes].argmin(axis=1)]
    return cell, weight


def _barycentric(corner: Array, p: Array) -> Array:
    """Barycentric coordinates (n, 3) of points (n, 2) in triangles (n, 3, 2)."""
    e, f, d = corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0], p - corner[:, 0]
    twice = e[:, 0] * f[:, 1] - e[:, 1] * f[:, 0]
    second = (d[:, 0] * f[:, 1] - d[:, 1] * f[:, 0]) / twice
    third = (e[:, 0] * d[:, 1] - e[:, 1] * d[:, 0]) / twice
    return np.stack([1.0 - second - third, second, third], axis=1)


def _neighbours(vertices: Index, domain: Index) -> Index:
    """The cell inside across the edge opposite each vertex (n_c, 3), -1 where there is none."""
    edges = np.sort(vertices[domain][:, [[1, 2], [2, 0], [0, 1]]].reshape(-1, 2), axis=1)
    order = np.lexsort(edges.T)
    same = np.flatnonzero((edges[order[1:]] == edges[order[:-1]]).all(axis=1))
    one, other = order[same], order[same + 1]
    across = np.full((len(vertices), 3), -1, dtype=np.int64)
    across[domain[one // 3], one % 3] = domain[other // 3]
    across[domain[other // 3], other % 3] = domain[one // 3]
    return across
