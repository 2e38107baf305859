"""The recovered gradient against the raw one (Zienkiewicz and Zhu 1987, Int. J. Numer. Methods Eng.
24, 337).

    zz     vol_c |G - grad u|^2,     G: nodal mean of grad u
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.types import Array
from qcmethod.coupling.system import System
from qcmethod.studies.adapt.indicator import at_nodes, gradients, indicator


@indicator("zz")
def zienkiewicz_zhu(system: System, u: Array) -> Array:
    """Recovered minus raw gradient, (n_c,)."""
    cells = system.body.cells
    G = gradients(system, u)[0].reshape(-1, 9)
    recovered = at_nodes(system, G)[1][cells.vertices]
    return np.asarray(cells.volume * ((recovered - G[:, None]) ** 2).sum(axis=2).mean(axis=1))
