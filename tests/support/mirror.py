"""An engine that is a mirror: the site energies of a native form of one element, bond by bond.

    V_i = 1/2 sum phi(r) + F(sum rho(r))

over all images within the cut-off, found by matscipy. What the package makes of an engine must be
what it makes of the form itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matscipy.neighbours import neighbour_list
from numba import njit

import qcmethod as qc
from qcmethod.crystal.cauchy_born import energy_stress
from qcmethod.errors import EngineError
from qcmethod.potentials.can import Can
from qcmethod.potentials.site import embed, pair
from qcmethod.potentials.sums.sites import SiteSum


@njit
def radial(p, r):
    out = np.empty((len(r), 4))
    for m in range(len(r)):
        out[m] = np.array(pair(p, r[m]))
    return out


@njit
def embedded(p, n):
    out = np.empty((len(n), 2))
    for i in range(len(n)):
        F, dF, _ = embed(p, n[i])
        out[i, 0], out[i, 1] = F, dF
    return out


ALL = Can.FORCES | Can.SITE_ENERGY | Can.STRESS
FORCES = Can.FORCES | Can.STRESS


@dataclass(frozen=True)
class Mirror:
    """The engine of a native potential; `calls` counts what is asked."""

    of: qc.Potential
    can: Can = ALL
    calls: list = None

    name = property(lambda self: f"mirror of {self.of.name}")
    elements = property(lambda self: (self.of.element,))
    masses = property(lambda self: (self.of.mass,))
    cutoff = property(lambda self: self.of.cutoff)
    reach = property(lambda self: self.of.reach)
    isolated = property(lambda self: self.of.isolated)
    floor = 0.0
    numbers = property(lambda self: ["mirror", *self.of.numbers])

    def session(self, y, cell, periodic, species, weights=None):
        if not any(periodic[:2]):
            period = float(cell[2, 2]) if periodic[2] else np.inf
            w = np.ones(len(y)) if weights is None else weights
            return Columns(self, self.of.site_sum(period, w, np.zeros(len(y))), weights is None)
        if all(periodic) and len(y) == 1:
            return Cell(self, np.array(cell, dtype=float))
        return Images(self, np.array(cell, dtype=float), periodic, weights)


def mirrored(potential: qc.Potential, can: Can = ALL) -> qc.Potential:
    """The same potential through the door of engines."""
    engine = Mirror(potential, can, [])
    return qc.Potential.of_engine(engine, potential.structure, potential.lattice_constant)


@dataclass
class Columns:
    """Columns along z: the native sum itself."""

    engine: Mirror
    sum: SiteSum
    whole: bool

    def at(self, y, cell=None):
        assert cell is None
        self.engine.calls.append(len(y))
        state = self.sum.at(y)
        return state.energy, state.gradient

    def energies(self, y):
        if Can.SITE_ENERGY not in self.engine.can:
            raise EngineError(f"{self.engine.name}: no site energies")
        return self.sum.energies(y)

    def virial(self):
        raise NotImplementedError

    def close(self):
        pass


@dataclass
class Cell:
    """One atom and its images: the kernel of the Cauchy-Born law on the lattice of the box."""

    engine: Mirror
    cell: np.ndarray

    def at(self, y, cell=None):
        self.engine.calls.append(1)
        self.cell = self.cell if cell is None else cell
        reach = np.ceil(self.engine.cutoff * np.linalg.norm(np.linalg.inv(self.cell), axis=0))
        grid = np.meshgrid(*[np.arange(-m, m + 1) for m in reach.astype(int)], indexing="ij")
        index = np.stack([g.ravel() for g in grid], axis=1)
        half = index[len(index) // 2 + 1 :] @ self.cell
        half = half[np.linalg.norm(half, axis=1) < self.engine.cutoff]
        W, P, _, _ = energy_stress(self.engine.of.params, np.eye(3)[None], half)
        self.X = P[0]
        return float(W[0]), np.zeros((1, 3))

    def energies(self, y):
        return np.array([self.at(y)[0]])

    def virial(self):
        return self.X

    def close(self):
        pass


class Images:
    """Atoms in a periodic box, each with all images of all others."""

    def __init__(self, engine, cell, periodic, weights):
        self.engine, self.cell, self.periodic, self.w = engine, cell, periodic, weights

    def at(self, y, cell=None):
        self.engine.calls.append(len(y))
        if cell is not None:
            self.cell = cell
        p, rc = self.engine.of.params, self.engine.cutoff
        box = {"positions": y, "cell": self.cell, "pbc": np.array(self.periodic)}
        i, j, d, r = neighbour_list("ijDd", cutoff=rc, **box)
        phi, dphi, rho, drho = radial(p, r).T
        n = np.bincount(i, rho, len(y))
        F, dF = embedded(p, n).T
        w = np.ones(len(y)) if self.w is None else self.w
        self.V = 0.5 * np.bincount(i, phi, len(y)) + F
        t = (w[i] * (0.5 * dphi + dF[i] * drho) / r)[:, None] * d
        g = np.array([np.bincount(j, c, len(y)) - np.bincount(i, c, len(y)) for c in t.T]).T
        self.X = np.einsum("ba,bc->ac", t, d)
        return float(w @ self.V), g

    def energies(self, y):
        self.at(y)
        return self.V

    def virial(self):
        return self.X

    def close(self):
        pass
