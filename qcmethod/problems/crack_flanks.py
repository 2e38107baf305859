"""The flanks of a crack: the line x < 0 between the rows j = 0 and j = -1, up to a tip at x = 0.

On a mesh the nodes of the row j = 0 behind the tip are doubled. The upper flank is that row, so the
cells above leave out half of it; the lower one has the copies, and the cells below count half a row
too many.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from qcmethod.base.ramps import blending
from qcmethod.base.stored import stored
from qcmethod.base.types import Array, Bools, Index
from qcmethod.elasticity.predictor import Predictor
from qcmethod.lattice.plane import in_plane, radius
from qcmethod.lattice.region import Region
from qcmethod.mesh import Mesh, split_flank
from qcmethod.problems.cut import Faces


@stored
@dataclass(frozen=True)
class CrackFlanks:
    """Two free surfaces that meet at a tip; see `Cut`."""

    jumps: ClassVar[bool] = True
    ends: ClassVar[bool] = False

    def is_void(self, ij: Index) -> Bools:
        """None: there is matter on both sides."""
        return np.zeros(len(ij), dtype=bool)

    def is_last(self, ij: Index) -> Bools:
        """None."""
        return np.zeros(len(ij), dtype=bool)

    def bounded(self, region: Region, origin: Array) -> Region:
        """The region itself."""
        return region

    def is_above(self, ij: Index) -> Bools:
        """From the row j = 0 on."""
        return np.asarray(ij[:, 1] >= 0)

    def crosses(self, ij: Index, offset: Index, basis: Array, origin: Array) -> Bools:
        """Bonds across the line j = -1/2, x < 0."""
        j, step = np.broadcast_arrays(ij[..., 1], offset[..., 1])
        across = (j >= 0) != (j + step >= 0)
        at = (-0.5 - j) / np.where(across, step, 1)
        x = (ij + at[..., None] * offset) @ basis[:, 0] + origin[0]
        return np.asarray(across & (x < 0.0))

    def distance(self, x: Array) -> Array:
        """|y| behind the tip, the distance from the tip ahead of it."""
        return np.where(x[:, 0] > 0.0, radius(x), np.abs(x[:, 1]))

    def is_beside(self, x: Array) -> Bools:
        """Behind the tip."""
        return np.asarray(x[:, 0] < 0.0)

    def opened(self, mesh: Mesh) -> Mesh:
        """The nodes of the row j = 0 behind the tip are doubled."""
        return split_flank(mesh)

    def faces(self, mesh: Mesh, used: Bools) -> Faces:
        """The upper flank, then the lower one, from the outer end to the tip."""
        ij, lower_of = mesh.ij, mesh.lower_of
        copies = np.flatnonzero((lower_of >= 0) & used[: len(ij)])
        copies = copies[np.argsort(ij[copies, 0])]
        tip = _tip(mesh, int(ij[copies[-1], 0]))
        chain = [np.append(side, tip) for side in (lower_of[copies], copies)]
        upper, lower = (np.stack([c[:-1], c[1:]], axis=1) for c in chain)
        inside = used[upper].all(axis=1)
        edges = np.concatenate([upper[inside], lower[inside]])
        return Faces(edges, np.repeat([0.5, -0.5], int(inside.sum())))

    def relaxed(
        self, layers: Array, whole: float, predictor: Predictor, ij: Index, x: Array
    ) -> Array:
        """s(r/whole) R w_m of the layers m above, -s R w_m below; see `surface_layers`."""
        upper = ij[:, 1] >= 0
        layer = np.where(upper, ij[:, 1], -1 - ij[:, 1])
        moved = np.flatnonzero((layer < len(layers)) & (x[:, 0] < 0.0))
        w = np.where(upper[moved, None], 1.0, -1.0) * layers[layer[moved]]
        side = np.zeros(len(moved), dtype=np.int8)
        tangent = predictor.gradient(x[moved], side)[:, :, 0]
        c, s = (in_plane(tangent) / radius(tangent)[:, None]).T
        taper = blending(-x[moved, 0], 0.0, whole)
        out = np.zeros((len(x), 3))
        out[moved] = taper[:, None] * np.stack(
            [c * w[:, 0] - s * w[:, 1], s * w[:, 0] + c * w[:, 1], w[:, 2]], axis=1
        )
        return out


def _tip(mesh: Mesh, last: int) -> int:
    """The first node of the row j = 0 that is not doubled."""
    ij, lower_of = mesh.ij, mesh.lower_of
    ahead = np.flatnonzero((ij[:, 1] == 0) & (ij[:, 0] > last) & (lower_of < 0))
    return int(ahead[np.argmin(ij[ahead, 0])])
