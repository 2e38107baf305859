r"""The recut of finest cells, which gives every node of the resolved zone exactly one site.

About each diagonal of a face of a brick stand four finest cells: an octahedron between the face's
corners a, p, b, q and the centres m, m' on both sides of it. They become the four about m-m',

    (m, m', a, p), (m, m', p, b), (m, m', b, q), (m, m', q, a)

The octahedron's boundary stays, so the mesh conforms; where all is resolved it is the triangulation
of Delaunay and Selling, in which all nodes are alike: 24 cells of a sixth of a site each. Octahedra
on both sides of a plane at which matter ends are left to `space.surface`.
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.types import Index
from qcmethod.mesh.shape import recut_of
from qcmethod.mesh.space.bricks import halves, key_of
from qcmethod.mesh.space.core import Tetrahedra
from qcmethod.mesh.space.simplex import tetrahedra_volumes
from qcmethod.mesh.space.surface import pyramids, straddles


@recut_of.register
def _(mesh: Tetrahedra) -> tuple[Index, Index]:
    quads = _octahedra(mesh)
    quads = quads[~straddles(mesh, mesh.cells[quads])]
    cells, partner = mesh.cells.copy(), np.full((mesh.n_cells, 3), -1, dtype=np.int64)
    of = mesh.cells[quads]  # (n, 4, 4): (a, side, b, centre) of each
    a, b = of[:, 0, 0], of[:, 0, 2]
    side, centre = np.sort(of[:, :, 1], axis=1), np.sort(of[:, :, 3], axis=1)
    p, q, m, n = side[:, 0], side[:, 3], centre[:, 0], centre[:, 3]
    for t, (u, v) in enumerate(((a, p), (p, b), (b, q), (q, a))):
        cells[quads[:, t]] = np.stack([m, n, u, v], axis=1)
        partner[quads[:, t]] = np.delete(quads, t, axis=1)
    pair, turned = pyramids(mesh)
    cells[pair], partner[pair, 0] = turned, pair[:, ::-1]
    return _positive(mesh, cells), partner


def _octahedra(mesh: Tetrahedra) -> Index:
    """The finest cells (n, 4) about each diagonal of a face that has all four."""
    fine = np.flatnonzero(mesh.is_finest)
    corner = halves(mesh.corners(mesh.cells[fine]))
    key = key_of(mesh.grid.wrapped((corner[:, 0] + corner[:, 2]) >> 1))
    order = np.argsort(key, kind="stable")
    start = np.flatnonzero(np.diff(key[order], prepend=-1))
    full = start[np.diff(np.append(start, len(key))) == 4]
    return np.asarray(fine[order[full[:, None] + np.arange(4)]])


def _positive(mesh: Tetrahedra, cells: Index) -> Index:
    """The cells turned so that their volumes are positive in the frame of the basis."""
    sign = tetrahedra_volumes(mesh.corners(cells)) * np.sign(np.linalg.det(mesh.basis))
    turned = sign < 0.0
    cells[turned] = cells[turned][:, [1, 0, 2, 3]]
    return cells
