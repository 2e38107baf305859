r"""What an enrichment does not see of an error: the factor from its answer to the whole.

A cell of 2^L finest ones knows the lattice's displacement, itself P1 on the finest cells, up to
the details of L bisections. Each halves the area, and so the square of a P1 error of a smooth
field (Babuska and Rheinboldt 1978, SIAM J. Numer. Anal. 15, 736): the details of the levels L, L -
1, ..., 1 hold squares as 2^(L-1) : ... : 2 : 1, and nothing is left at L = 0. They are orthogonal
in the energy norm. An enrichment that cuts cells from L to M sees the levels above M,

    error^2 / seen^2  =  (2^L - 1)/(2^L - 2^M)

which for one cut is 1 with L = 1, 3/2 with L = 2, and 2 for coarse cells. In space a bisection
halves the volume and takes a third of the way to half the edges: q = 2^(2/3) stands for 2, and
for one cut the factors are 1, 1.63, ..., 2.70.

An error that falls as 1/R, that of a clamped rim about a corrector of 1/r, keeps a quarter of its
square in twice the domain: 4/3; in space, about a corrector of 1/r^2, an eighth: 8/7. A core
wider by a blending zone leaves next to nothing of the model's error, whose square falls as R^-6
about a corrector of 1/r: 1.

A displacement is a linear functional, u - u_h against its dual solution, each off by a P1 error:
it falls as the *square* of the energy norm does, and these are its factors as they stand.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qcmethod import mesh as meshing
from qcmethod.base.types import Array
from qcmethod.coupling.system import System
from qcmethod.mesh import Mesh
from qcmethod.studies.adapt.discretise import leaves_at

KINDS = ("model", "discretisation", "truncation")
"""Kinds of errors: atoms that are none, nodes that are missing, a rim that is too near."""

MODEL, TRUNCATION = 1.0, {2: 4.0 / 3.0, 3: 8.0 / 7.0}
"""Square of the whole error of a kind over what is seen of it; by the dimension."""


def saturation(mesh: Mesh, rich: System, kind: NDArray[np.int8]) -> Array:
    """Whole over seen square of the error (n_k,) at the nodes of an enriched system.

    mesh : that was enriched, before it was slit; kind : (n_k,) index into KINDS
    """
    fine = rich.body.mesh
    leaf = leaves_at(mesh, fine.ij, fine.lower_of >= 0)
    q = 2.0 ** (2.0 / mesh.dim)
    before = q ** (mesh.depth - mesh.level[leaf])
    after = np.ones(fine.n_nodes)  # the largest of the cells about a node
    for corner in meshing.canonical(fine).T:
        np.maximum.at(after, corner, q ** (fine.depth - fine.level))
    seen = np.maximum(before - after, 0.0)
    cells = np.where(seen > 0.0, (before - 1.0) / np.maximum(seen, q - 1.0), 1.0)
    clamped = ~rich.free.any(axis=1)  # a rim that stays where it is
    return np.select([kind == 0, (kind == 1) | clamped], [MODEL, cells], TRUNCATION[mesh.dim])


def norm(system: System, v: Array) -> float:
    """|grad v| in L2, v (n_k, 3), over the cells of a system that have a field."""
    body, cells = system.body, system.body.cells
    empty = (body.is_removed | body.is_lower)[cells.vertices].any(axis=1)
    empty &= body.mesh.is_finest[body.cell]
    volume = np.where(empty, 0.0, cells.volume)
    G2 = (cells.gradient_of(v) ** 2).sum(axis=(1, 2))
    return float(np.sqrt((volume[cells.point_cell] * cells.fraction) @ G2))
