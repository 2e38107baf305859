"""Minima of the energy of a perfect crystal against its lattice constant, from a table alone.

    E(a) = 1/2 sum_s m_s phi(d_s a) + F(n) - F(0),   n = sum_s m_s rho(d_s a)      (shells s)

over all distances of neighbours from the shortest on the table to its cut-off, for fcc and bcc. An
unrelaxed vacancy there costs

    E_v = sum_s m_s [-1/2 phi(d_s a) + F(n - rho(d_s a)) - F(n)]

which is 0.18 of the cohesive energy or more in the metals of tables in wide use.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qcmethod.base.types import Array
from qcmethod.potentials.forms.spline import SplineEAM
from qcmethod.potentials.shells import shells
from qcmethod.potentials.tables.table import Table

SHORTEST_BOND = 1.2
"""A; the neighbours of no cubic crystal are closer (hydrogen would have 1.6)."""
POINTS = 241
"""Lattice constants that are tried."""
NEIGHBOUR = {"fcc": 0.5**0.5, "bcc": 0.75**0.5}
"""Distance of nearest neighbours in lattice constants."""


class Well(NamedTuple):
    """A minimum of E(a): lattice, constant (A), distance of neighbours (A), energy (eV)."""

    structure: str
    constant: float
    neighbour: float
    energy: float

    def __str__(self) -> str:
        return f"{self.structure} a = {self.constant:.4g} A ({self.energy:.3f} eV)"


class Shells(NamedTuple):
    """A crystal at lattice constants (n,), A, shell by shell (n, s): how many neighbours within the
    cut-off, phi (eV) and rho of one; and of each constant the energy (n,), eV, and density (n,)."""

    within: Array
    phi: Array
    rho: Array
    energy: Array
    density: Array


def wells(table: Table) -> list[Well]:
    """The minima of fcc and bcc that are bound and on the grid of densities, lowest first."""
    found: list[Well] = []
    for structure, shortest in NEIGHBOUR.items():
        neighbour = np.linspace(_nearest(table), table.grid.cutoff, POINTS)
        sums = crystal(table.params, structure, neighbour / shortest)
        E, k = sums.energy, np.arange(1, POINTS - 1)
        low = (E[k] < E[k - 1]) & (E[k] <= E[k + 1]) & (E[k] < 0.0)
        found += [
            Well(structure, float(neighbour[i] / shortest), float(neighbour[i]), float(E[i]))
            for i in k[low & on_grid(table, sums.density[k])]
        ]
    return sorted(found, key=lambda well: well.energy)


def vacancy(table: Table, well: Well) -> float:
    """Energy of an unrelaxed vacancy, eV."""
    params = table.params
    sums = crystal(params, well.structure, np.array([well.constant]))
    change = _embedding(params, sums.density[:, None] - sums.rho)
    change -= _embedding(params, sums.density)[:, None]
    return float((sums.within * (change - 0.5 * sums.phi)).sum())


def collapse(table: Table, well: Well) -> float:
    """How much the crystal gains by compression to 0.7 of its distances, as far as the table goes:
    eV, 0 where it does not."""
    neighbour = np.linspace(max(table.r_min, 0.7 * well.neighbour), well.neighbour, 31)
    sums = crystal(table.params, well.structure, neighbour / NEIGHBOUR[well.structure])
    gained = np.where(on_grid(table, sums.density), sums.energy[-1] - sums.energy, 0.0)
    return float(max(0.0, gained.max()))


def on_grid(table: Table, density: Array) -> NDArray[np.bool_]:
    """Whether densities (n,) are on the grid, above its first step; all are where there is none."""
    if not np.any(table.rho):
        return np.ones(density.shape, np.bool_)
    return (table.grid.drho < density) & (density < table.grid.densest)


def crystal(params: SplineEAM, structure: str, constant: Array) -> Shells:
    """The crystal at lattice constants (n,), A, its energy against the isolated atom."""
    near = shells(structure, params.cutoff / float(constant.min()))
    distance, neighbours = np.array(near).reshape(-1, 2).T
    r = constant[:, None] * distance
    count = np.where(r < params.cutoff, neighbours, 0.0)
    phi = _value(params.radial[:, :4], r * params.inv_dr)[0] / r
    rho = _value(params.radial[:, 4:], r * params.inv_dr)[0]
    density = (count * rho).sum(axis=1)
    embedding = _embedding(params, density) - params.embedding[0, 0]
    return Shells(count, phi, rho, 0.5 * (count * phi).sum(axis=1) + embedding, density)


def _nearest(table: Table) -> float:
    """The shortest distance of neighbours that is tried, A."""
    return min(max(table.r_min, SHORTEST_BOND), 0.9 * table.grid.cutoff)


def _embedding(params: SplineEAM, density: Array) -> Array:
    """F(n), on by a line beyond its grid."""
    s = density * params.inv_dn
    value, slope = _value(params.embedding, s)
    return value + slope * np.maximum(s - len(params.embedding), 0.0)


def _value(rows: Array, s: Array) -> tuple[Array, Array]:
    """Values and slopes of Hermite rows (m, 4) at index coordinates s."""
    k = np.clip(s, 0, len(rows) - 1).astype(np.int64)
    t = np.minimum(s - k, 1.0)
    c0, c1, c2, c3 = np.moveaxis(rows[k], -1, 0)
    return ((c3 * t + c2) * t + c1) * t + c0, (3.0 * c3 * t + 2.0 * c2) * t + c1
