"""Where a problem is started from: displacements that somebody knows on top of the predictor.

    y_l = y0(x_l) + v_l        at the sites l of a region; beyond, v fades out

A problem without one starts from its predictor. What is found does depend on it: a crystal has many
equilibria, and a start says which one is meant.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qcmethod.base.stored import stored
from qcmethod.base.types import Array, Index
from qcmethod.lattice.plane import in_plane
from qcmethod.lattice.sites import Sites


@stored
@dataclass(frozen=True, eq=False)
class Start:
    """The corrector of some sites.

    Attributes
    ----------
    ij : (n, dim) integer coordinates of the sites
    x : (n, 3) their reference positions, A
    v : (n, 3) displacement on top of the predictor, A
    fade : width over which it fades out beyond them, A
    """

    ij: Index
    x: Array
    v: Array
    fade: float

    def at(self, ij: Index, x: Array) -> Array:
        """v (m, 3), A, at lattice points ij (m, dim) at x (m, 3); of others that of the nearest
        site, less the further away it is."""
        from scipy.spatial import cKDTree

        site = Sites(self.ij).find(ij)
        away, near = cKDTree(in_plane(self.x)).query(in_plane(x))
        share = np.where(site >= 0, 1.0, np.maximum(1.0 - away / self.fade, 0.0))
        return np.asarray(share[:, None] * self.v[np.where(site >= 0, site, near)])
