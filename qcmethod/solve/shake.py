"""A small random displacement of the core, so that no symmetry keeps a state on a saddle point.

    u_k + s r_k,    r_k uniform in [-1, 1]^3,  nodes of the core only

An indenter and its crystal often share a mirror plane or an axis. Forces at a symmetric state are
symmetric too, and a minimiser that starts from one never leaves: it follows the branch past the
load at which it becomes unstable against modes that break the symmetry, such as slip by a partial
with a component along the line. Once shaken it falls; a stable state is found again as it was. The
numbers follow from a seed, so that a ramp that was killed goes on to the same result.
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.types import Array
from qcmethod.coupling.system import System


def shaken(system: System, u: Array, size: float, seed: int) -> Array:
    """The corrector u (n_k, 3) with a displacement up to `size`, A, of every free core node."""
    on = system.free & (system.weights.beta_k == 0.0)[:, None]
    step = np.random.default_rng(seed).uniform(-size, size, u.shape)
    return np.where(on, u + step, u)
