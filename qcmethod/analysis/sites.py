"""What a state says of its sites and cells: the zone that each is in; the energy of a site."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qcmethod.base.types import Array
from qcmethod.coupling.system import System


def zone_of(beta: Array) -> NDArray[np.int64]:
    """0 atomistic, 1 blended, 2 continuum (n,)."""
    return np.where(beta == 0.0, 0, np.where(beta == 1.0, 2, 1))


def zone_of_cells(system: System) -> NDArray[np.int64]:
    """The same of each cell (n_c,), by its vertices: one between atoms and continuum is 1."""
    zone = zone_of(system.weights.beta_k)[system.body.cells.vertices]
    first, last = zone.min(axis=1), zone.max(axis=1)
    return np.where(first == last, first, 1)


def site_energies(system: System, u: Array) -> Array:
    """Energy of each listed site (n_l,) over its reference, eV; 0 where no atom is asked.

    That is in the continuum, and on the reconstructed interface sites of `qnl` and `grac`.
    """
    sites = system.model.sites
    asked = (sites.w > 0.0) & (system.weights.w_l > 0.0)
    V = sites.energies(system.body.positions(u))
    return np.where(asked, V - system.reference_energies, 0.0)
